"""Looks at a repository of 5,000 images at Debian's docker-registry: the first, the second, those of an hour, and after a restart."""

from __future__ import annotations

import asyncio
import hashlib
import json
import multiprocessing
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.report import Report
from tests.support import registry
from towpath.artifacts.images import ImageType
from towpath.artifacts.subscription import LookClients, Subscription
from towpath.clients.http import Egress
from towpath.clients.http.limits import PER_SECOND
from towpath.clients.http.spending import spending
from towpath.clients.oci import Registries
from towpath.clients.oci.kept_contents import KeptContents
from towpath.clock import SystemClock

if TYPE_CHECKING:
    from towpath.resources.warehouse import ImageDiscoveryResult

_TAGS: Final = 5000
_OF_AN_HOUR: Final = 12
_HOURS: Final = 6
"""After so many the looks of one hour cost what those of any other do."""
_HOST: Final = "registry.example"
_NAME: Final = "acme/app"
_STRATEGIES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("`SemVer`", {"imageSelectionStrategy": "SemVer"}),
    ("`Lexical`", {"imageSelectionStrategy": "Lexical"}),
    ("`Digest`", {"imageSelectionStrategy": "Digest", "constraint": "1.7.0"}),
    ("`NewestBuild`", {"imageSelectionStrategy": "NewestBuild"}),
    (
        "`NewestBuild`, `cacheByTag`",
        {"imageSelectionStrategy": "NewestBuild", "cacheByTag": True},
    ),
)


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "image_scans",
        f"Looks at {_TAGS:,} tags",
        f"A repository of {_TAGS:,} tags, an image of its own each, at Debian's `docker-registry`, which gives its list in one page and "
        f"without an ETag. `discoveryLimit` is 20. Ours asks as fast as the registry answers here; at the usual {PER_SECOND:.0f} "
        "requests a second the last column is what the first look takes. After a restart nothing is known but what is on the disk. "
        "Memory: by how much a process grows in the first look.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-", dir=Path.cwd()) as name:
        folder, load = Path(name), os.getloadavg()[0]
        with registry.serving(folder / "registry") as served:
            _fill(folder / "registry" / "images", served)
            rows = [_measured(served.url, folder, *each) for each in _STRATEGIES]
        report.table(
            "Requests, bytes, seconds",
            [
                "strategy",
                "look",
                "requests",
                "of the first",
                "bytes",
                "seconds",
                "memory",
                "at 20 a second",
            ],
            [row for rows_of_one in rows for row in rows_of_one],
        )
        report.text(
            f"Where tags may move, `NewestBuild` asks about the tags that come first at each look, and about each of the others once in "
            f"half an hour to an hour; the row of the sixth hour is the mean of its {_OF_AN_HOUR} looks, five minutes apart by a clock that was "
            "moved. `cacheByTag: true` says that no tag moves. `SemVer` and `Lexical` ask about the first tag at each look, and about the "
            "others once an hour."
        )
        report.text(f"Load of the machine when it began: {load:.1f}.")
        report.write(folder)


def _fill(root: Path, served: registry.Registry) -> None:
    """Write images as the registry keeps them, which takes a tenth of the time that pushing them does."""
    served.push(_NAME, "0.0.1")
    blobs = root / "docker/registry/v2/blobs/sha256"
    there = root / "docker/registry/v2/repositories" / _NAME
    begun = datetime(2026, 1, 1, tzinfo=UTC)

    def put(path: Path, contents: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents)

    def blob(contents: bytes) -> str:
        digest = hashlib.sha256(contents).hexdigest()
        put(blobs / digest[:2] / digest / "data", contents)
        return digest

    for number in range(_TAGS - 1):
        created = (begun + timedelta(minutes=number)).isoformat()
        config = blob(
            json.dumps(
                {
                    "created": created,
                    "os": "linux",
                    "architecture": "amd64",
                    "config": {"Env": ["A=" + "x" * 1500]},
                }
            ).encode()
        )
        manifest = {
            "schemaVersion": 2,
            "mediaType": registry.MANIFEST,
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": f"sha256:{config}",
                "size": 1,
            },
            "layers": [],
        }
        digest = blob(json.dumps(manifest).encode())
        link = f"sha256:{digest}".encode()
        put(there / "_layers/sha256" / config / "link", f"sha256:{config}".encode())
        put(there / "_manifests/revisions/sha256" / digest / "link", link)
        tag = there / "_manifests/tags" / f"1.{number}.0"
        put(tag / "current/link", link)
        put(tag / "index/sha256" / digest / "link", link)


def _measured(url: str, folder: Path, name: str, config: dict[str, Any]) -> list[list[str]]:
    """Return rows of one strategy, measured in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found = pool.apply(_looks, (url, str(folder / name.strip("`")), config))
    first = found[0]["requests"]
    rows = []
    looks = ("first", "second", "one of the sixth hour", "after a restart")
    for look, each in zip(looks, found, strict=True):
        is_first = look == "first"
        rows.append(
            [
                name if is_first else "",
                look,
                f"{each['requests']:,.0f}",
                "" if is_first else f"{each['requests'] / first * 100:.1f} %",
                f"{each['bytes']:,.0f}",
                f"{each['seconds']:.2f}",
                f"{each['memory'] / (1 << 20):.0f} MiB" if is_first else "",
                f"{max(0.0, first / PER_SECOND - 1):.0f} s" if is_first else "",
            ]
        )
    return rows


def _looks(url: str, folder: str, config: dict[str, Any]) -> list[dict[str, float]]:
    return asyncio.run(_look_again_and_again(url, Path(folder), config))


class _MovedClock(SystemClock):
    """The machine's clock, moved ahead between looks."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return super().monotonic() + self.ahead


async def _look_again_and_again(
    url: str, folder: Path, config: dict[str, Any]
) -> list[dict[str, float]]:
    clock, moved = SystemClock(), _MovedClock()
    results: list[ImageDiscoveryResult] = []
    allow = [url.removeprefix("http://")]

    async def look(registries: Registries) -> dict[str, float]:
        clients = LookClients(registries=registries, credentials=_NOBODY)
        before, began = _rss(), time.perf_counter()
        with spending() as spent:
            results.append(await ImageType().discover(_subscription(config), clients))
        return {
            "requests": spent.requests,
            "bytes": spent.bytes,
            "seconds": time.perf_counter() - began,
            "memory": max(0, _rss() - before),
        }

    async with Egress(allow=allow, clock=clock, per_second=1e6) as egress:

        def started() -> Registries:
            kept = KeptContents(folder, clock)
            return Registries(egress, clock=moved, mirrors={_HOST: [url]}, kept=kept)

        registries = started()
        found = [await look(registries), await look(registries)]
        hours = []
        for _ in range(_HOURS * _OF_AN_HOUR):
            moved.ahead += 3600 / _OF_AN_HOUR
            hours.append(await look(registries))
        last = hours[-_OF_AN_HOUR:]
        found.append({key: sum(each[key] for each in last) / len(last) for key in last[0]})
        found.append(await look(started()))
    assert len({json.dumps([str(each) for each in one.references]) for one in results}) == 1
    return found


def _rss() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _subscription(config: dict[str, Any]) -> Subscription:
    return Subscription(
        project="bench",
        warehouse="images",
        name="",
        config={"repoURL": f"{_HOST}/{_NAME}", "discoveryLimit": 20, **config},
        now=datetime.now(UTC),
        is_manual=False,
    )


class _Nobody:
    async def find(self, *_: Any, **__: Any) -> None:
        """No Secret matches."""


_NOBODY: Final[Any] = _Nobody()
