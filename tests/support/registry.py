"""The real Debian `docker-registry` on loopback, and pushing small images to any registry."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import socket
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support import waiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAM = "docker-registry"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
USER, PASSWORD = "robot", "s3cret-robot"
"""Who is let in where a registry asks."""
_HASHED = "$2b$04$WKixVSf8kTRck4jgF4orBehYmv18NrEF7GZY0cNdXgDx0e0Gfjbam"


@dataclass(slots=True)
class Registry:
    """A registry that runs."""

    url: str
    process: subprocess.Popen[bytes]
    user: str = ""
    password: str = ""

    @property
    def auth(self) -> tuple[str, str] | None:
        """What httpx sends, if the registry asks who we are."""
        return (self.user, self.password) if self.user else None

    def push(
        self,
        repository: str,
        tag: str,
        *,
        created: str = "2026-01-02T03:04:05Z",
        platform: str = "linux/amd64",
        labels: dict[str, str] | None = None,
        annotations: dict[str, str] | None = None,
    ) -> str:
        """Push an image of one small layer whose contents depend on the tag; return its digest."""
        with httpx.Client(base_url=self.url, auth=self.auth, timeout=20) as client:
            return push(
                client,
                repository,
                tag,
                created=created,
                platform=platform,
                labels=labels,
                annotations=annotations,
            )

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)


def push(
    client: httpx.Client,
    repository: str,
    tag: str,
    *,
    created: str = "2026-01-02T03:04:05Z",
    platform: str = "linux/amd64",
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
) -> str:
    """Push an image through a client whose base URL is the registry's; return its digest."""
    system, _, architecture = platform.partition("/")
    config = {
        "created": created,
        "os": system,
        "architecture": architecture,
        "config": {"Labels": labels or {}},
        "rootfs": {"type": "layers", "diff_ids": []},
    }
    layer = blob(client, repository, f"layer of {tag}".encode())
    described = blob(client, repository, json.dumps(config).encode())
    manifest: dict[str, object] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {**described, "mediaType": "application/vnd.oci.image.config.v1+json"},
        "layers": [{**layer, "mediaType": "application/vnd.oci.image.layer.v1.tar"}],
    }
    if annotations:
        manifest["annotations"] = annotations
    return put(client, repository, tag, manifest, MANIFEST)


def put(
    client: httpx.Client, repository: str, tag: str, manifest: dict[str, object], media_type: str
) -> str:
    """Put a manifest under a tag; return its digest."""
    body = json.dumps(manifest).encode()
    answer = client.put(
        f"/v2/{repository}/manifests/{tag}", content=body, headers={"Content-Type": media_type}
    )
    answer.raise_for_status()
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def blob(client: httpx.Client, repository: str, data: bytes) -> dict[str, object]:
    """Push a blob; return what manifests say of it."""
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    begun = client.post(f"/v2/{repository}/blobs/uploads/")
    begun.raise_for_status()
    place = httpx.URL(begun.headers["location"]).copy_merge_params({"digest": digest})
    client.put(
        place, content=data, headers={"Content-Type": "application/octet-stream"}
    ).raise_for_status()
    return {"digest": digest, "size": len(data)}


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(folder: Path, *, port: int | None = None, asks: bool = False) -> Iterator[Registry]:
    """Run a registry with its images in `folder`; one that asks lets `USER` in with `PASSWORD`."""
    program = shutil.which(PROGRAM)
    if program is None:
        pytest.fail(f"{PROGRAM} is not installed: tools/apt.sh installs it (as root, with apt)")
    folder.mkdir(parents=True, exist_ok=True)
    number = port or free_port()
    config = (
        "version: 0.1\nlog: {level: warn}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder / 'images'}}}, delete: {{enabled: true}}}}\n"
        f'http: {{addr: "127.0.0.1:{number}"}}\n'
    )
    if asks:
        (folder / "htpasswd").write_text(f"{USER}:{_HASHED}\n")
        config += f"auth: {{htpasswd: {{realm: towpath, path: {folder / 'htpasswd'}}}}}\n"
    (folder / "config.yml").write_text(config)
    log = (folder / "log").open("ab")
    process = subprocess.Popen(
        [program, "serve", str(folder / "config.yml")], stdout=log, stderr=log
    )
    user, password = (USER, PASSWORD) if asks else ("", "")
    registry = Registry(f"http://127.0.0.1:{number}", process, user, password)
    try:
        _await(registry, folder)
        yield registry
    finally:
        log.close()
        if process.poll() is None:
            registry.stop()


def _await(registry: Registry, folder: Path) -> None:
    """Return once the registry answers; it has no other way to say so."""

    def answers() -> bool:
        assert registry.process.poll() is None, (folder / "log").read_text()
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{registry.url}/v2/", timeout=10)
            return True
        return False

    waiting.until(answers, lambda: f"the registry answers: {(folder / 'log').read_text()}")
