"""What screens are drawn from, under load: a board of 500 Stages, its past, and one change that 200 streams are told of."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from benchmarks.report import Report, percentile
from benchmarks.telling import Hearing, patch
from tests.support import towpath_process
from towpath.clock import VirtualClock
from towpath.demo.worlds import writing
from towpath.demo.worlds.documents import MadeVersion
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.towpath_process import Running
    from towpath.store.contract import Store

_REQUESTS: Final = 200
_STREAMS: Final = 200
_CHANGES: Final = 100
_MOVES: Final = 60
"""Of each Stage, in a year."""
_BASE: Final = f"/towpath/v1/projects/{writing.LARGE}"
_PACKED: Final = {"Accept-Encoding": "gzip"}


def main() -> None:
    """Measure and write the page."""
    report = Report(
        "board",
        "Boards and their streams",
        f"One Project of 500 Stages and 60 Freight (`towpath demo --world W500`), with a year of history: {_MOVES} moves of each "
        "Stage. A whole server, controllers and all, and its clients on the same two cores; gzip.",
    )
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as folder:
        with _served(Path(folder)) as running:
            asyncio.run(_measured(running, report))
        report.write(Path(folder))


@contextmanager
def _served(folder: Path) -> Iterator[Running]:
    """Serve the world, with its history."""
    key_file = Path(towpath_process.environment(folder)["TOWPATH_KEY_FILE"])
    asyncio.run(_written(folder / "data", key_file))
    with towpath_process.up(folder) as running:
        yield running


async def _written(data: Path, key_file: Path) -> None:
    clock = VirtualClock(datetime.now(UTC))
    store = await open_store(data, key_file=key_file, scheme=scheme.SCHEME, clock=clock)
    try:
        await _with_history(store, clock)
    finally:
        await store.close()


async def _with_history(store: Store, clock: VirtualClock) -> None:
    """Write the world as it was a year ago, have each Stage hold one Freight after the other, and what it holds in the end."""
    now = clock.now()
    spacing = timedelta(days=365) / (_MOVES + 1)
    clock.set_wall(now - timedelta(days=365))
    await writing.write(store, writing.W500, now)
    names = [
        each["metadata"]["name"]
        for each in writing.made_of(writing.W500, now)[-1]
        if each["kind"] == "Stage"
    ]
    refs = [Ref(scheme.STAGE, writing.LARGE, name) for name in names]
    first = [(await store.get(ref)).document for ref in refs]
    for number in range(_MOVES + 1):
        clock.set_wall(now - timedelta(days=365) + spacing * (number + 1))
        version = MadeVersion(project=writing.LARGE, number=number, at=clock.now())
        held = {} if number == _MOVES else {"freightHistory": [version.collection]}
        async with asyncio.TaskGroup() as group:
            for document in first:
                status = {**(document.get("status") or {}), **held}
                changed = {**_plain(document), "status": status}
                group.create_task(store.update_status(changed, actor="bench"))


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: of for key, of in document["metadata"].items() if key != "resourceVersion"}
    return {**document, "metadata": metadata}


async def _measured(running: Running, report: Report) -> None:
    headers = {"Authorization": f"Bearer {running.token}"}
    async with aiohttp.ClientSession(
        base_url=running.address,
        headers=headers,
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None),
    ) as session:
        await asyncio.sleep(20)  # the controllers look at everything once
        await _requests(session, report)
        await _streams(session, report)


async def _requests(session: aiohttp.ClientSession, report: Report) -> None:
    board = await _json(session, f"{_BASE}/board")
    year = datetime.now(UTC)
    freight = [each["name"] for each in board["freight"]]
    asked: dict[str, Callable[[int], tuple[str, bool]]] = {
        "board, as it was": lambda _: (f"{_BASE}/board", False),
        "board, the line of one Stage changed before each": lambda _: (f"{_BASE}/board", True),
        "board at a moment of the year": lambda n: (
            f"{_BASE}/board?at={(year - timedelta(days=n * 1.8)):%Y-%m-%dT%H:%M:%SZ}",
            False,
        ),
        "lens": lambda n: (f"{_BASE}/lens?freight={freight[n % len(freight)]}", False),
        "overview": lambda _: ("/towpath/v1/overview", False),
    }
    rows = []
    for name, of in asked.items():
        print(f"   {name}", flush=True)
        taken, size = [], 0
        for number in range(_REQUESTS):
            path, changes = of(number)
            if changes:
                await _change(session, number)
            began = time.perf_counter()
            async with session.get(path, headers=_PACKED) as answer:
                size = len(await answer.read())
                assert answer.status == 200, await answer.text()
            taken.append(time.perf_counter() - began)
        rows.append([name, *(f"{percentile(taken, at) * 1000:.1f} ms" for at in (0.5, 0.95, 1))])
        del size
    report.table("Answers, one after the other", ["what", "p50", "p95", "longest"], rows)


async def _streams(session: aiohttp.ClientSession, report: Report) -> None:
    """Have one Stage changed, and see when each stream has heard of it."""
    print("   streams", flush=True)
    hearing = Hearing(session, writing.LARGE, "app")
    late: list[float] = []
    async with asyncio.TaskGroup() as group:
        listening = [group.create_task(hearing.listen()) for _ in range(_STREAMS)]
        for _ in range(_STREAMS):
            await hearing.ready.acquire()
        await asyncio.sleep(2)
        for number in range(_CHANGES):
            late += await hearing.change(number, streams=_STREAMS)
        for each in listening:
            each.cancel()
    heard = len(late)
    row = [f"{percentile(late, at) * 1000:.1f} ms" for at in (0.5, 0.95, 1)]
    report.table(
        f"One change told to {_STREAMS} streams",
        ["changes heard by streams", "p50", "p95", "longest"],
        [[f"{heard:,} of {_CHANGES * _STREAMS:,}", *row]],
    )
    report.text("A change's time runs from before the write was sent to when a stream had it.")


async def _change(session: aiohttp.ClientSession, number: int) -> None:
    await patch(
        session,
        writing.LARGE,
        "stages/svc10-qa",
        {"metadata": {"labels": {"row": f"n{number % 2}"}}},
    )


async def _json(session: aiohttp.ClientSession, path: str) -> Any:
    async with session.get(path) as answer:
        return await answer.json()
