"""Connections: what they may cost, how long they may be held, and how they end."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import signal
import socket
import ssl
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h11
import httpx
import pytest

from tests.support import pipeline, serving
from tests.support.listening import exchange, in_a_thread, listens, passes_until
from tests.support.towpath_process import up
from towpath.app import certificates, tls
from towpath.app.connections import Connection, ConnectionLimits
from towpath.clock import SystemClock, VirtualClock, settle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import Receive, Scope, Send

    from towpath.app.listening import Server

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
_MEGABYTE = b"x" * (1 << 20)


async def echo(_: Scope, receive: Receive, send: Send) -> None:
    """Answer with the body of the request."""
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(_: Scope, __: Receive, send: Send) -> None:
    """Answer without reading the body."""
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": b"no"})


class Streaming:
    """Answers with what is put into a queue, until None; notes who has gone."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.begun = asyncio.Event()
        self.sent = asyncio.Event()
        self.gone = asyncio.Event()

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        self.begun.set()
        leaving = asyncio.ensure_future(receive())
        while True:
            taking = asyncio.create_task(self.queue.get())
            await asyncio.wait((taking, leaving), return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                taking.cancel()
                self.gone.set()
                return
            part = taking.result()
            if part is None:
                leaving.cancel()
                break
            await send({"type": "http.response.body", "body": part, "more_body": True})
            self.sent.set()
        await send({"type": "http.response.body", "body": b""})


# --- what a request may cost -------------------------------------------------------------------------


_TWO_LENGTHS = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([GET + b"A: b\r\n" * 10_000 + b"\r\n"], 431),
        ([GET] + [b"A: b\r\n"] * 10_000 + [b"\r\n"], 431),
        ([GET + b"A: b\r\n" * 250 + b"\r\n"], 431),
        ([GET + b"A: " + b"b" * 70_000 + b"\r\n\r\n"], 431),
        ([GET + b"A: ", *([_MEGABYTE] * 20)], 431),
        ([b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"], 414),
        ([b"GET /", *([_MEGABYTE] * 20)], 431),
        ([b"\x16\x03\x01 what is this\r\n\r\n"], 400),
        ([b"GET / HTTP/1.1\r\n\r\n"], 400),
        ([b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"], 501),
        ([b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"], 400),
        ([_TWO_LENGTHS + GET + b"\r\n"], 400),
    ],
    ids=[
        "10,000 headers at once",
        "10,000 headers one by one",
        "250 headers",
        "a long header",
        "a header without end",
        "a long path",
        "a path without end",
        "no HTTP",
        "no host",
        "an unknown encoding",
        "a chunk that is none",
        "two lengths",
    ],
)
async def test_a_head_that_is_too_large_or_none_is_refused(parts: list[bytes], status: int) -> None:
    """With the status that says what is wrong, and the end of the connection; others are served as before."""
    async with listens(echo, SystemClock()) as (_, port):
        answer, taken = await in_a_thread(port, parts)
        assert answer.startswith(b"HTTP/1.1 %d " % status)
        assert b"connection: close\r\n" in answer.lower()
        assert taken < 16 << 20
        after, _ = await in_a_thread(port, [GET + b"Connection: close\r\n\r\n"])
        assert after.startswith(b"HTTP/1.1 200")


_CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("application", [echo, refuse], ids=["read", "not read"])
async def test_a_body_of_very_many_chunks_of_a_byte_is_refused(
    application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes its time: a quarter of a megabyte of them, which anybody may send, held up everybody for a second."""
    async with listens(application, SystemClock()) as (_, port):
        looked_at, original = list[int](), h11.Connection.next_event

        def next_event(self: h11.Connection) -> Any:
            looked_at.append(1)
            return original(self)

        monkeypatch.setattr(h11.Connection, "next_event", next_event)
        answer, _ = await in_a_thread(port, [_CHUNKED + b"1\r\nx\r\n" * 200_000])
        assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 401 "))
        assert application is refuse or b"chunks of a few bytes" in answer
        assert len(looked_at) < 3_000


async def test_few_small_chunks_or_many_large_ones_are_taken() -> None:
    """What writes line by line sends such."""
    async with listens(echo, SystemClock()) as (_, port):
        for chunks in (b"1\r\nx\r\n" * 1_000, b"40\r\n%b\r\n" % (b"x" * 64) * 5_000):
            answer, _ = await in_a_thread(port, [_CHUNKED + chunks + b"0\r\n\r\n"])
            assert answer.startswith(b"HTTP/1.1 200 ")


_CHUNK = (413, "RequestEntityTooLarge", "larger than the 16777216 bytes")
_KUBE = b"POST /apis/kargo.akuity.io/v1alpha1/stages?a=b HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("sent", "status", "reason", "says"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400, None, "Missing mandatory Host"),
        (b"what is this\r\n\r\n", 400, None, "illegal request line"),
        (_KUBE + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "BadRequest", "chunk"),
        (_KUBE + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\n", *_CHUNK),
        (_KUBE + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2000000\r\nb", *_CHUNK),
        (
            _KUBE + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 21 + b"\r\n",
            400,
            "BadRequest",
            "chunk",
        ),
        (_KUBE + b"A\x00: 1\r\n\r\n", 400, "BadRequest", "illegal header"),
        (_TWO_LENGTHS, 400, None, "Content-Length and Transfer-Encoding"),
        (_KUBE + b"Transfer-Encoding: gzip\r\n\r\n", 501, "NotImplemented", "Transfer-Encoding"),
        (_KUBE.replace(b"a=b", b"a" * 40_000) + b"\r\n", 414, "", "32768 bytes"),
        (_KUBE + b"A: 1\r\n" * 250 + b"\r\n", 431, "", "200 headers"),
        (_KUBE + b"A: " + b"b" * 90_000, 431, "", "65536 bytes"),
    ],
    ids=[
        "host",
        "line",
        "chunk",
        "overflow",
        "32 MiB",
        "more digits",
        "header",
        "two lengths",
        "encoding",
        "uri",
        "headers",
        "head",
    ],
)
async def test_what_cannot_be_read_is_answered_as_any_other_error(
    sent: bytes, status: int, reason: str | None, says: str
) -> None:
    """In the shape of the API that the path is of, with the reason, and with a length."""
    async with listens(echo, SystemClock()) as (_, port):
        answer, _ = await in_a_thread(port, [sent])
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"content-type: application/json" in head.lower()
    assert b"content-length: %d" % len(body) in head.lower()
    found = json.loads(body)
    if reason is None:
        assert list(found) == ["error"]
        assert says in found["error"]
    else:
        assert (found["kind"], found["status"], found["code"]) == ("Status", "Failure", status)
        assert found.get("reason", "") == reason
        assert says in found["message"]


@pytest.mark.parametrize("first", [b"", b"POST"], ids=["no body", "a body"])
@pytest.mark.parametrize("apart", [False, True], ids=["together", "apart"])
@pytest.mark.parametrize(
    ("second", "status"),
    [
        (b"what is this\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (GET + b"A\x00: 1\r\n\r\n", 400),
        (GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (_KUBE + b"Transfer-Encoding: gzip\r\n\r\n", 501),
        (_KUBE + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (_KUBE + b"Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n", 413),
        (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (GET + b"A: 1\r\n" * 250 + b"\r\n", 431),
    ],
    ids=["line", "host", "header", "lengths", "encoding", "chunk", "size", "uri", "headers"],
)
async def test_a_second_request_that_is_illegal_waits_for_the_first_answer(
    first: bytes, second: bytes, status: int, *, apart: bool
) -> None:
    """The first is answered whole, then the second is refused for what is wrong with it, and the connection ends."""
    body = b"x" * 100
    begun = GET + b"\r\n"
    if first:
        begun = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + body
    async with listens(echo, SystemClock()) as (_, port):
        sent = [begun, second] if apart else [begun + second]
        answer, _ = await in_a_thread(port, sent)
    assert answer.startswith(b"HTTP/1.1 200")
    _, _, rest = answer.partition(b"\r\n\r\n")
    if first:
        assert rest.startswith(body)
        rest = rest[len(body) :]
    assert rest.startswith(b"HTTP/1.1 %d " % status)
    assert b"connection: close\r\n" in rest.lower()
    assert rest.count(b"HTTP/1.1") == 1
    length = len(rest.partition(b"\r\n\r\n")[2])
    assert b"content-length: %d\r\n" % length in rest.lower()


async def test_a_head_within_the_limits_is_taken() -> None:
    """Two hundred headers, sixty kilobytes, in pieces."""
    head = GET + b"A: %s\r\n" % (b"b" * 300) * 198 + b"Connection: close\r\n\r\n"
    async with listens(echo, SystemClock()) as (_, port):
        answer, _ = await in_a_thread(port, [head[:30_000], head[30_000:]])
    assert answer.startswith(b"HTTP/1.1 200")


async def test_a_body_nobody_wants_is_not_read_to_its_end() -> None:
    """The answer comes, a little more is read, then the connection is closed; a small rest keeps it open."""
    async with listens(refuse, SystemClock()) as (_, port):
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
        answer, taken = await in_a_thread(port, [head % (100 << 20), *([_MEGABYTE] * 100)])
        assert answer.startswith(b"HTTP/1.1 401")
        assert taken < 16 << 20, "what the kernel buffers, and not much more"
        again = [head % 3 + b"abc", GET + b"Connection: close\r\n\r\n"]
        answer, _ = await in_a_thread(port, again)
        assert answer.count(b"HTTP/1.1 401") == 2


async def test_who_sends_all_of_a_body_that_is_refused_reads_why() -> None:
    """Most clients read nothing before they have sent all, and a connection that is closed meanwhile loses the answer."""

    def sent(port: int) -> list[int]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        statuses = []
        for _ in range(3):  # on one connection: it is kept
            connection.request("POST", "/", _MEGABYTE * 7)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()
        return statuses

    async with listens(refuse, SystemClock()) as (_, port):
        assert await asyncio.to_thread(sent, port) == [401, 401, 401]


def _large(how: str, token: str) -> Iterator[bytes]:
    """Yield a request with a body of 100 MB: `declared`, `chunked`, or declared by a `stranger`."""
    head = b"POST /v1beta1/resources HTTP/1.1\r\nHost: x\r\nContent-Type: application/yaml\r\n"
    if how != "stranger":
        head += b"Authorization: Bearer %s\r\n" % token.encode()
    if how == "chunked":
        yield head + b"Transfer-Encoding: chunked\r\n\r\n"
    else:
        yield head + b"Content-Length: %d\r\n\r\n" % (100 << 20)
    for _ in range(100):
        yield b"%x\r\n%s\r\n" % (len(_MEGABYTE), _MEGABYTE) if how == "chunked" else _MEGABYTE


def test_100_mb_are_refused_early_and_cost_no_memory(tmp_path: Path) -> None:
    """Declared or chunked, with a token or without, over TLS or not: 413 or 401, and little of it is read."""
    with up(tmp_path) as server:
        context = ssl.create_default_context(cafile=str(tmp_path / "data/tls/ca.crt"))
        before = _most_resident(server.process.pid)
        for address, wrapped in ((server.address, None), (server.tls_address, context)):
            port = httpx.URL(address).port
            assert port is not None
            for how, status in (("declared", 413), ("chunked", 413), ("stranger", 401)):
                answer, taken = exchange(port, _large(how, server.token), wrapped)
                assert answer.startswith(b"HTTP/1.1 %d " % status), how
                assert taken < 24 << 20, how
            headers, _ = exchange(port, [GET + b"A: b\r\n" * 10_000 + b"\r\n"], wrapped)
            assert headers.startswith(b"HTTP/1.1 431 ")
        assert _most_resident(server.process.pid) - before < 32 << 20
        assert httpx.get(f"{server.address}/healthz").text == "ok"


def _most_resident(pid: int) -> int:
    """Return the most memory a process has had resident, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) << 10


_TWO = ConnectionLimits(connections=2)
_HALF_A_BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"


async def test_more_connections_than_may_be_are_told_to_come_back() -> None:
    """With 503, while all are at work; when one has gone there is room again."""
    streaming = Streaming()
    async with listens(streaming, SystemClock(), _TWO) as (server, port):
        callers = []
        for _ in range(2):
            streaming.begun.clear()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(GET + b"\r\n")
            await streaming.begun.wait()
            callers.append((reader, writer))
        answer, _ = await in_a_thread(port, [])
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1\r\n" in answer.lower()
        assert b'{"error":"the server has as many connections' in answer
        assert not callers[0][0].at_eof()
        callers[1][1].close()
        await streaming.gone.wait()
        while server.connections > 1:
            await settle()
        for _ in range(2):
            await streaming.queue.put(None)
        answer, _ = await in_a_thread(port, [GET + b"Connection: close\r\n\r\n"])
        assert answer.startswith(b"HTTP/1.1 200")
        callers[0][1].close()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"", b""),
        (b"GET / HTT", b"HTTP/1.1 503 "),
        (GET + b"\r\n", b"HTTP/1.1 200 "),
        (_HALF_A_BODY, b"HTTP/1.1 503 "),
    ],
    ids=["nothing", "half a head", "nothing more", "half a body"],
)
async def test_whoever_has_asked_for_nothing_for_longest_makes_room(
    sent: bytes, told: bytes
) -> None:
    """Else a crowd that signs in nowhere keeps everybody out. Whoever comes is served, again and again."""
    async with listens(echo, SystemClock(), _TWO) as (server, port):
        callers = []
        for number in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            while server.connections <= number:
                await settle()
            if told.endswith(b"200 "):
                await reader.readuntil(b"\r\n\r\n")
            callers.append((reader, writer))
        while sent and not all(map(_has_come, server.server_state.connections)):
            await settle()
        answer, _ = await in_a_thread(port, [GET + b"Connection: close\r\n\r\n"])
        assert answer.startswith(b"HTTP/1.1 200")
        first = await callers[0][0].read()
        assert first.startswith(told if not told.endswith(b"200 ") else b"")
        assert not callers[1][0].at_eof()
        for _, writer in callers:
            writer.close()


def _has_come(connection: Any) -> bool:
    """Whether something of a request has come."""
    return connection.cycle is not None or bool(connection.conn.trailing_data[0])


async def test_what_is_answered_makes_no_room() -> None:
    """Somebody who asks for nothing does, however much later they came."""
    streaming = Streaming()
    async with listens(streaming, SystemClock(), _TWO) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET + b"\r\n")
        await streaming.begun.wait()
        idle, idler = await asyncio.open_connection("127.0.0.1", port)
        while server.connections < 2:
            await settle()
        streaming.begun.clear()
        _, third = await asyncio.open_connection("127.0.0.1", port)
        third.write(GET + b"\r\n")
        await streaming.begun.wait()
        assert await idle.read() == b""
        assert not reader.at_eof()
        for each in (writer, idler, third):
            each.close()


@pytest.mark.parametrize("begin", [GET + b"A: ", _HALF_A_BODY.replace(b" 9", b" 65536")])
async def test_what_waits_to_become_requests_is_bounded_altogether(begin: bytes) -> None:
    """Whoever has held much of it for longest goes; what is short does not count, and whole requests are answered."""
    limits = ConnectionLimits(unfinished_bytes=100 << 10)
    async with listens(echo, SystemClock(), limits) as (server, port):
        callers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        for (_, writer), size, held in zip(
            callers, (4, 40, 40, 4, 40), (0, 1, 2, 2, 2), strict=True
        ):
            writer.write(begin + b"x" * (size << 10))
            while server.seats.waiting_bytes < held * (40 << 10):
                await settle()
        told = await callers[1][0].read()
        assert told.startswith(b"HTTP/1.1 503 ")
        assert not any(callers[number][0].at_eof() for number in (0, 2, 3, 4))
        answer, _ = await in_a_thread(port, [GET + b"Connection: close\r\n\r\n"])
        assert answer.startswith(b"HTTP/1.1 200")
        for _, writer in callers:
            writer.close()
        while server.connections:
            await settle()
        assert server.seats.waiting_bytes == 0


# --- how long a connection may be held ---------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTT",
        GET + b"Accept: */",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
        GET + b"\r\n" + b"GET / HTT",
    ],
    ids=["nothing", "half a line", "half a head", "half a body", "half a chunk", "half a second"],
)
async def test_half_a_request_is_not_waited_for_for_ever(sent: bytes) -> None:
    """After 30 seconds without more the connection is cut; who has begun a request is told why."""
    clock = VirtualClock()
    async with listens(echo, clock) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        while not server.connections:
            await settle()
        if sent.count(b"GET") == 2:
            await reader.readuntil(b"\r\n\r\n")
        assert await passes_until(clock, lambda: not server.connections, 40) >= 30
        told = await reader.read()
        writer.close()
    assert told.startswith(b"HTTP/1.1 408 ") == bool(sent)
    assert (b'{"error":"the request did not go on coming in time' in told) == bool(sent)


async def test_a_connection_that_cannot_be_checked_is_cut_and_the_others_are_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever is wrong with one, who is slow on another is cut off in time."""
    genuine, odd = Connection.check, list[Connection]()

    def check(self: Connection, now: float, *, stopping: bool = False) -> None:
        odd.append(self)
        if self is odd[0]:
            raise ValueError("it is odd")
        genuine(self, now, stopping=stopping)

    monkeypatch.setattr(Connection, "check", check)
    clock = VirtualClock()
    async with listens(echo, clock) as (server, port):
        callers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for _, writer in callers:
            writer.write(GET)
        while server.connections < len(callers):
            await settle()
        await passes_until(clock, lambda: not server.connections, 40)
        told = [await reader.read() for reader, _ in callers]
        assert sorted(each[:12] for each in told) == [b"", b"HTTP/1.1 408"]
        for _, writer in callers:
            writer.close()


async def test_a_head_that_trickles_is_cut() -> None:
    """It has to be there in 30 seconds altogether."""
    clock = VirtualClock()
    async with listens(echo, clock) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for byte in (GET + b"Content-Length: 3\r\n")[:2]:
            writer.write(bytes([byte]))
            await clock.advance(14)
        assert server.connections == 1
        await passes_until(clock, lambda: not server.connections, 5)
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_a_body_has_to_go_on_and_a_byte_now_and_then_is_not_that() -> None:
    """It may take as long as it likes if it brings 4 KiB in 30 seconds."""
    clock = VirtualClock()
    async with listens(echo, clock) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20480\r\n\r\n")
        for letter in (b"a", b"b", b"c", b"d", b"e"):
            await clock.advance(25)
            writer.write(letter * 4096)
        assert (await reader.readuntil(b"e" * 4096)).startswith(b"HTTP/1.1 200")
        writer.close()
        await passes_until(clock, lambda: not server.connections, 5)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20480\r\n\r\n")
        for _ in range(40):
            await clock.advance(1)
            if not server.connections:
                break
            with suppress(OSError):
                writer.write(b"a")
        assert not server.connections
        writer.close()


async def test_an_answer_that_is_quiet_may_stay() -> None:
    """A watch on which nothing happens for minutes goes on when something does."""
    clock, streaming = VirtualClock(), Streaming()
    async with listens(streaming, clock) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET + b"\r\n")
        await streaming.begun.wait()
        await clock.advance(600)
        streaming.queue.put_nowait(b"after minutes")
        await reader.readuntil(b"after minutes")
        streaming.queue.put_nowait(None)
        await reader.readuntil(b"0\r\n\r\n")
        writer.close()


async def test_who_reads_slowly_is_not_cut_off() -> None:
    """As long as something is read within 30 seconds, however large the answer is."""
    clock, streaming = VirtualClock(), Streaming()
    async with listens(streaming, clock) as (server, port), _caller(port) as caller:
        streaming.queue.put_nowait(_MEGABYTE * 16)
        await streaming.sent.wait()
        loop = asyncio.get_running_loop()
        for _ in range(6):
            await clock.advance(20)
            for _ in range(8):
                await loop.sock_recv(caller, 1 << 18)
            await settle()
        assert server.connections == 1
        # The kernel may take more in its own time, and the 30 seconds begin anew.
        assert await passes_until(clock, lambda: not server.connections, 600) >= 30
        await streaming.gone.wait()


@asynccontextmanager
async def _caller(port: int, head: bytes = GET) -> AsyncIterator[socket.socket]:
    """Yield a connection, with small buffers, that has sent a request and reads nothing by itself."""
    with socket.socket() as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        caller.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(caller, ("127.0.0.1", port))
        await loop.sock_sendall(caller, head + b"\r\n")
        yield caller


@pytest.mark.parametrize(
    "path",
    [
        "/v1beta1/projects/shop/warehouses?watch=true",
        "/apis/kargo.akuity.io/v1alpha1/namespaces/shop/warehouses?watch=true",
    ],
    ids=["REST", "Kubernetes"],
)
async def test_a_watcher_that_never_reads_is_cut_off_and_others_see_every_change(
    tmp_path: Path, path: str
) -> None:
    """After 30 seconds; who reads sees all changes, before and after."""
    async with pipeline.running(tmp_path) as world:
        await world.apply(pipeline.project_document(), pipeline.warehouse_document())
        application = serving.served(world)
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {serving.TOKEN}\r\n"
        async with (
            listens(application, world.clock) as (server, port),
            _caller(port, head.encode()),
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 26)
            writer.write(f"{head}\r\n".encode())
            for number in range(80):
                await world.apply(_marked(number, "x" * 200_000))
                await _event(reader, number)
            assert server.connections == 2
            assert await passes_until(world.clock, lambda: server.connections == 1, 40) >= 29
            await world.apply(_marked(80, ""))
            await _event(reader, 80)
            writer.close()


def _marked(number: int, padding: str) -> dict[str, Any]:
    document = pipeline.warehouse_document()
    annotations = {"number": f"n-{number}", "padding": padding}
    document["metadata"] = {**document["metadata"], "annotations": annotations}
    return document


async def _event(reader: asyncio.StreamReader, number: int) -> None:
    """Return when an event with the Warehouse so marked has come."""
    await reader.readuntil(f'"n-{number}"'.encode())


# --- how they end ------------------------------------------------------------------------------------


def test_a_stop_ends_open_watches_at_once(tmp_path: Path) -> None:
    """Both kinds, over TLS and without: their answers end as they should, and nothing has to be cancelled."""
    with up(tmp_path) as server:
        context = ssl.create_default_context(cafile=str(tmp_path / "data/tls/ca.crt"))
        headers = {"Authorization": f"Bearer {server.token}"}
        with (
            httpx.Client(headers=headers, verify=context, timeout=30) as client,
            client.stream("GET", f"{server.address}/api/v1/namespaces?watch=true") as plain,
            client.stream("GET", f"{server.tls_address}/api/v1/namespaces?watch=true") as secure,
            client.stream("GET", f"{server.address}/v1beta1/projects?watch=true") as events,
        ):
            assert (plain.status_code, secure.status_code, events.status_code) == (200, 200, 200)
            read = plain.iter_lines()
            assert json.loads(next(read))["type"] == "ADDED"
            server.process.send_signal(signal.SIGTERM)
            rest = [*read, *secure.iter_lines()]
            assert all(json.loads(line)["object"]["kind"] == "Namespace" for line in rest)
            assert "event: error" not in events.read().decode()
        assert server.process.wait(30) == 0
    log = (tmp_path / "log").read_text()
    assert "Cancel" not in log
    assert "Traceback" not in log


async def test_a_stop_does_not_wait_long_for_who_reads_nothing() -> None:
    """Two seconds instead of thirty; what is cut off then is no clean end."""
    clock, streaming = VirtualClock(), Streaming()
    stop = asyncio.Event()

    async def serve() -> None:
        async with AsyncExitStack() as kept:
            async with listens(streaming, clock) as (server, port):
                await kept.enter_async_context(_caller(port))
                streaming.queue.put_nowait(_MEGABYTE * 16)
                await streaming.sent.wait()
                stop.set()
            assert not server.connections

    serving_ = asyncio.create_task(serve())
    await stop.wait()
    took = await passes_until(clock, serving_.done, 10_000)
    await serving_
    assert took >= 2
    assert streaming.gone.is_set()


async def test_a_request_under_way_is_answered_before_the_end() -> None:
    """A stop does not break off what can end by itself."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        asked.set()
        await go_on.wait()
        await echo(scope, receive, send)

    async def end() -> None:
        go_on.set()

    async with listens(slow, SystemClock(), end=end) as (_, port):
        answering = asyncio.create_task(in_a_thread(port, [GET + b"Content-Length: 2\r\n\r\nok"]))
        await asked.wait()
    answer, _ = await answering
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"ok")


def _only(server: Server) -> Connection:
    [found] = server.server_state.connections
    assert isinstance(found, Connection)
    return found


@pytest.mark.parametrize("over_tls", [False, True])
async def test_a_body_that_drips_is_read_now_and_then(tmp_path: Path, *, over_tls: bool) -> None:
    """What comes between waits in the kernel, and is taken all at once; in the end the request is answered."""
    clock = VirtualClock()
    async with AsyncExitStack() as stack:
        context = trusting = None
        if over_tls:
            settings = tls.TLSSettings(host="127.0.0.1", port=0)
            context = await stack.enter_async_context(tls.serving(tmp_path, settings, clock))
            files = certificates.prepare(tmp_path, ("127.0.0.1",), now=clock.now())
            trusting = ssl.create_default_context(cafile=str(files.authority))
            trusting.verify_flags &= ~ssl.VERIFY_X509_STRICT
        server, port = await stack.enter_async_context(listens(echo, clock, context=context))
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
        length = 20
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % length)
        async with asyncio.timeout(30):
            while not server.server_state.connections:
                await asyncio.sleep(0)
        connection = _only(server)
        sent = 0

        async def drip(*, is_taken: bool) -> int:
            """Send a byte, and let a second pass."""
            nonlocal sent
            before = connection._received
            writer.write(b"x")
            sent += 1
            async with asyncio.timeout(30):
                while is_taken and connection._received == before:
                    await asyncio.sleep(0)
            await clock.advance(1)
            return connection._received

        async with asyncio.timeout(30):
            while connection.conn.their_state is not h11.SEND_BODY:
                await asyncio.sleep(0)
        for _ in range(2):
            await drip(is_taken=True)
        at_first = connection._received
        await drip(is_taken=True)  # what comes once it is known to drip is taken, the next is not
        held = connection._received
        assert held == at_first + 1
        assert not connection._layer.is_reading()
        for _ in range(2):
            assert await drip(is_taken=False) == held
        await passes_until(clock, lambda: connection._received >= held + 2, 8)
        writer.write(b"x" * (length - sent))
        await passes_until(clock, lambda: connection.conn.their_state is not h11.SEND_BODY, 20)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()
