"""Readers that take less than they asked for."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import resource
import socket
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from benchmarks.hostile.attack import WRITER, Attack

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from benchmarks.hostile.attack import Victim

    Answered = Callable[[int], None]

_MAPS: Final = "/api/v1/namespaces/shop/configmaps"
_STAGES: Final = "/v1beta1/projects/shop/stages"
_TABLE: Final = "Accept: application/json;as=Table;v=v1;g=meta.k8s.io"
_WATCHES: Final = 500
"""Of each of the four connections' acts: 2,000, of which the server lets one caller have 1,000."""
_AHEAD: Final = 999_999_999_999_999


def attacks() -> Iterator[Attack]:
    """Yield every attack by a reader: each an `Attack` whose act begins a watch or list and does not read it."""
    watch = f"{_MAPS}?watch=1"
    yield Attack("2,000 watches that nobody reads, idle", WRITER, _unread(watch, 0))
    yield Attack("2,000 watches that nobody reads, of 2 KB", WRITER, _unread(watch, 2_000))
    yield Attack(
        "4,000 watches that nobody reads, of 2 KB", WRITER, _unread(watch, 2_000, count=1_000)
    )
    yield Attack("2,000 watches that nobody reads, of 300 KB", WRITER, _unread(watch, 300_000))
    yield Attack(
        "2,000 watches as a Table that nobody reads, of 2 KB", WRITER, _unread(watch, 2_000, _TABLE)
    )
    yield Attack(
        "2,000 event streams that nobody reads", WRITER, _unread(f"{_STAGES}?watch=true", 2_000)
    )
    replay = f"{watch}&resourceVersion=1"
    yield Attack("2,000 watches from revision 1 that nobody reads", WRITER, _unread(replay, 20_000))
    yield Attack("200 watches read at 10 KB/s, of 300 KB", WRITER, _slow(watch, 300_000))
    stream = f"{_STAGES}?watch=true"
    yield Attack("200 event streams read at 10 B/s, of 2 KB", WRITER, _slow(stream, 2_000, 1))
    yield Attack("lists that nobody reads, begun anew", WRITER, _again(_MAPS, 300_000))
    large = f"{_MAPS}/listed-0"
    yield Attack("one large object, unread, asked for anew", WRITER, _again(large, 300_000))
    ahead = f"{watch}&resourceVersion={_AHEAD}"
    yield Attack("watches ahead of the store", WRITER, _asking(ahead), connections=32)


def _unread(
    path: str, size: int, *more: str, count: int = _WATCHES
) -> Callable[[Victim, Answered], Awaitable[None]]:
    """Return an act that begins watches, reads nothing, and changes objects of a size."""

    async def act(victim: Victim, _: Answered) -> None:
        with contextlib.ExitStack() as held:
            for number in range(count):
                held.enter_context(begun(victim, path, *more))
                if number % 20 == 0:
                    await asyncio.sleep(0.02)
            await _writing(victim, size)

    return act


def _slow(
    path: str, size: int, at_once: int = 1_000
) -> Callable[[Victim, Answered], Awaitable[None]]:
    """Return an act that begins watches and reads a few bytes of each ten times a second."""

    async def act(victim: Victim, _: Answered) -> None:
        with contextlib.ExitStack() as held:
            watches = [held.enter_context(begun(victim, path)) for _ in range(_WATCHES // 10)]
            writing = asyncio.create_task(_writing(victim, size))
            try:
                while not writing.done():
                    await asyncio.sleep(0.1)
                    for each in watches:
                        each.setblocking(False)
                        with contextlib.suppress(OSError):
                            each.recv(at_once)
            finally:
                writing.cancel()

    return act


def _again(path: str, size: int) -> Callable[[Victim, Answered], Awaitable[None]]:
    """Return an act that makes objects of a size, and lists them over and over without reading the answer."""

    async def act(victim: Victim, _: Answered) -> None:
        for number in range(10):
            await _put(victim, f"listed-{number}", size, 0)
        with contextlib.ExitStack() as held:
            for number in itertools.count():
                held.enter_context(begun(victim, path))
                await asyncio.sleep(0.01)
                if number == _WATCHES:
                    return

    return act


def _asking(path: str) -> Callable[[Victim, Answered], Awaitable[None]]:
    """Return an act that asks and leaves before it could be answered late."""

    async def act(victim: Victim, answered: Answered) -> None:
        async with victim.connected() as (reader, writer):
            writer.write(victim.head("GET", path))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    answered(int((await reader.readline()).split()[1]))

    return act


def begun(victim: Victim, path: str, *more: str) -> socket.socket:
    """Return a connection on which something was asked for, with little room for the answer."""
    allow_files()
    parts = urlsplit(victim.address)
    caller = socket.socket()
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    caller.connect((parts.hostname, parts.port))
    caller.sendall(victim.head("GET", path, *more))
    return caller


def allow_files() -> None:
    """Let this process open as many connections as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _writing(victim: Victim, size: int) -> None:
    """Change an object five times a second, for ever; without a size do nothing."""
    name = f"attack-{id(victim)}-{id(asyncio.current_task())}"
    for number in itertools.count():
        if size:
            await _put(victim, name, size, number)
        await asyncio.sleep(0.2)


async def _put(victim: Victim, name: str, size: int, number: int) -> None:
    """Apply an object of a size."""
    document = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name},
        "data": {"n": f"{number}", "v": "x" * size},
    }
    body = json.dumps(document).encode()
    async with victim.connected() as (reader, writer):
        path = f"{_MAPS}/{name}?fieldManager=attack&force=true"
        more = (
            "Content-Type: application/apply-patch+yaml",
            f"Content-Length: {len(body)}",
            "Connection: close",
        )
        writer.write(victim.head("PATCH", path, *more) + body)
        await reader.read()
