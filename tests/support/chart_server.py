"""A repository of charts over HTTP, and charts pushed to a real registry."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import io
import json
import tarfile
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx

from tests.support.registry import PASSWORD, USER, blob
from tests.support.registry import put as put_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.registry import Registry

CONFIG = "application/vnd.cncf.helm.config.v1+json"
CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


def archive(name: str, version: str, files: dict[str, str] | None = None, **entries: Any) -> bytes:
    """Return the archive of a small chart; `entries`: more of a TarInfo for one odd entry, `odd` its name."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:", format=tarfile.USTAR_FORMAT) as packed:
        described = f"apiVersion: v2\nname: {name}\nversion: {version}\n"
        value = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Chart.Name }}-{{ .Chart.Version }}'}\n"
        all_files = {"Chart.yaml": described, "values.yaml": "", "templates/c.yaml": value}
        for path, text in (all_files | (files or {})).items():
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size = len(text.encode())
            packed.addfile(entry, io.BytesIO(text.encode()))
        if entries:
            odd = tarfile.TarInfo(entries.pop("odd"))
            for key, told in entries.items():
                setattr(odd, key, told)
            packed.addfile(odd, io.BytesIO(b"\0" * odd.size) if odd.size else None)
    return gzip.compress(written.getvalue(), mtime=0)


@dataclass
class ChartServer:
    """A repository that runs: files by path, who may read them, and what was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    asks: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Paths, and what stood in `Authorization`."""
    redirects: dict[str, str] = field(default_factory=dict)
    marks: str = ""
    """By what it tells versions of a file: `ETag`, `Last-Modified`, or not at all."""
    answered: list[int] = field(default_factory=list)
    """What it answered."""
    odd: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    """Paths that are answered by a function."""
    port: int = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/charts"

    def offer(self, *charts: tuple[str, str], **digests: str) -> None:
        """Add charts, and write the index anew; `digests` replaces that of a chart."""
        entries: dict[str, list[dict[str, Any]]] = {}
        for name, version in charts:
            data = archive(name, version)
            path = f"{name}-{version}.tgz"
            self.files[f"/charts/{path}"] = data
            digest = digests.get(name, hashlib.sha256(data).hexdigest())
            entries.setdefault(name, []).append(
                {
                    "apiVersion": "v2",
                    "name": name,
                    "version": version,
                    "digest": digest,
                    "urls": [path],
                }
            )
        self.index(entries)

    def index(self, entries: dict[str, Any]) -> None:
        """Write the index."""
        import yaml

        text = yaml.safe_dump(
            {"apiVersion": "v1", "entries": entries, "generated": "2026-01-02T03:04:05Z"}
        )
        self.files["/charts/index.yaml"] = text.encode()


@contextlib.contextmanager
def serving(*, asks: bool = False) -> Iterator[ChartServer]:
    """Run a repository on loopback; one that asks lets `USER` in with `PASSWORD`."""
    server = ChartServer(asks=asks)
    right = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            server.asked.append((self.path, self.headers.get("Authorization", "")))
            if odd := server.odd.get(path):
                self.close_connection = True
                with contextlib.suppress(OSError):  # who asked has gone
                    odd(self)
                return
            if target := server.redirects.get(path):
                self.send_response(302)
                self.send_header("Location", target)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            refused = server.asks and self.headers.get("Authorization") != right
            body = b"" if refused else server.files.get(path)
            mark = _mark(server.marks, body or b"")
            asks_for_another = "If-None-Match" if server.marks == "ETag" else "If-Modified-Since"
            is_known = bool(mark) and self.headers.get(asks_for_another) == mark
            body = b"" if body is not None and is_known else body
            status = 401 if refused else 404 if body is None else 304 if is_known else 200
            server.answered.append(status)
            self.send_response(status)
            if mark:
                self.send_header(server.marks, mark)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join(10)


def _mark(kind: str, body: bytes) -> str:
    """Return what a body is called by, after its contents."""
    digest = hashlib.sha256(body).hexdigest()
    if kind == "Last-Modified":
        return f"Fri, 02 Jan 2026 03:04:{int(digest[:4], 16) % 60:02} GMT"
    return f'"{digest}"' if kind else ""


def push(registry: Registry, repository: str, version: str, data: bytes | None = None) -> None:
    """Push a chart to a real registry, as `helm push` does."""
    name = repository.rpartition("/")[2]
    contents = archive(name, version) if data is None else data
    config = json.dumps({"name": name, "version": version, "apiVersion": "v2"}).encode()
    with httpx.Client(base_url=registry.url, auth=registry.auth, timeout=20) as client:
        manifest = {
            "schemaVersion": 2,
            "config": {"mediaType": CONFIG, **blob(client, repository, config)},
            "layers": [{"mediaType": CONTENT, **blob(client, repository, contents)}],
        }
        tag = version.replace("+", "_")
        put_manifest(
            client, repository, tag, manifest, "application/vnd.oci.image.manifest.v1+json"
        )
