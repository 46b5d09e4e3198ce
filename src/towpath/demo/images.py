"""Makes a small image and pushes it to a registry, as CI would at the end of a build."""

from __future__ import annotations

import hashlib
import json
import re
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin

from towpath.errors import Unavailable

_TAG: Final = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
_TAKEN: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9]{4}-\w{7}")
CRASHES: Final = "crashes"
"""Stands in a tag for the build of an image whose Pods never become ready."""
FAILING: Final = "failing"
"""The same for one that is deployed and ready, and answers wrongly."""
_LABELS: Final = "org.opencontainers.image."
_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
_LAYER: Final = "application/vnd.oci.image.layer.v1.tar"


@dataclass(frozen=True, slots=True)
class BuiltFrom:
    """What an image was built of."""

    source: str
    """The repository, by its URL."""
    commit: str


def push_image(
    registry: str, repository: str, tag: str, *, when: datetime, of: BuiltFrom | None = None
) -> str:
    """Push an image of one tiny layer; return its digest. `registry`: base URL. `of`: what its labels say. Raises Unavailable."""
    layer = _blob(registry, repository, f"{repository}:{tag}\n".encode(), _LAYER)
    created = when.astimezone(UTC).isoformat(timespec="seconds")
    labels = {f"{_LABELS}created": created, f"{_LABELS}version": tag}
    if of is not None:
        labels |= {f"{_LABELS}source": of.source, f"{_LABELS}revision": of.commit}
    config = {
        "created": when.astimezone(UTC).isoformat(),
        "os": "linux",
        "architecture": "amd64",
        "config": {"Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
    }
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _blob(registry, repository, json.dumps(config).encode(), _CONFIG),
            "layers": [layer],
            "annotations": labels,  # as BuildKit writes them on request: a look finds them without the configuration
        }
    ).encode()
    _send("PUT", f"{registry}/v2/{repository}/manifests/{tag}", manifest, _MANIFEST)
    return f"sha256:{hashlib.sha256(manifest).hexdigest()}"


def tags(registry: str, repository: str) -> list[str]:
    """Return the tags of a repository, none if it is not there yet. Raises Unavailable."""
    try:
        with urllib.request.urlopen(  # noqa: S310 - our own registry on loopback
            f"{registry}/v2/{repository}/tags/list", timeout=10
        ) as answer:
            return list(json.load(answer)["tags"])
    except HTTPError as error:
        if error.code == 404:
            return []
        raise Unavailable(f"the demo's registry answered {error.code}") from error
    except URLError as error:
        raise _away(registry, error) from error


def is_tag(text: str) -> bool:
    """Whether a registry takes a text as a tag."""
    return _TAG.fullmatch(text) is not None


def next_tag(known: list[str], when: datetime, *, build: str = "") -> str:
    """Return a tag that the example's Warehouse takes and that is newer than those it took.

    `build`: `CRASHES` or `FAILING`, for an image with that fault.
    """
    newest = max((each for each in known if _TAKEN.fullmatch(each)), default="")
    build = build or f"{len(known) + 1:07x}"
    while (found := f"{when:%Y-%m-%d_%H%M}-{build}") <= newest:
        when += timedelta(minutes=1)
    return found


def _blob(registry: str, repository: str, content: bytes, kind: str) -> dict[str, Any]:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    begun = _send("POST", f"{registry}/v2/{repository}/blobs/uploads/", b"", kind)
    place = urljoin(registry, begun)
    separator = "&" if "?" in place else "?"
    _send("PUT", f"{place}{separator}digest={digest}", content, "application/octet-stream")
    return {"mediaType": kind, "digest": digest, "size": len(content)}


def _send(method: str, url: str, body: bytes, kind: str) -> str:
    """Send a request; return the `Location` of the answer."""
    request = urllib.request.Request(  # noqa: S310 - as above
        url, data=body, method=method, headers={"Content-Type": kind}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            return str(answer.headers.get("Location") or "")
    except HTTPError as error:
        raise Unavailable(f"the demo's registry answered {error.code} to {method} {url}") from error
    except URLError as error:
        raise _away(url, error) from error


def _away(where: str, error: URLError) -> Unavailable:
    return Unavailable(
        f"the demo's registry at {where} does not answer ({error.reason}); is `towpath demo` running?"
    )
