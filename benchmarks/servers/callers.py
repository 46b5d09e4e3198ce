"""Callers of a server on loopback: many at once, and those who send or read as nobody should."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import psutil

_GET: Final = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
_END: Final = b"hello"
_SOCKET_BYTES: Final = 64 << 10


async def load(port: int, connections: int, seconds: float) -> list[float]:
    """Return how long each request took, of so many callers who ask again as soon as they are answered."""
    taken: list[float] = []

    async def call() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        end = time.perf_counter() + seconds
        while (begin := time.perf_counter()) < end:
            writer.write(_GET)
            await reader.readuntil(_END)
            taken.append(time.perf_counter() - begin)
        writer.close()

    await asyncio.gather(*(call() for _ in range(connections)))
    return taken


def ask(port: int) -> socket.socket:
    """Ask once; return the connection, which is kept."""
    connection = socket.create_connection(("127.0.0.1", port), 30)
    connection.sendall(_GET)
    seen = b""
    while not seen.endswith(_END):
        seen += connection.recv(65536)
    return connection


def head(port: int, piece: bytes, most: int) -> str:
    """Send a head that does not end; say what became of it, and after how much."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        sent = 0
        try:
            while sent < most:
                connection.sendall(piece)
                sent += len(piece)
                answer = _waiting(connection)
                if answer is not None:
                    return f"{_status(answer)} after {sent >> 10} KiB"
            connection.sendall(b"\r\n\r\n")
            return f"{_status(connection.recv(4096))} for {sent >> 10} KiB"
        except TimeoutError:
            return f"nothing, for {sent >> 10} KiB"
        except OSError:
            return f"closed after {sent >> 10} KiB"


def _waiting(connection: socket.socket) -> bytes | None:
    connection.settimeout(0.02)
    try:
        return connection.recv(4096)
    except TimeoutError:
        return None
    finally:
        connection.settimeout(10)


def _status(answer: bytes) -> str:
    return answer.split(b" ", 2)[1].decode() if answer.startswith(b"HTTP") else "closed"


async def small_chunks(port: int, count: int) -> float:
    """Send a body in chunks of one byte; return the longest that another caller waits meanwhile."""
    longest = 0.0
    sending = asyncio.create_task(asyncio.to_thread(_send_chunks, port, count))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while not sending.done():
        begin = time.perf_counter()
        writer.write(_GET)
        await reader.readuntil(_END)
        longest = max(longest, time.perf_counter() - begin)
        await asyncio.sleep(0.002)
    writer.close()
    await sending
    return longest


def _send_chunks(port: int, count: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        try:
            connection.sendall(head + b"1\r\nx\r\n" * count + b"0\r\n\r\n")
            connection.recv(4096)
        except OSError:
            return  # refused


def half_a_head(port: int) -> socket.socket:
    """Begin a request and leave it."""
    connection = socket.create_connection(("127.0.0.1", port), 10)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
    return connection


def unread(port: int) -> socket.socket:
    """Ask for much, and read nothing."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SOCKET_BYTES)
    connection.settimeout(10)
    connection.connect(("127.0.0.1", port))
    connection.sendall(_GET.replace(b"/ ", b"/large ", 1))
    return connection


def let_go_after(connection: socket.socket, server: psutil.Process, seconds: float) -> str:
    """Say after how long a server has let go of a connection on which nothing is read.

    The server is asked, not the connection: what it has given up may still lie in the kernel's buffers.
    """
    mine, begin = connection.getsockname()[1], time.monotonic()
    while (waited := time.monotonic() - begin) < seconds:
        each = [server, *server.children(recursive=True)]
        if not any(
            tuple(held.raddr)[1:] == (mine,) for one in each for held in one.net_connections("tcp")
        ):
            return f"{waited:.0f} s"
        time.sleep(0.5)
    return f"not within {seconds:.0f} s"


def protocol(port: int) -> str:
    """Return the protocol that is agreed on with a browser, over TLS."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", port), 10) as connection,
        context.wrap_socket(connection, server_hostname="localhost") as secure,
    ):
        return secure.selected_alpn_protocol() or "http/1.1"
