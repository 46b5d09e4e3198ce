"""A container registry for the demo: the part of the OCI distribution protocol that pushing and looking take.

Blobs and manifests lie in a folder by digest, tags in files of their own.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from towpath.demo.loopback import Loopback
from towpath.disk import writing

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.demo.loopback import Answer, Request

_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH: Final = re.compile(
    # Names and tags as the distribution specification has them: they become paths, and none leads out of the folder.
    rf"/v2/(?P<name>{_PART}(?:/{_PART})*)/(?P<kind>tags/list"
    r"|manifests/(?P<reference>sha256:[0-9a-f]{64}|[A-Za-z0-9_][A-Za-z0-9._-]{0,127})"
    r"|blobs/(?P<digest>sha256:[0-9a-f]{64})|blobs/uploads/(?P<upload>[0-9a-f]*))"
)
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_JSON: Final = {"Content-Type": "application/json"}


class DemoRegistry:
    """A registry that keeps its contents below a folder."""

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "blobs"
        self._tags = folder / "tags"
        for made in (self._blobs, self._tags):
            made.mkdir(parents=True, exist_ok=True)
        self._http = Loopback(self._respond)

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._http.url

    def close(self) -> None:
        """Stop."""
        self._http.close()

    def _respond(self, request: Request) -> Answer:
        if request.path.rstrip("/") == "/v2":
            return 200, _JSON, b"{}"
        match = _PATH.fullmatch(request.path)
        if match is None:
            return _refused(404, "NAME_UNKNOWN", "there is no such path")
        name = match["name"]
        if match["kind"] == "tags/list":
            return self._list(name, request)
        if match["reference"]:
            return self._manifest(name, match["reference"], request)
        if match["digest"]:
            return self._blob(match["digest"], request)
        return self._upload(name, request)

    def _list(self, name: str, request: Request) -> Answer:
        folder = self._tags / name
        if not folder.is_dir():
            return _refused(404, "NAME_UNKNOWN", f"there is no repository {name}")
        query = parse_qs(request.query)
        tags = sorted(path.name for path in folder.iterdir() if path.name[0] != ".")
        last = query.get("last", [""])[0]
        tags = [tag for tag in tags if tag > last]
        headers = dict(_JSON)
        size = query.get("n", [""])[0]
        if size.isdecimal() and len(tags) > int(size):
            tags = tags[: int(size)]
            headers["Link"] = f'</v2/{name}/tags/list?n={size}&last={tags[-1]}>; rel="next"'
        return 200, headers, json.dumps({"name": name, "tags": tags}).encode()

    def _manifest(self, name: str, reference: str, request: Request) -> Answer:
        if request.method == "PUT":
            digest = self._keep(request.body)
            if not _DIGEST.fullmatch(reference):
                path = self._tags / name / reference
                path.parent.mkdir(parents=True, exist_ok=True)
                writing.write(path, digest.encode())
            return 201, {"Docker-Content-Digest": digest, "Location": request.path}, b""
        path = self._tags / name / reference
        digest = reference
        if not _DIGEST.fullmatch(reference):
            if not path.is_file():
                return _refused(404, "MANIFEST_UNKNOWN", f"there is no tag {reference}")
            digest = path.read_text()
        body = self._blobs / digest.partition(":")[2]
        if not body.is_file():
            return _refused(404, "MANIFEST_UNKNOWN", f"there is no manifest {digest}")
        content = body.read_bytes()
        kind = str(json.loads(content).get("mediaType") or "application/json")
        headers = {
            "Content-Type": kind,
            "Docker-Content-Digest": digest,
            "Content-Length": str(len(content)),
        }
        return 200, headers, content

    def _blob(self, digest: str, request: Request) -> Answer:
        path = self._blobs / digest.partition(":")[2]
        if request.method not in ("GET", "HEAD") or not path.is_file():
            return _refused(404, "BLOB_UNKNOWN", f"there is no blob {digest}")
        content = path.read_bytes()
        headers = {"Docker-Content-Digest": digest, "Content-Length": str(len(content))}
        return 200, headers, content

    def _upload(self, name: str, request: Request) -> Answer:
        wanted = parse_qs(request.query).get("digest", [""])[0]
        if request.method == "POST" and not wanted:
            place = f"/v2/{name}/blobs/uploads/{secrets.token_hex(16)}"
            return 202, {"Location": place}, b""
        digest = self._keep(request.body)
        if digest != wanted:
            return _refused(400, "DIGEST_INVALID", f"the content has the digest {digest}")
        return 201, {"Docker-Content-Digest": digest, "Location": request.path}, b""

    def _keep(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        path = self._blobs / digest
        if not path.is_file():
            writing.write(path, content)
        return f"sha256:{digest}"


def _refused(status: int, code: str, message: str) -> Answer:
    body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
    return status, {**_JSON, "Content-Length": str(len(body))}, body
