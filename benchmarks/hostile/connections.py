"""Connections that are begun and not gone on with, or that ask for more than they wait for."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from benchmarks.hostile.attack import STRANGER, WRITER, Attack
from benchmarks.hostile.readers import allow_files, begun

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from benchmarks.hostile.attack import Victim

    Answered = Callable[[int], None]

_CONNECTIONS: Final = 500
"""Of each of the four acts."""
_MAPS: Final = "/api/v1/namespaces/shop/configmaps"
_APPLY: Final = "Content-Type: application/apply-patch+yaml"


def attacks() -> Iterator[Attack]:
    """Yield every attack by connections."""
    yield Attack("2,000 TLS handshakes left half open", STRANGER, _half_open)
    yield Attack("2,000 heads that come a byte a second", STRANGER, _dripping(_head))
    yield Attack("2,000 bodies that come a byte a second", WRITER, _dripping(_body))
    yield Attack("500 requests in one packet, unread", WRITER, _pipelined)
    yield Attack("connections that are opened and closed", STRANGER, _opened, connections=32)


async def _half_open(victim: Victim, _: Answered) -> None:
    """Connect, and say nothing, over and over: the server gives a handshake some seconds."""
    allow_files()
    parts = urlsplit(victim.tls_address)
    with contextlib.ExitStack() as held:
        for number in range(_CONNECTIONS):
            caller = held.enter_context(socket.socket())
            caller.connect((parts.hostname, parts.port))
            caller.sendall(b"\x16\x03\x01\x02\x00")  # a record begins
            if number % 20 == 0:
                await asyncio.sleep(0.02)
        await asyncio.sleep(5)


def _head(victim: Victim) -> bytes:
    return victim.head("GET", "/healthz", "X-More: " + "x" * 1_000)


def _body(victim: Victim) -> bytes:
    return victim.head("PATCH", f"{_MAPS}/slow?fieldManager=a", _APPLY, "Content-Length: 100000")


def _dripping(
    begin: Callable[[Victim], bytes],
) -> Callable[[Victim, Answered], Awaitable[None]]:
    """Return an act that sends all but the end of something, and then a byte a second."""

    async def act(victim: Victim, _: Answered) -> None:
        begins = begin(victim)
        parts = urlsplit(victim.address)
        allow_files()
        with contextlib.ExitStack() as held:
            callers = []
            for number in range(_CONNECTIONS):
                caller = held.enter_context(socket.socket())
                caller.connect((parts.hostname, parts.port))
                caller.sendall(begins if begin is _body else begins[:-600])
                callers.append(caller)
                if number % 20 == 0:
                    await asyncio.sleep(0.02)
            while True:
                for number, caller in enumerate(callers):
                    caller.send(b"x")  # OSError: it was cut, and all is begun anew
                    if number % 50 == 0:
                        await asyncio.sleep(0.1)

    return act


async def _pipelined(victim: Victim, _: Answered) -> None:
    """Ask 500 times at once on each of ten connections, and read nothing."""
    requests = victim.head("GET", f"{_MAPS}/probed") * 500
    with contextlib.ExitStack() as held:
        for _number in range(10):
            caller = held.enter_context(begun(victim, f"{_MAPS}/probed"))
            caller.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                caller.send(requests)
        await asyncio.sleep(2)


async def _opened(victim: Victim, _: Answered) -> None:
    """Connect and go."""
    async with victim.connected():
        pass
