"""Messages between the server and the processes that work for it: a length, then so many bytes."""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import socket

PROCESS_BYTES: Final = 4
"""A process begins with its number, big end first."""
_LENGTH: Final = struct.Struct("!Q")
_CHUNK: Final = 1 << 18


class TooMuch(Exception):  # noqa: N818 - a signal: whoever receives words it
    """A message is longer than it may be."""


async def send(to: socket.socket, message: bytes) -> None:
    """Send a message. Raises OSError when the other side has gone."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(to, _LENGTH.pack(len(message)))
    await loop.sock_sendall(to, message)


async def receive(from_: socket.socket, most: int) -> bytearray:
    """Return a message. Raises EOFError, OSError, and TooMuch for one of more than `most` bytes."""
    (length,) = _LENGTH.unpack(await exactly(from_, _LENGTH.size))
    if length > most:
        raise TooMuch
    return await exactly(from_, length)


async def exactly(from_: socket.socket, length: int) -> bytearray:
    """Return so many bytes. Raises EOFError when there are no more, OSError."""
    loop = asyncio.get_running_loop()
    found = bytearray(length)
    left = memoryview(found)
    while left:
        count = await loop.sock_recv_into(from_, left[:_CHUNK])
        if not count:
            raise EOFError
        left = left[count:]
    return found


def send_now(to: socket.socket, message: bytes) -> None:
    """Send a message on a socket that blocks."""
    to.sendall(_LENGTH.pack(len(message)))
    to.sendall(message)


def receive_now(from_: socket.socket) -> bytearray:
    """Return a message from a socket that blocks. Raises EOFError."""
    (length,) = _LENGTH.unpack(_exactly_now(from_, _LENGTH.size))
    return _exactly_now(from_, length)


def _exactly_now(from_: socket.socket, length: int) -> bytearray:
    found = bytearray(length)
    left = memoryview(found)
    while left:
        count = from_.recv_into(left, min(_CHUNK, len(left)))
        if not count:
            raise EOFError
        left = left[count:]
    return found
