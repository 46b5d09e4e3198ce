"""Search among 200,000 Freight: how long an answer takes, and what keeping the terms costs those who write."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx

from benchmarks.large_store import build
from benchmarks.population import FREIGHT_PER_PROJECT, PROJECTS, freight
from benchmarks.report import Report, percentile
from towpath.resources.scheme import SCHEME
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.kinds import Kind

_TOWPATH: Final = Path(sys.executable).with_name("towpath")
_SAMPLES: Final = 200
_WRITES: Final = 4_000
_AT_ONCE: Final = 64
_ROUNDS: Final = 5


def _queries(number: int) -> dict[str, str]:
    """Return what is looked for, by what it is; another Freight each time."""
    project, of = f"project-{number * 7 % PROJECTS:03d}", number * 13 % FREIGHT_PER_PROJECT
    document: dict[str, Any] = freight(project, of)
    return {
        "alias": document["alias"],
        "digest, 12 characters": document["images"][0]["digest"].partition(":")[2][:12],
        "commit, 7 characters": document["commits"][0]["id"][:7],
        "tag, whole": document["images"][0]["tag"],
        "tag that all begin with": "v1.",
        "nothing like it": f"zzz-{number}",
    }


def _answers(data: Path, key: Path) -> dict[str, list[float]]:
    """Ask a server, one question at a time; return the seconds of each answer."""
    server = subprocess.Popen(
        [_TOWPATH, "up", "--data", data, "--listen=127.0.0.1:0", "--listen-tls=none"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TOWPATH_KEY_FILE": str(key)},
    )
    found: dict[str, list[float]] = {}
    try:
        assert server.stdout is not None
        told = next(line for line in server.stdout if line.startswith("towpath: serving ")).split()
        token = (
            Path(dict(word.split("=", 1) for word in told[3:])["token-file"]).read_text().strip()
        )
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=told[2], headers=headers, timeout=60) as client:
            for number in range(_SAMPLES):
                for what, text in _queries(number).items():
                    begin = time.perf_counter()
                    answer = client.get("/towpath/v1/search", params={"q": text})
                    found.setdefault(what, []).append(time.perf_counter() - begin)
                    assert bool(answer.json()["hits"]) == (what != "nothing like it"), answer.text
    finally:
        server.terminate()
        server.wait(30)
    return found


async def _written(directory: Path, scheme: Iterable[Kind]) -> tuple[float, float]:
    """Return how many Freight are written each second, until the last is acknowledged and until their terms are kept as well."""
    store = await open_store(directory / "data", key_file=directory / "key", scheme=scheme)
    places = iter(range(_WRITES))

    async def write() -> None:
        for number in places:
            await store.create(freight("project-000", number), actor="bench")

    begin = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(_AT_ONCE)))
    taken = time.perf_counter() - begin
    await store.close()  # which takes into the index what waits
    return _WRITES / taken, _WRITES / (time.perf_counter() - begin)


def _without_terms() -> tuple[Kind, ...]:
    """Return the scheme without the terms of search."""
    return tuple(dataclasses.replace(kind, terms=None) for kind in SCHEME)


def measure(directory: Path) -> Report:
    """Run everything in `directory`."""
    report = Report(
        "search",
        "Search",
        f"`GET /towpath/v1/search` by the administrator among {PROJECTS * FREIGHT_PER_PROJECT:,} Freight in {PROJECTS} Projects, "
        "one question at a time, the client on the same machine. Budget: p95 100 ms. What keeping the terms costs whoever writes Freight stands below: a Freight of three images has six of them.",
    )
    full = directory / "full"
    full.mkdir()
    asyncio.run(build(full))
    answers = _answers(full / "data", full / "key")
    report.table(
        "Answers",
        ["looked for", "p50", "p95"],
        [
            [what, *(f"{percentile(taken, share) * 1000:.1f} ms" for share in (0.5, 0.95))]
            for what, taken in answers.items()
        ],
    )
    with_terms: list[tuple[float, float]] = []
    without: list[tuple[float, float]] = []
    for number in range(_ROUNDS):  # in turns: the machine is not the same from minute to minute
        for name, scheme, rates in (
            ("with", SCHEME, with_terms),
            ("without", _without_terms(), without),
        ):
            place = directory / f"{name}-{number}"
            place.mkdir()
            rates.append(asyncio.run(_written(place, scheme)))
    report.table(
        f"Freight of 2 KB written each second, {_AT_ONCE} at once, median of {_ROUNDS}",
        ["until", "with terms", "without", "ratio"],
        [
            [what, f"{rate:,.0f}", f"{bare:,.0f}", f"{rate / bare:.2f}"]
            for place, what in enumerate(("the last is acknowledged", "the store is closed"))
            for rate, bare in [
                tuple(
                    percentile([each[place] for each in rates], 0.5)
                    for rates in (with_terms, without)
                )
            ]
        ],
    )
    return report


def main() -> None:
    """Measure in a directory of its own and write the results page."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        measure(Path(directory)).write(Path(directory))


if __name__ == "__main__":
    main()
