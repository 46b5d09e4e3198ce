"""Ten thousand things happen to Stages with hooks: how fast they are handed on and run for, and what each takes."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil

from benchmarks.report import Report
from towpath.admission.namespaces import namespace_document
from towpath.app import composition
from towpath.app.live_settings import LiveSettings
from towpath.app.settings.operator import OperatorSettings
from towpath.clock import SystemClock
from towpath.resources import scheme
from towpath.resources.scheme import SCHEME
from towpath.runtime.collecting import Collecting
from towpath.store.contract import Query
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from towpath.app.system import System
    from towpath.store.contract import Store

_ACTOR: Final = "benchmark"
_EVENTS: Final = 10_000
_AT_ONCE: Final = 64
_STAGES: Final = 50
_IDLE_HOOKS: Final = 200
"""Hooks that hear of other things, or of other Stages."""
_SECONDS: Final = 400.0
_PREFIX: Final = "event.kargo.akuity.io/"


def main() -> None:
    """Measure, and write the page."""
    report = Report(
        "hooks",
        "Hooks",
        f"{_EVENTS:,} Events of Promotions to {_STAGES} Stages; one hook hears of all of them and has one `compose-output` step, "
        f"{_IDLE_HOOKS} hear of other things. Store, dispatcher and controllers are in this process; so are those who make the "
        "Events. *Handed on* is the time from the first Event until a run is on the disk for each, *run* until each is Succeeded.",
    )
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="towpath-bench-", dir=Path.cwd()) as folder:
        rows = asyncio.run(_measure(Path(folder)))
        report.table(f"{_EVENTS:,} Events", ["what", "value"], rows)
        report.text(f"Load average of the machine when the run began: {load:.1f}.")
        report.write(Path(folder))


async def _measure(folder: Path) -> list[list[str]]:
    clock = SystemClock()
    store = await open_store(folder / "data", key_file=folder / "key", scheme=SCHEME, clock=clock)
    try:
        async with composition.running(
            store, clock, data=folder / "work", live=LiveSettings(OperatorSettings()), own=()
        ) as system:
            await _prepare(store)
            await system.manager.listed()
            # As a server does once it has started: what starting it took is none of these numbers.
            async with Collecting(clock).running():
                await asyncio.sleep(0.1)
                system.heartbeat.stalls.longest_seconds = 0.0
                return await _run(store, system)
    finally:
        await store.close()


async def _prepare(store: Store) -> None:
    await store.create(namespace_document("shop", is_project=True), actor=_ACTOR)
    for number in range(_STAGES):
        await store.create(_document("Stage", f"s{number}", {"requestedFreight": []}), actor=_ACTOR)
    steps = [{"uses": "compose-output", "config": {"stage": "${{ ctx.event.stage }}"}}]
    for number in range(_IDLE_HOOKS):
        spec = {"stageSelector": {"name": f"other-{number}"}, "steps": steps}
        spec["events"] = ["promotion-succeeded" if number % 2 else "held"]
        await store.create(_document("StageHook", f"idle-{number}", spec), actor=_ACTOR)
    spec = {"stageSelector": {}, "events": ["promotion-succeeded"], "steps": steps}
    await store.create(_document("StageHook", "tell", spec), actor=_ACTOR)


async def _run(store: Store, system: System) -> list[list[str]]:
    process = psutil.Process()
    memory, began, processor = process.memory_info().rss, time.perf_counter(), time.process_time()
    dispatch = system.dispatcher.to("hooks")

    async def make(first: int) -> None:
        for number in range(first, _EVENTS, _AT_ONCE):
            await store.create(_event(number), actor=_ACTOR)

    await asyncio.gather(*(make(first) for first in range(_AT_ONCE)))
    made, made_processor = time.perf_counter() - began, time.process_time() - processor
    async with asyncio.timeout(_SECONDS):
        while dispatch.reached < dispatch.newest:  # noqa: ASYNC110 - it is looked at from outside
            await asyncio.sleep(0.01)
        handed_on = time.perf_counter() - began
        done = system.hook_runs.finished
        while done.get("Succeeded", 0) < _EVENTS:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.05)
    ran, spent = time.perf_counter() - began, time.process_time() - processor
    grown = process.memory_info().rss - memory
    runs = await store.count(Query(kind=scheme.HOOK_RUN))
    return [
        ["Events made", f"{made:.1f} s, {made_processor / _EVENTS * 1e3:.2f} ms of processor each"],
        ["handed on", f"{handed_on:.1f} s, {_EVENTS / handed_on:,.0f} a second"],
        ["run", f"{ran:.1f} s, {_EVENTS / ran:,.0f} a second"],
        ["processor for each Event, all together", f"{spent / _EVENTS * 1e3:.2f} ms"],
        ["runs", f"{runs:,}, each once"],
        ["memory", f"{grown / 2**20:.0f} MiB more than before"],
        [
            "longest stall of the event loop",
            f"{system.heartbeat.stalls.longest_seconds * 1e3:.0f} ms",
        ],
    ]


def _document(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    version = scheme.STAGE.api_version if kind == "Stage" else scheme.STAGE_HOOK.api_version
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def _event(number: int) -> dict[str, Any]:
    name = f"p{number}"
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{name}.event",
            "namespace": "shop",
            "annotations": {
                f"{_PREFIX}stage-name": f"s{number % _STAGES}",
                f"{_PREFIX}promotion-name": name,
            },
        },
        "involvedObject": {"kind": "Promotion", "name": name, "namespace": "shop"},
        "reason": "PromotionSucceeded",
        "message": f"the Promotion {name} ended Succeeded",
        "firstTimestamp": "2026-01-01T00:00:00Z",
    }
