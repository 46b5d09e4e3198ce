"""10,000 things that happen, told by a router to a receiver that is down for ten minutes of virtual time, and then back.

The outbox, the dispatcher and the store are the real ones; the receiver is a stand-in in threads of the same process, over real HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.report import Report
from tests.support import outbox
from tests.support.outbox import PROJECT
from towpath.admission.event_recorder import EventRecorder
from towpath.demo import message_services as demo
from towpath.demo.message_services import MessageServices, ServiceFault
from towpath.hooks.dispatcher import Dispatcher
from towpath.hooks.routing.event_routers import EventRouters
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime.evaluation import Evaluations

EVENTS = 10_000
_INTRODUCTION = (
    "10,000 things that happen, told by one router to one server, which is down for ten minutes of virtual time and then back. "
    "Each message is written to the disk when it is made, before it is sent and after: deliveries are one after the other, "
    "and the note that one has ended shares its flush with the note that the next is being sent. Store, dispatcher, router and "
    "outbox are the real ones, in one process with the stand-in of the server, which is asked over real HTTP."
)
_AT_ONCE = 200
_DOWN_SECONDS = 600.0
_PATIENCE_SECONDS = 1_800.0


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _measure(report: Report, folder: Path, events: int) -> None:
    services = MessageServices()
    process = psutil.Process()
    async with outbox.running(folder, services) as world:
        await world.channel("http", delivery={"retryFor": "24h"})
        await world.put(
            "ee.kargo.akuity.io/v1alpha1",
            "EventRouter",
            "all",
            spec={
                "channels": [{"kind": "MessageChannel", "name": "http"}],
                "output": "${{ event.name }}",
            },
        )
        routers = EventRouters(world.store, world.writer, world.clock, Evaluations())
        dispatcher = Dispatcher(world.store, world.clock, [routers])
        await dispatcher.load()
        task = asyncio.create_task(dispatcher.run())
        services.down[demo.SERVER] = ServiceFault(503)
        metadata = {"name": "about", "namespace": PROJECT}
        await world.store.create(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}, actor="benchmark"
        )
        about = await world.store.get(Ref(scheme.CONFIG_MAP, PROJECT, "about"))
        recorder = EventRecorder(world.store, world.clock, outbox.CONTROLLER)
        before = process.memory_info().rss
        began, cpu = time.perf_counter(), _cpu()
        for start in range(0, events, _AT_ONCE):
            for number in range(start, min(start + _AT_ONCE, events)):
                payload = {"promotion-name": f"p{number:05d}", "stage-name": "prod"}
                await recorder.recorded(about, "PromotionSucceeded", "", payload, key=f"{number}")
        deadline = began + _PATIENCE_SECONDS
        while dispatcher.dispatches[0].taken < events and time.perf_counter() < deadline:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.05)
        routed, routed_cpu = time.perf_counter() - began, _cpu() - cpu
        await world.passes(_DOWN_SECONDS, 30)
        tries = len(services.asked)
        services.down.clear()
        began, cpu = time.perf_counter(), _cpu()
        await world.clock.advance(300)
        while len(services.received) < events and time.perf_counter() < deadline:
            await asyncio.sleep(0.05)
            await world.clock.advance(0.1)
        delivered, delivered_cpu = time.perf_counter() - began, _cpu() - cpu
        await asyncio.wait_for(world.settled(), 60)
        memory = process.memory_info().rss - before
        texts = services.texts(demo.SERVER)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    services.close()
    expected = [f"p{number:05d}" for number in range(events)]
    is_ordered = "yes" if texts == expected else "NO"
    rows = [
        ["things that happened", f"{events:,}"],
        ["routed, and written to the outbox", f"{events / routed:,.0f} a second"],
        ["processor time for that, each", f"{1000 * routed_cpu / events:.2f} ms"],
        ["tries while the receiver was away for ten minutes", f"{tries:,}"],
        ["delivered once it was back", f"{len(texts):,}; in order: {is_ordered}"],
        ["delivered", f"{events / delivered:,.0f} a second"],
        ["processor time for that, each, both sides", f"{1000 * delivered_cpu / events:.2f} ms"],
        ["memory that came to it", f"{memory / (1 << 20):,.0f} MiB"],
    ]
    report.table("A router, and a receiver that is away", ["what", "value"], rows)


def main() -> None:
    """Measure, and write the page."""
    report = Report("messages", "Messages", _INTRODUCTION)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(report, Path(folder), EVENTS))
        report.text(f"Load average of the machine when the run began: {load:.1f}.")
        report.write(Path(folder))
