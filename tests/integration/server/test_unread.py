"""Readers that stop, on real connections: what they cost the process, the kernel and their neighbours."""

from __future__ import annotations

import asyncio
import json
import selectors
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import pipeline, serving
from tests.support.listening import listens
from tests.support.pipeline import PROJECT, USER, project_document
from towpath.app import fairness
from towpath.app.connections import Connection
from towpath.clock import SystemClock
from towpath.server.application import Readiness, application
from towpath.server.auth.admin_token import AdminToken
from towpath.server.open_watches import OpenWatches, StreamLimits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from towpath.app.listening import Server

MAPS = f"/api/v1/namespaces/{PROJECT}/configmaps"
FORMS = ["application/json", "application/json;as=Table;v=v1;g=meta.k8s.io"]


def _map(number: int, size: int) -> dict[str, Any]:
    metadata = {"name": f"c{number}", "namespace": PROJECT, "annotations": {"a": "x" * size}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


def _ask(port: int, path: str, accept: str) -> socket.socket:
    """Ask for something and read nothing of it."""
    caller = socket.socket()
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    caller.connect(("127.0.0.1", port))
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\nAuthorization: Bearer {serving.TOKEN}\r\n\r\n"
    caller.sendall(head.encode())
    return caller


def _connections(server: Server) -> Iterator[Connection]:
    for each in server.server_state.connections:
        assert isinstance(each, Connection)
        yield each


@pytest.mark.parametrize("accept", FORMS)
@pytest.mark.parametrize(
    "path", [f"{MAPS}?watch=1", f"{MAPS}?watch=1&resourceVersion=1", MAPS, f"{MAPS}?limit=5000"]
)
async def test_readers_that_stop_hold_little_and_the_neighbour_is_told_all(
    tmp_path: Path, path: str, accept: str
) -> None:
    """Lists, replays and what is written meanwhile: what waits in connections is bounded, one by one and together."""
    limits = StreamLimits(bytes=100_000)
    async with pipeline.running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        watches = OpenWatches(world.store, SystemClock(), limits)
        services = serving.services(world, watches)
        readiness = Readiness()
        readiness.reason = None
        app = application(services, AdminToken(serving.TOKEN), readiness)
        for number in range(20):
            await world.writer.create(_map(number, 100_000), USER)
        async with listens(app, SystemClock()) as (server, port):
            with ExitStack() as held:
                for _ in range(12):
                    held.enter_context(await asyncio.to_thread(_ask, port, path, accept))
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                head = f"GET {MAPS}?watch=1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {serving.TOKEN}\r\n\r\n"
                writer.write(head.encode())
                for number in range(20, 40):
                    await world.writer.create(_map(number, 100_000), USER)
                told = await _names(reader, 40)
                assert told == {f"c{number}" for number in range(40)}
                stopped = [each.unsent_bytes for each in _connections(server)]
                assert max(stopped) < 40_000
                if watches.outlets._keeping is not None:
                    async with asyncio.timeout(60):
                        await watches.outlets._keeping
                assert watches.outlets.held_bytes <= limits.bytes
                assert watches.outlets.cut_off > 0
                assert not reader.at_eof(), "who reads is not cut off"
                writer.close()


async def _names(reader: asyncio.StreamReader, count: int) -> set[str]:
    """Return the names of which a watch tells, until it has told so many."""
    found: set[str] = set()
    await reader.readuntil(b"\r\n\r\n")
    rest = b""
    while len(found) < count:
        size = int(await reader.readline(), 16)
        rest += (await reader.readexactly(size + 2))[:-2]
        *lines, rest = rest.split(b"\n")
        for line in lines:
            event = json.loads(line)
            if event["object"]["kind"] == "ConfigMap":
                found.add(event["object"]["metadata"]["name"])
    return {name for name in found if name.startswith("c")}


def test_a_turn_of_the_loop_takes_some_of_a_crowd() -> None:
    """The others are told of next time, and nobody is left out."""
    loop = fairness.event_loop()
    selector: selectors.BaseSelector = loop._selector  # type: ignore[attr-defined]  # asyncio's own
    try:
        with ExitStack() as held:
            waiting = set()
            for _ in range(300):
                one, other = socket.socketpair()
                held.enter_context(one)
                held.enter_context(other)
                other.send(b"x")
                waiting.add(one)
                selector.register(one, selectors.EVENT_READ)
            turns = 0
            while waiting:
                ready = [key.fileobj for key, _ in selector.select(0)]
                assert 0 < len(ready) <= fairness.EVENTS_AT_ONCE
                for each in ready:
                    if isinstance(each, socket.socket) and each in waiting:
                        each.recv(1)
                        waiting.discard(each)
                        selector.unregister(each)
                turns += 1
            assert turns >= 300 // fairness.EVENTS_AT_ONCE
    finally:
        loop.close()
