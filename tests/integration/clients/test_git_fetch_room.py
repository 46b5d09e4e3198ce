"""A fetch takes no more of the disk than a mirror may, leaves room on it, and leaves nothing half-written."""

from __future__ import annotations

import asyncio
import contextlib
import os
import zlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import pytest

from tests.support import git_client
from tests.support.git_client import AnyAddress
from towpath import errors
from towpath.clients import process
from towpath.clients.git import git_errors
from towpath.clients.git.access.gateway import Gateway
from towpath.clients.git.program import fetch_room, leftovers
from towpath.clients.git.program.command import Git
from towpath.clients.git.repository import Repositories
from towpath.clients.git.upkeep import MirrorLimits
from towpath.clients.git.wire.packet_lines import line
from towpath.clients.git.worktrees.pool import Pool
from towpath.disk.trash import Trash

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_TIP: Final = "a" * 40
_CAN: Final = (
    line("# service=git-upload-pack\n")
    + b"0000"
    + b"".join(map(line, ("version 2\n", "ls-refs\n", "fetch=filter\n", "object-format=sha1\n")))
    + b"0000"
)
_REFS: Final = (
    line(f"{_TIP} HEAD symref-target:refs/heads/main\n")
    + line(f"{_TIP} refs/heads/main\n")
    + b"0000"
)
_BLOB: Final = os.urandom(50_000)
_OBJECTS: Final = 20


def _band(data: bytes) -> bytes:
    return b"%04x\x01" % (len(data) + 5) + data


def _object() -> bytes:
    size, head = len(_BLOB), bytearray()
    byte, size = 3 << 4 | size & 0x0F, size >> 4
    while size:
        head.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    head.append(byte)
    return bytes(head) + zlib.compress(_BLOB, 0)


_PIECE: Final = _band(_object()) * _OBJECTS


@asynccontextmanager
async def _sending(pieces: int) -> AsyncIterator[str]:
    """Serve a repository whose pack goes on for so many pieces of a megabyte, and breaks off; yield its URL."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
            asked = await reader.readexactly(int(length or 0))
            kind = "result" if asked else "advertisement"
            said = _CAN if not asked else _REFS if b"command=ls-refs" in asked else b""
            size = f"Content-Length: {len(said)}" if said else "Transfer-Encoding: chunked"
            writer.write(
                f"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-{kind}\r\n"
                f"Connection: close\r\n{size}\r\n\r\n".encode()
            )
            writer.write(said)
            if not said:
                pack = line("packfile\n") + _band(b"PACK\0\0\0\2" + (1 << 20).to_bytes(4, "big"))
                for each in (pack, *[_PIECE] * pieces):
                    writer.write(b"%x\r\n%b\r\n" % (len(each), each))
                    await writer.drain()
            await writer.drain()
        writer.close()

    served = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{served.sockets[0].getsockname()[1]}/x.git"
    finally:
        served.close()


async def _opened(root: Path, limit: int) -> Repositories:
    gateway = await git_client.opened(Gateway(AnyAddress()))
    repositories = Repositories(
        git=Git(home=root / "home", gateway=gateway, network_seconds=60),
        root=root / "mirrors",
        pool=Pool(root / "pool"),
        limits=MirrorLimits(bytes=limit),
    )
    await repositories.start()
    return repositories


def _packs(root: Path) -> list[str]:
    return [path.name for path in root.glob("mirrors/*.git/objects/pack/*")]


async def test_a_pack_without_an_end_is_ended(tmp_path: Path) -> None:
    """When it is more than a mirror may take. What had come is gone, and the message names the setting."""
    repositories = await _opened(tmp_path, 8 << 20)
    async with _sending(pieces=100_000) as url:
        with pytest.raises(errors.TooLarge, match=r"git\.mirrors\.bytes"):
            await repositories.open(url).resolve(branch="main")
    assert _packs(tmp_path) == []
    await repositories.close()


async def test_a_pack_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    """Git leaves what it had written: a server that breaks off each time would fill the disk."""
    repositories = await _opened(tmp_path, 1 << 30)
    async with _sending(pieces=30) as url:
        with pytest.raises(git_errors.Unreachable, match="broke off"):
            await repositories.open(url).resolve(branch="main")
    assert _packs(tmp_path) == []
    await repositories.close()


def _written(mirror: Path, name: str, size: int) -> Path:
    path = mirror / "objects" / "pack" / name
    with path.open("wb") as file:
        file.truncate(size)
    return path


async def test_a_large_fetch_leaves_room_on_the_disk(tmp_path: Path) -> None:
    """One that has brought little goes on, however full the disk is."""
    (tmp_path / "objects" / "pack").mkdir(parents=True)
    fits = _written(tmp_path, "pack-1.pack", 1 << 20)
    ended = asyncio.Event()

    async def fetches(size: int) -> process.Finished:
        _written(tmp_path, "tmp_pack_a", size)
        with contextlib.suppress(TimeoutError):
            try:
                await asyncio.wait_for(asyncio.Event().wait(), 2 if size < 16 << 20 else 60)
            except asyncio.CancelledError:
                ended.set()
                raise
        return process.Finished(0, b"", "")

    async def within(size: int) -> process.Finished:
        # More than any disk has: of a disk that is smaller a twentieth counts, so that is made to be more than is free.
        return await fetch_room.within(
            fetches(size), tmp_path, most=1 << 50, reserve=1 << 60, part=1, about="x"
        )

    assert (await within(1 << 20)).code == 0
    assert not ended.is_set()
    with pytest.raises(errors.Unavailable, match="make room on the disk"):
        await within(32 << 20)
    assert ended.is_set()
    assert fits.exists()


async def test_what_is_left_half_written_goes_however_small_it_is(tmp_path: Path) -> None:
    """But not what another git in the same mirror has open, and not what was there before."""
    (tmp_path / "objects" / "pack").mkdir(parents=True)
    _written(tmp_path, "tmp_pack_before", 1)
    with contextlib.ExitStack() as others:

        async def breaks_off() -> process.Finished:
            _written(tmp_path, "tmp_pack_ours", 9 << 20)
            theirs = _written(tmp_path, "tmp_pack_theirs", 32 << 20)
            others.enter_context(theirs.open("r+b"))
            return process.Finished(128, b"", "")

        await fetch_room.within(breaks_off(), tmp_path, most=1 << 30, about="x")
        left = sorted(path.name for path in (tmp_path / "objects" / "pack").iterdir())
    assert left == ["tmp_pack_before", "tmp_pack_theirs"]


def test_half_written_packs_of_a_killed_server_go_at_the_start(tmp_path: Path) -> None:
    """Nobody works in the mirror then."""
    (tmp_path / "m.git" / "objects" / "pack").mkdir(parents=True)
    kept = _written(tmp_path / "m.git", "pack-1.pack", 1)
    left = _written(tmp_path / "m.git", "tmp_pack_x", 1)
    leftovers.clear(tmp_path / "m.git", Trash(tmp_path / "trash"))
    assert kept.exists()
    assert not left.exists()
