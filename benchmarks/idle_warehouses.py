"""What Warehouses cost that find nothing new: requests to registries, and processor time, in hours that a clock of ours makes pass."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from benchmarks.report import Report
from tests.support.pipeline import PROJECT, project_document, running, warehouse_document
from towpath.artifacts.discoverer import Discoverer
from towpath.artifacts.images import ImageType
from towpath.artifacts.subscription import LookClients
from towpath.clients.http import Egress
from towpath.clients.http.egress import Response
from towpath.clients.oci import Registries
from towpath.clock import VirtualClock
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.pipeline import Pipeline
    from towpath.artifacts.look_ledger import Spent

_WAREHOUSES: Final = 1000
_REPOSITORIES: Final = 100
_HOSTS: Final = 5
_TAGS: Final = 30
_HOURS: Final = 10
_CONFIG: Final = b'{"created": "2026-01-01T00:00:00Z", "os": "linux", "architecture": "amd64"}'
_MANIFEST: Final = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"digest": f"sha256:{hashlib.sha256(_CONFIG).hexdigest()}"},
        "layers": [],
    }
).encode()
_LIST: Final = json.dumps({"tags": [f"1.{number}.0" for number in range(_TAGS)]}).encode()


class _Answering(Egress):
    """Answers as registries do that never change."""

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **_: Any
    ) -> Response:
        """Answer at once."""
        place = urlsplit(url)
        host = str(place.hostname)
        self.tally.hosts.asked(host)
        status, told, body = 200, {"etag": '"1"'}, _LIST
        if "/manifests/" in place.path:
            digest = f"sha256:{hashlib.sha256(_MANIFEST).hexdigest()}"
            told, body = {"docker-content-digest": digest}, _MANIFEST
        elif "/blobs/" in place.path:
            told, body = {}, _CONFIG
        elif (headers or {}).get("If-None-Match"):
            status, body = 304, b""
        body = b"" if method == "HEAD" else body
        self.tally.hosts.came(host, len(body))
        return Response(status, told, body, url)


class _Nobody:
    async def find(self, *_: Any, **__: Any) -> None:
        """No Secret matches."""


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "idle_warehouses",
        "Warehouses that find nothing new",
        f"{_WAREHOUSES:,} Warehouses of one image each (`SemVer`, interval 5 minutes), made at the same moment, on {_REPOSITORIES} "
        f"repositories of {_TAGS} tags at {_HOSTS} registries, which answer in this process and give ETags. {_HOURS} hours pass on a "
        "clock of ours; the store is a file, and every look is written to it.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-", dir=Path.cwd()) as folder:
        load = os.getloadavg()[0]
        asyncio.run(_measure(report, Path(folder)))
        report.text(
            f"Load of the machine when it began: {load:.1f}; other work went on beside it, so that processor time says more than the "
            "clock on the wall."
        )
        report.write(Path(folder))


async def _measure(report: Report, folder: Path) -> None:
    clock = VirtualClock()
    egress = _Answering(clock=clock)
    nobody: Any = _Nobody()
    clients = LookClients(registries=Registries(egress, clock=clock), credentials=nobody)
    discoverer = Discoverer([ImageType()], clients)
    async with running(folder, clock=clock, discoverer=discoverer) as world:
        await world.apply(project_document())
        for number in range(_WAREHOUSES):
            repository = number % _REPOSITORIES
            url = f"registry-{repository % _HOSTS}.example/app-{repository}"
            await world.apply(
                warehouse_document(f"w{number}", subscriptions=[{"image": {"repoURL": url}}])
            )
        await world.settled()
        tally = egress.tally.hosts
        first, first_bytes = tally.requests.total(), tally.bytes.total()
        used, began = time.process_time(), time.perf_counter()
        for _ in range(_HOURS * 60):
            await clock.advance(60)
            await world.settled()
        used, wall = time.process_time() - used, time.perf_counter() - began
        spent = [await _spent(world, discoverer, f"w{number}") for number in range(_WAREHOUSES)]
        looks = sum(each.looks for each in spent)
        looks -= _WAREHOUSES
        asked, sent = tally.requests.total() - first, tally.bytes.total() - first_bytes
        seconds = _HOURS * 3600
    report.table(
        f"{_HOURS} hours",
        ["what", "all", "for each look", "a second"],
        [
            ["looks", f"{looks:,}", "", f"{looks / seconds:.1f}"],
            ["requests", f"{asked:,}", f"{asked / looks:.2f}", f"{asked / seconds:.1f}"],
            ["bytes of answers", f"{sent:,}", f"{sent / looks:.0f}", f"{sent / seconds:,.0f}"],
            [
                "processor seconds",
                f"{used:.0f}",
                f"{used / looks * 1000:.1f} ms",
                f"{used / seconds * 100:.1f} % of one core",
            ],
        ],
    )
    report.text(
        f"The first look at all of them took {first:,} requests. The clock passes in steps of a minute, within which looks begin as "
        "they are due and their writes take the time that they take, so that a look comes up to a minute late: there are fewer of them "
        f"than in {_HOURS} real hours. It took {wall:.0f} s on the wall."
    )


async def _spent(world: Pipeline, discoverer: Discoverer, name: str) -> Spent:
    stored = await world.store.get(Ref(scheme.WAREHOUSE, PROJECT, name))
    spent = discoverer.ledger.of(stored.document["metadata"]["uid"])
    assert spent is not None, name
    return spent
