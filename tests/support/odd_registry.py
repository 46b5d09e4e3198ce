"""A registry in this process that answers as a test says: it pages, throttles, redirects and lies."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING, ClassVar

from towpath.clients.http import Egress
from towpath.clients.oci import ImageRepository, Registries
from towpath.clients.oci.authentication import ANONYMOUS, RegistryCredential
from towpath.clock import SystemClock
from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from towpath.clients.oci.kept_contents import KeptContents
    from towpath.clock import Clock
    from towpath.demo.loopback import Answer, Request

HOST = "registry.example"
CONFIG = json.dumps({"os": "linux", "architecture": "amd64", "config": {}}).encode()
MANIFEST = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"digest": f"sha256:{hashlib.sha256(CONFIG).hexdigest()}"},
        "layers": [],
    }
).encode()
DIGEST = f"sha256:{hashlib.sha256(MANIFEST).hexdigest()}"


class OddRegistry:
    """Answers as a test says; by default it has three tags of one image."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.tags = ["1.0.0", "1.1.0", "1.2.0"]
        self.special: dict[str, Callable[[Request], Answer | None]] = {}
        """What answers first, by the begin of a path."""
        self.http = Loopback(self._respond)

    def _respond(self, request: Request) -> Answer:
        self.asked.append(f"{request.method} {request.path}")
        for begin, answer in self.special.items():
            if request.path.startswith(begin) and (found := answer(request)) is not None:
                return found
        if request.path.endswith("/tags/list"):
            return 200, {}, json.dumps({"tags": self.tags}).encode()
        if "/blobs/" in request.path:
            return 200, {}, CONFIG
        kind = {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}
        return 200, {**kind, "Docker-Content-Digest": DIGEST}, MANIFEST


class Direct(Registries):
    """Asks one place, as if it were the registry itself: a mirror's errors lead on to the registry."""

    place = ""
    places: ClassVar[dict[str, str]] = {}
    """Others, by the first part of a repository's URL."""

    def open(
        self, url: str, credential: RegistryCredential = ANONYMOUS, *, insecure: bool = False
    ) -> ImageRepository:
        """Return the repository of that name at the one place."""
        return dataclasses.replace(
            super().open(url, credential, insecure=insecure),
            bases=(self.places.get(url.partition("/")[0], self.place),),
        )


@contextlib.asynccontextmanager
async def world(
    kept: KeptContents | None = None, clock: Clock | None = None
) -> AsyncIterator[tuple[OddRegistry, Registries]]:
    """Run an odd registry; yield it, and registries of which each one is it. `clock`: by which answers grow old."""
    served, used = OddRegistry(), SystemClock()
    try:
        allow = [served.http.url.removeprefix("http://")]
        async with Egress(allow=allow, clock=used, per_second=10_000) as egress:
            registries = Direct(egress, clock=clock or used, kept=kept)
            registries.place = served.http.url
            yield served, registries
    finally:
        served.http.close()
