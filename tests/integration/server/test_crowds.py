"""Crowds of one caller: whoever comes behind them is served among the first, and what waits has a bound."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.support import serving
from tests.support.listening import in_a_thread, listens
from tests.support.pipeline import PROJECT, project_document, running
from towpath.admission import default_roles
from towpath.app import accepting, certificates, listening, tls
from towpath.app.accepting import Acceptor
from towpath.clock import SystemClock, VirtualClock
from towpath.server.auth import addresses
from towpath.store.loop_turns import LoopTurns

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Receive, Scope, Send


def _head(token: str) -> bytes:
    return f"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


class _Noting(asyncio.Protocol):
    """Notes whose requests come, in their order, and closes."""

    def __init__(self, seen: list[bytes]) -> None:
        self._seen = seen

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._seen.append(data.split(b"Bearer ")[1].split(b"\r\n")[0])
        self._transport.close()


def _come(stack: ExitStack, port: int, tokens: list[str]) -> list[socket.socket]:
    """Connect, and send a request each, before anybody takes them."""
    found = []
    for token in tokens:
        caller = stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
        caller.sendall(_head(token))
        found.append(caller)
    return found


def _answer(caller: socket.socket) -> bytes:
    try:
        return caller.recv(10_000)
    except ConnectionResetError:
        return b"reset"


async def test_who_comes_behind_a_crowd_is_among_the_first() -> None:
    """Whose connections the crowd's are is seen before any of it is read; all of it gets its turn."""
    seen: list[bytes] = []
    with listening.listening("127.0.0.1", 0, "--listen") as listener, ExitStack() as stack:
        _come(
            stack, listener.getsockname()[1], ["crowd"] * 50 + ["other"] + ["crowd"] * 3 + ["third"]
        )
        acceptor = Acceptor(listener, None, lambda: _Noting(seen), most_waiting=100)
        acceptor.start()
        try:
            async with asyncio.timeout(30):
                while len(seen) < 55:
                    await asyncio.sleep(0)
        finally:
            acceptor.close()
            await acceptor.wait_closed()
    soon = 3 + accepting.BEGUN_AT_ONCE  # one of each of three lines
    assert {b"other", b"third"} <= set(seen[:soon])
    assert seen.count(b"crowd") == 53


async def test_of_too_many_that_wait_the_largest_crowd_goes() -> None:
    """It is told to come again; the others are served."""
    seen: list[bytes] = []
    with listening.listening("127.0.0.1", 0, "--listen") as listener, ExitStack() as stack:
        callers = _come(stack, listener.getsockname()[1], ["crowd"] * 50 + ["a", "b", "c"])
        acceptor = Acceptor(listener, None, lambda: _Noting(seen), most_waiting=10)
        acceptor.start()
        try:
            async with asyncio.timeout(30):
                while len(seen) < 10:
                    await asyncio.sleep(0)
            assert acceptor.dropped == 43
            assert seen.count(b"crowd") == 7
            assert {b"a", b"b", b"c"} <= set(seen)
            told = await asyncio.to_thread(lambda: [_answer(each) for each in callers])
            dropped = [each for each in told if each.startswith(b"HTTP/1.1 503 ")]
            assert len(dropped) == 43
            for each in dropped:
                head, _, body = each.partition(b"\r\n\r\n")
                assert b"retry-after: 1" in head.lower()
                assert b"content-length: %d" % len(body) in head.lower()
                assert "try again in a second" in json.loads(body)["error"]
        finally:
            acceptor.close()
            await acceptor.wait_closed()


@pytest.mark.parametrize("trusted", [(), ("127.0.0.1",)])
async def test_who_shows_another_token_on_each_connection_is_one_crowd(
    trusted: tuple[str, ...],
) -> None:
    """By the address, or what a proxy that is trusted says of it: of others none goes before it."""
    seen: list[bytes] = []
    callers = [(f"made-up-{number}", 1) for number in range(50)] + [("own", 2)] * 3
    with listening.listening("127.0.0.1", 0, "--listen") as listener, ExitStack() as stack:
        for token, last in callers:
            source = "127.0.0.1" if trusted else f"127.0.0.{last}"
            caller = socket.create_connection(
                ("127.0.0.1", listener.getsockname()[1]), 30, source_address=(source, 0)
            )
            stack.enter_context(caller)
            said = b"X-Forwarded-For: 203.0.113.9, 192.0.2.%d\r\n\r\n" % last
            caller.sendall(_head(token)[:-2] + said)
        acceptor = Acceptor(
            listener,
            None,
            lambda: _Noting(seen),
            most_waiting=10,
            trusted=addresses.networks(trusted),
        )
        acceptor.start()
        try:
            async with asyncio.timeout(30):
                while len(seen) < 10:
                    await asyncio.sleep(0)
        finally:
            acceptor.close()
            await acceptor.wait_closed()
    assert (acceptor.dropped, acceptor._lines, acceptor._of_host) == (43, {}, {})
    assert seen.count(b"own") == 3
    assert b"own" in seen[: 2 * accepting.BEGUN_AT_ONCE]


@pytest.mark.parametrize(
    ("request_line", "kind"),
    [
        (b"GET /api/v1/namespaces HTTP/1.1", "Status"),
        (b"GET /apis?x=1 HTTP/1.1", "Status"),
        (b"GET /v1beta1/projects HTTP/1.1", None),
        (b"GET /ap", None),
        (b"", None),
    ],
)
async def test_who_is_dropped_reads_errors_in_its_own_shape(
    request_line: bytes, kind: str | None
) -> None:
    """A `Status` where it asks the Kubernetes API, as far as that has come."""
    with listening.listening("127.0.0.1", 0, "--listen") as listener:
        caller = socket.create_connection(("127.0.0.1", listener.getsockname()[1]), 30)
        with caller:
            if request_line:
                caller.sendall(request_line)
            acceptor = Acceptor(listener, None, lambda: _Noting([]), most_waiting=0)
            acceptor.start()
            try:
                async with asyncio.timeout(30):
                    while not acceptor.dropped:
                        await asyncio.sleep(0)
            finally:
                acceptor.close()
                await acceptor.wait_closed()
            body = (await asyncio.to_thread(_answer, caller)).partition(b"\r\n\r\n")[2]
    told = json.loads(body)
    assert told.get("kind") == kind
    assert "try again in a second" in told["message" if kind else "error"]


async def test_what_has_come_and_gone_is_not_begun() -> None:
    """Neither what had gone when it was taken nor what goes while it waits: only who still wants something is served."""
    seen: list[bytes] = []
    begun = 0

    def begin() -> _Noting:
        nonlocal begun
        begun += 1
        return _Noting(seen)

    with listening.listening("127.0.0.1", 0, "--listen") as door, ExitStack() as stack:
        port = door.getsockname()[1]
        for _ in range(40):
            socket.create_connection(("127.0.0.1", port), 30).close()
        _come(stack, port, ["other"])
        acceptor = Acceptor(door, None, begin, most_waiting=100)
        acceptor.start()
        try:
            async with asyncio.timeout(30):
                while not seen:
                    await asyncio.sleep(0)
            assert (begun, acceptor.waiting) == (1, 0)
        finally:
            acceptor.close()
            await acceptor.wait_closed()


async def test_silent_connections_are_one_crowd_for_each_address() -> None:
    """Over TLS, too, where no token can be seen: who comes from elsewhere is among the first."""
    order: list[str] = []

    class Whence(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            order.append(transport.get_extra_info("peername")[0])

    with listening.listening("127.0.0.1", 0, "--listen") as door, ExitStack() as stack:
        port = door.getsockname()[1]
        for number in range(51):
            source = "127.0.0.2" if number == 50 else "127.0.0.1"
            stack.enter_context(
                socket.create_connection(("127.0.0.1", port), 30, source_address=(source, 0))
            )
        acceptor = Acceptor(door, None, Whence, most_waiting=100)
        acceptor.start()
        try:
            async with asyncio.timeout(30):
                while len(order) < 51:
                    await asyncio.sleep(0)
        finally:
            acceptor.close()
            await acceptor.wait_closed()
    assert "127.0.0.2" in order[: 2 * accepting.BEGUN_AT_ONCE]


async def test_half_open_handshakes_keep_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is a bound for them, and the oldest make room for whoever comes."""
    monkeypatch.setattr(accepting, "MOST_HANDSHAKES", 5)
    settings = tls.TLSSettings(host="127.0.0.1", port=0)
    clock = SystemClock()

    async def answer(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    async with (
        tls.serving(tmp_path, settings, clock) as context,
        listens(answer, VirtualClock(), context=context) as (server, port),
    ):
        with ExitStack() as stack:
            for _ in range(40):
                stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
            [acceptor] = server.acceptors
            async with asyncio.timeout(30):
                while acceptor.dropped < 35:
                    await asyncio.sleep(0)
            assert len(acceptor._beginning) <= 5
            files = certificates.prepare(tmp_path, ("127.0.0.1",), now=clock.now())
            trusting = ssl.create_default_context(cafile=str(files.authority))
            told, _ = await in_a_thread(
                port, [_head("x")[:-2] + b"Connection: close\r\n\r\n"], trusting
            )
            assert told.startswith(b"HTTP/1.1 200")


async def test_half_open_handshakes_of_others_do_not_drop_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is far away needs a while for theirs: of those under way one of the address that has most is dropped."""
    monkeypatch.setattr(accepting, "MOST_HANDSHAKES", 5)
    settings, clock = tls.TLSSettings(host="127.0.0.1", port=0), SystemClock()
    async with tls.serving(tmp_path, settings, clock) as context:
        with listening.listening("127.0.0.1", 0, "--listen") as door, ExitStack() as stack:
            acceptor = Acceptor(door, context, asyncio.Protocol, most_waiting=100)
            acceptor.start()
            try:
                port = door.getsockname()[1]
                slow = socket.create_connection(
                    ("127.0.0.1", port), 30, source_address=("127.0.0.2", 0)
                )
                stack.enter_context(slow)
                async with asyncio.timeout(30):
                    while not acceptor._beginning:
                        await asyncio.sleep(0)
                    [own] = acceptor._beginning
                    for _ in range(40):
                        stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
                    while acceptor.dropped < 36:
                        await asyncio.sleep(0)
                assert not own.done()
                assert list(acceptor._beginning.values()).count("127.0.0.1") == 4
            finally:
                acceptor.close()
                await acceptor.wait_closed()


async def test_turns_go_from_one_caller_to_the_next() -> None:
    """Whoever asked for hundreds has one, then everybody else has one."""
    turns = LoopTurns(at_once=2)
    had: list[str] = []

    async def ask(whose: str) -> None:
        await turns.turn(whose)
        had.append(whose)

    tasks = [asyncio.create_task(ask(whose)) for whose in ["crowd"] * 40 + ["a", "b"]]
    await asyncio.gather(*tasks)
    assert {"a", "b"} <= set(had[:6])


async def test_requests_of_one_caller_do_not_make_another_wait(tmp_path: Path) -> None:
    """They are begun one after the other, a few in each turn of the loop; who is next is another caller."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        await default_roles.ensure(world.store, actor="test")
        token = await serving.account_token(world, PROJECT, "kargo-viewer")
        answered: list[str] = []

        async with serving.client(world) as client:

            async def ask(who: str) -> None:
                headers = {"Authorization": f"Bearer {token if who == 'crowd' else serving.TOKEN}"}
                path = f"/api/v1/namespaces/{PROJECT}/configmaps"
                assert (await client.get(path, headers=headers)).status_code == 200
                answered.append(who)

            await asyncio.gather(*(ask(who) for who in ["crowd"] * 100 + ["administrator"]))
        assert "administrator" in answered[:30]
