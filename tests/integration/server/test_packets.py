"""Small answers go out at once and in one packet, whoever listens: nobody waits for an acknowledgement."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import ssl
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.support import git_server
from tests.support.listening import listens
from tests.unit.cli import fake_api
from towpath.app import tls
from towpath.app.tls import TLSSettings
from towpath.clients.http import Egress
from towpath.clock import SystemClock
from towpath.demo.loopback import Loopback
from towpath.sdk.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

_PACKETS = slice(156, 160)
"""Where `struct tcp_info` of Linux has `tcpi_data_segs_out`."""
_REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
_ANSWER = {"status": 200, "headers": [(b"content-length", b"5")]}


async def small(_: Scope, __: Receive, send: Send) -> None:
    """Answer with a few bytes, whose length is told."""
    await send({"type": "http.response.start", **_ANSWER})
    await send({"type": "http.response.body", "body": b"hello"})


async def late(_: Scope, receive: Receive, send: Send) -> None:
    """Answer with a head, and with a body once the caller has gone."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await receive()


def _is_prompt(connection: socket.socket) -> bool:
    return bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


def _packets(connection: socket.socket) -> int:
    """Return how many packets with data were sent."""
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _PACKETS.stop)
    return int.from_bytes(told[_PACKETS], "little")


@contextlib.asynccontextmanager
async def _context(folder: Path, *, over_tls: bool) -> Any:
    if not over_tls:
        yield None, None
        return
    settings = TLSSettings(host="127.0.0.1", port=0)
    async with tls.serving(folder, settings, SystemClock()) as served:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        yield served, trusting


@pytest.mark.parametrize("over_tls", [False, True], ids=["plain", "TLS"])
async def test_an_answer_of_the_server_is_one_packet_that_waits_for_nothing(
    tmp_path: Path, over_tls: bool
) -> None:
    """Head and body together, on every connection that is accepted."""
    async with (
        _context(tmp_path, over_tls=over_tls) as (context, trusting),
        listens(small, SystemClock(), context=context) as (server, port),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
        writer.write(_REQUEST)
        await reader.readuntil(b"hello")
        (connection,) = server.server_state.connections
        accepted = connection.transport.get_extra_info("socket")
        assert _is_prompt(accepted)
        before = _packets(accepted)
        for _ in range(3):
            writer.write(_REQUEST)
            await reader.readuntil(b"hello")
        assert _packets(accepted) - before == 3
        writer.close()


async def test_a_head_does_not_wait_for_a_body_that_comes_later() -> None:
    """Whoever watches what does not change has to see that the watch has begun."""
    async with listens(late, SystemClock()) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_REQUEST)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_heads_and_bodies_of_pipelined_requests_stay_in_order() -> None:
    """Each head goes before its own body."""
    async with listens(small, SystemClock()) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_REQUEST * 5)
        for _ in range(5):
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert await reader.readexactly(5) == b"hello"
        writer.close()


@contextlib.contextmanager
def _demo(_: Path) -> Iterator[tuple[str, Any]]:
    """Registry and Git server of the demo stand on this."""
    server = Loopback(lambda _: (200, {}, b"hello"))
    try:
        yield server.url, server._server
    finally:
        server.close()


@contextlib.contextmanager
def _git(folder: Path) -> Iterator[tuple[str, Any]]:
    made: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(git_server, "_Server", _noting(git_server._Server, made))
        with git_server.serving(folder) as served:
            yield served.url, made[0]


@contextlib.contextmanager
def _api(_: Path) -> Iterator[tuple[str, Any]]:
    made: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fake_api, "ThreadingHTTPServer", _noting(ThreadingHTTPServer, made))
        with fake_api.running() as served:
            yield served.address, made[0]


def _noting(kind: Any, made: list[Any]) -> Any:
    def make(*given: Any) -> Any:
        made.append(kind(*given))
        return made[0]

    return make


@pytest.mark.parametrize("listener", [_demo, _git, _api], ids=["demo", "git", "API"])
def test_an_answer_of_a_stand_in_is_one_packet_that_waits_for_nothing(
    tmp_path: Path, listener: Any
) -> None:
    """What is measured and tested with them would take 40 ms a request else."""
    with listener(tmp_path) as (url, server):
        accepted: list[socket.socket] = []
        accept = server.get_request

        def noting() -> Any:
            found = accept()
            accepted.append(found[0])
            return found

        server.get_request = noting
        caller = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        for _ in range(3):
            caller.request("GET", "/nothing")
            caller.getresponse().read()
        assert _is_prompt(accepted[0])
        assert _packets(accepted[0]) == 3
        caller.close()


async def test_our_clients_send_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request of the command line and one of the server to the outside."""
    connected: list[socket.socket] = []
    connect = http.client.HTTPConnection.connect

    def noting(self: Any) -> None:
        connect(self)
        connected.append(self.sock)
        assert _is_prompt(self.sock)

    monkeypatch.setattr(http.client.HTTPConnection, "connect", noting)
    async with listens(small, SystemClock()) as (_, port):
        transport = Transport(f"http://127.0.0.1:{port}", "token")
        with contextlib.suppress(Exception):
            await asyncio.to_thread(transport.json, "GET", "/")
        assert connected
        async with Egress(allow=[f"127.0.0.1:{port}"], clock=SystemClock()) as egress:
            made: list[socket.socket] = []
            make = egress._socket

            def noted(info: Any) -> socket.socket:
                made.append(make(info))
                return made[-1]

            monkeypatch.setattr(egress, "_socket", noted)
            answer = await egress.request("GET", f"http://127.0.0.1:{port}/")
            assert answer.body == b"hello"
            assert [_is_prompt(each) for each in made] == [True]
