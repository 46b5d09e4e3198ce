"""Receivers that are slow, or never answer, hold up no other Project, and what they are sent is not broken off."""

from __future__ import annotations

import asyncio
import importlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from tests.support import outbox
from tests.support.message_contracts import contracts
from tests.support.outbox import USER
from tests.support.stores import opened
from towpath.admission.writer import Writer
from towpath.app import composition
from towpath.app.live_settings import LiveSettings
from towpath.app.settings.operator import OperatorSettings
from towpath.clients.messaging.outgoing import Taken
from towpath.clock import SystemClock, VirtualClock
from towpath.demo import message_services as demo
from towpath.demo.message_services import MessageServices, ServiceFault
from towpath.hooks.outbox.channel_memory import ChannelMemory
from towpath.hooks.outbox.delivering import _LONGEST_SECONDS, AT_ONCE, Deliveries
from towpath.hooks.outbox.tally import MessageTally
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.message import document_of
from towpath.resources.message_channel import Delivery
from towpath.runtime.aside import Aside
from towpath.runtime.waking import Waking
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from towpath.admission.authority import Authority
    from towpath.clients.messaging.outgoing import Outgoing

CONTROLLERS: Final = importlib.import_module("towpath.app.parts.controllers")
BUSY: Final = "busy"
CALM: Final = "calm"


@asynccontextmanager
async def _server(answers: Callable[[], bytes]) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Serve on loopback: every request is answered so; with nothing for ever, where that is empty."""
    heard: list[bytes] = []
    changed = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        if answer := answers():
            writer.write(answer)
            await writer.drain()
        else:
            await changed.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        changed.set()
        server.close()
        await server.wait_closed()


async def _channel(writer: Authority, project: str, name: str, port: int) -> None:
    """Make a channel, and a message that waits for it."""
    metadata = {"name": name, "namespace": project}
    spec = {"http": {"url": f"http://127.0.0.1:{port}/", "timeout": "60s"}}
    kind = scheme.MESSAGE_CHANNEL
    made = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, "spec": spec}
    await writer.create(made, USER)
    told = {"channel": {"kind": kind.name, "name": name}, "body": "text"}
    await writer.create(document_of(name=name, project=project, spec=told), USER)


async def _delivered(store: Any, project: str) -> None:
    watch = store.watch(Query(kind=scheme.MESSAGE, namespace=project))
    async for event in watch:
        status = event.object.document.get("status") if event.object else None
        if status and status.get("state") == "Delivered":
            await watch.aclose()
            return


async def test_a_project_whose_receivers_never_answer_holds_up_no_other(tmp_path: Path) -> None:
    """It has as many channels as there are workers, and more: others have theirs."""
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    async with _server(bytes) as (dead, asked), _server(lambda: ok) as (alive, heard):
        allow = [f"127.0.0.1:{port}" for port in (dead, alive)]
        operator = OperatorSettings()
        operator.egress.allow = allow
        async with (
            opened(tmp_path) as store,
            composition.running(
                store, SystemClock(), data=tmp_path / "data", live=LiveSettings(operator), own=()
            ) as system,
        ):
            for project in (BUSY, CALM):
                metadata = {"name": project}
                document = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
                await store.create(document, actor="test")
            for number in range(CONTROLLERS._CHANNEL_WORKERS + 1):
                await _channel(system.writer, BUSY, f"dead-{number}", dead)
            async with asyncio.timeout(30):
                while not asked:
                    await asyncio.sleep(0)
                await _channel(system.writer, CALM, "alive", alive)
                await _delivered(store, CALM)
            assert len(heard) == 1
            assert len(asked) <= CONTROLLERS._CHANNELS_OF_ONE


class Slow:
    """A receiver that takes its time over each message."""

    takes_key = False
    shown = "it"

    def __init__(self, clock: VirtualClock, seconds: float) -> None:
        self.heard: list[str] = []
        self._clock, self._seconds = clock, seconds

    async def deliver(self, message: Outgoing) -> Taken:
        """Take a message."""
        await self._clock.advance(self._seconds)
        self.heard.append(message.text)
        return Taken()


async def test_a_slow_receiver_gives_its_worker_back_between_two_messages(tmp_path: Path) -> None:
    """Long before the pass would be ended in the middle of one, and the next begins where this one ended."""
    clock = VirtualClock()
    async with opened(tmp_path, clock=clock) as store, Aside() as aside:
        writer = Writer(store, clock=clock, known_steps={}, known_subscriptions={})
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": CALM}}
        await store.create(namespace, actor="test")
        ref = Ref(scheme.MESSAGE_CHANNEL, CALM, "slow")
        spec = {"http": {"url": "http://127.0.0.1:9/"}}
        metadata = {"name": ref.name, "namespace": CALM}
        kind = scheme.MESSAGE_CHANNEL
        made = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata}
        await writer.create({**made, "spec": spec}, USER)
        for number in range(AT_ONCE):
            told = {"channel": {"kind": kind.name, "name": ref.name}, "body": f"{number}"}
            await writer.create(document_of(name=f"m-{number}", project=CALM, spec=told), USER)
        tally, memory, receiver = MessageTally(), ChannelMemory(), Slow(clock, 7.0)
        deliveries = Deliveries(store, writer, clock, waking=Waking(), aside=aside, tally=tally)
        passes = 0
        while True:
            begun, passes = clock.monotonic(), passes + 1
            more = await deliveries.deliver(ref, memory, receiver, Delivery())
            assert clock.monotonic() - begun <= _LONGEST_SECONDS + 7.0
            if not more:
                break
        assert receiver.heard == [f"{number}" for number in range(AT_ONCE)]
        assert passes > 1


async def test_what_was_tried_often_before_a_restart_is_not_asked_for_without_end(
    tmp_path: Path,
) -> None:
    """The receiver is asked again in a second, its message waits for minutes: passes in between have nothing to do."""
    services, clock = MessageServices(contracts()), VirtualClock()
    services.down[demo.SLACK] = ServiceFault(503)
    try:
        async with outbox.running(tmp_path, services, clock=clock) as world:
            channel = await world.channel("slack")
            name = await world.send("deployed", channel)
            await world.settled()
            await world.passes(130, 10)
            tried = (await world.status(name))["attempts"]
            assert tried >= 5
        async with outbox.running(tmp_path, services, clock=clock) as world:
            await world.settled()
            assert (await world.status(name))["attempts"] == tried + 1
            before = world.controller.counts.done
            await clock.advance(5)
            async with asyncio.timeout(20):  # it went on for ever
                await world.settled()
            assert world.controller.counts.done - before <= 10
            services.down.clear()
            await world.passes(400, 50)
            assert (await world.status(name))["state"] == "Delivered"
    finally:
        services.close()
