"""A repository at an odd registry to whose image things are attached, told of by the API, by the tag, by cosign's tags or not at all."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from tests.support.contracts import Contract

if TYPE_CHECKING:
    from tests.support.odd_registry import OddRegistry
    from towpath.demo.loopback import Answer, Request

INDEX: Final = "application/vnd.oci.image.index.v1+json"
MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
NOTATION: Final = "application/vnd.cncf.notary.signature"
SPDX: Final = "application/spdx+json"
IMAGE: Final = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": {}}).encode()
SUBJECT: Final = f"sha256:{hashlib.sha256(IMAGE).hexdigest()}"


def descriptor(
    artifact_type: str, number: int = 0, annotations: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return the descriptor of something attached."""
    digest = hashlib.sha256(f"{artifact_type} {number}".encode()).hexdigest()
    return {
        "mediaType": MANIFEST,
        "digest": f"sha256:{digest}",
        "size": 700 + number,
        "artifactType": artifact_type,
        "annotations": annotations or {},
    }


def index(items: list[Any]) -> dict[str, Any]:
    """Return an index of descriptors."""
    return {"schemaVersion": 2, "mediaType": INDEX, "manifests": items}


@dataclass
class Attaching:
    """What is attached, and how the registry tells of it."""

    items: list[dict[str, Any]] = field(default_factory=list)
    api: bool = True
    tag: bool = False
    filters: bool = False
    page: int = 0
    """Items of a page; 0: all come on one."""
    tagged: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Manifests of other tags."""
    there: bool = True
    """Whether the image itself is."""

    def serve(self, registry: OddRegistry, name: str = "a") -> None:
        """Have a registry answer for a repository."""
        registry.special[f"/v2/{name}/referrers/"] = self._listed
        registry.special[f"/v2/{name}/manifests/"] = self._manifest

    def _listed(self, request: Request) -> Answer:
        if not self.api:
            return 404, {}, b"404 page not found"
        assert request.path.endswith(SUBJECT)
        query = parse_qs(request.query)
        items, headers = self.items, {"Content-Type": INDEX}
        if self.filters and "artifactType" in query:
            items = [each for each in items if each["artifactType"] == query["artifactType"][0]]
            headers["OCI-Filters-Applied"] = "artifactType"
        if self.page:
            begin = int(query.get("from", ["0"])[0])
            if begin + self.page < len(items):
                headers["Link"] = f'<{request.path}?from={begin + self.page}>; rel="next"'
            items = items[begin : begin + self.page]
        return 200, headers, _valid(items)

    def _manifest(self, request: Request) -> Answer:
        tag = request.path.rpartition("/")[2]
        if tag == SUBJECT.replace(":", "-") and self.tag:
            body, kind = _valid(self.items), INDEX
        elif tag in self.tagged:
            body, kind = json.dumps(self.tagged[tag]).encode(), MANIFEST
        elif tag == SUBJECT and self.there:
            body, kind = IMAGE, MANIFEST
        else:
            return 404, {}, b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "none"}]}'
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        return 200, {"Content-Type": kind, "Docker-Content-Digest": digest}, body


def _valid(items: list[dict[str, Any]]) -> bytes:
    """Return an index that is as the contract has it."""
    document = index(items)
    Contract("oci", "distribution.schema.json").fits("referrers", document)
    return json.dumps(document).encode()
