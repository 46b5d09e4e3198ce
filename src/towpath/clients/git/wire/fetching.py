"""Fetches a branch without git, where little has come since the mirror was fetched last.

One request lists the branch; where it has moved, another brings what is new. What comes is kept only if it surely is sound
and lacks nothing; else, and whenever anything is not as it mostly is, git fetches from the beginning.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, TypeVar

from towpath import errors
from towpath.clients.git.mirrors import tracking
from towpath.clients.git.objects import stored
from towpath.clients.git.wire import beside, offered, packet_lines, packs, soundness, wholeness
from towpath.clients.git.wire.packet_lines import Mark, UnreadableTalkError, line
from towpath.clients.git.wire.server import UPLOAD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.wire.server import RemoteServer

log = logging.getLogger("towpath.clients.git")

_MOST_BYTES: Final = 1 << 20
"""Of an answer; more is a matter for git."""
_AGENT: Final = "agent=towpath"
_PACK: Final = b"packfile\n"
_FEW_OBJECTS: Final = 100
_FEW_UNPACKED: Final = 128 << 10
"""How many objects, and of how many bytes, are looked at and stored on the event loop. A small pack may hold large ones."""

_AT_ONCE: Final = 32
"""Objects that deltas are made of, which are read together: each may be of a megabyte."""

_Result = TypeVar("_Result")


async def fetched(mirror: Mirror, server: RemoteServer, branch: str) -> bool:
    """Bring what the mirror remembers of a branch up to date; false: nothing was done, git has to. The lock is held."""
    if not server.is_reached or mirror.options.blobless or server.speaks_version_2 is False:
        return False
    try:
        return await _fetched(mirror, server, branch)
    except (UnreadableTalkError, errors.TowpathError) as error:
        server.speaks_version_2 = None
        log.debug("a fetch is left to git", extra={"repository": str(mirror), "cause": str(error)})
        return False


async def _fetched(mirror: Mirror, server: RemoteServer, branch: str) -> bool:
    name = f"refs/heads/{branch}"
    kept = tracking.head(mirror.directory, tracking.HEADS + branch)
    # Of a branch that is new here, the server leaves out what others have that we know.
    before = kept or server.head(name) or server.latest
    if before is None:
        return False
    if server.speaks_version_2 is None:
        said = await server.ask(UPLOAD, most=_MOST_BYTES)
        if said is None:
            server.speaks_version_2 = None if not server.is_well else False
            return False
        server.speaks_version_2 = await beside.read(offered.speaks_version_2, said)
        if not server.speaks_version_2:
            return False
    said = await server.ask(UPLOAD, _listing(name), most=_MOST_BYTES)
    if said is None:
        return False
    tip = await beside.read(lambda listed: offered.listed(listed, name), said)
    if tip is None:
        return False
    if tip != kept and tip not in server.heads:
        said = await server.ask(UPLOAD, _wanting(tip, [before]), most=_MOST_BYTES)
        if said is None or not await _kept(mirror, said, tip, before):
            return False
    if tip != kept and not tracking.write(mirror.directory, branch, tip):
        return False
    server.has(name, tip)
    return True


def _listing(ref: str) -> bytes:
    return b"".join(
        (
            *map(line, ("command=ls-refs\n", f"{_AGENT}\n", "object-format=sha1\n")),
            Mark.DELIMITER.value,
            line(f"ref-prefix {ref}\n"),
            Mark.FLUSH.value,
        )
    )


def _wanting(tip: str, known: list[str]) -> bytes:
    said = ["thin-pack\n", "no-progress\n", "ofs-delta\n", f"want {tip}\n"]
    said += [f"have {each}\n" for each in known]
    return b"".join(
        (
            *map(line, ("command=fetch\n", f"{_AGENT}\n", "object-format=sha1\n")),
            Mark.DELIMITER.value,
            *map(line, (*said, "done\n")),
            Mark.FLUSH.value,
        )
    )


async def _kept(mirror: Mirror, said: bytes, tip: str, before: str) -> bool:
    """Keep what has come, if it surely is sound and whole; whether it was kept."""
    pack = await beside.read(_pack, said)
    if pack is None:
        return False
    entries = await _bounded(lambda bounds: packs.read(pack, bounds))
    known = await _known(mirror, packs.outside(entries))
    found = await _bounded(lambda bounds: packs.objects(entries, known, bounds))
    size = sum(len(content) for _, content in found.values())
    is_small = len(found) <= _FEW_OBJECTS and size <= _FEW_UNPACKED
    if not await beside.done(lambda: soundness.is_sound(found), is_small=is_small):
        return False
    if not await wholeness.is_whole(mirror, found, tip, before):
        return False
    await beside.done(lambda: _write(mirror, found), is_small=is_small)
    return True


async def _known(mirror: Mirror, names: list[str]) -> dict[str, tuple[str, bytes]]:
    """Return kind and bytes of objects that are there already. Raises UnreadableTalkError for more than are held here at once."""
    known: dict[str, tuple[str, bytes]] = {}
    left = packs.MOST.bytes
    for begin in range(0, len(names), _AT_ONCE):
        for found in await stored.by_id(mirror, names[begin : begin + _AT_ONCE]):
            if found is not None:
                known[found.id] = found.kind, found.content
                left -= len(found.content)
        if left < 0:
            raise UnreadableTalkError("the pack is made of more than is read here")
    return known


def _pack(said: bytes) -> bytes | None:
    """Return the pack in the answer to `fetch`; None if there is none."""
    found = packet_lines.lines(said)
    if next(found, None) != _PACK:
        return None
    return packet_lines.unbanded(found)[0]


async def _bounded(work: Callable[[packs.PackBounds], _Result]) -> _Result:
    """Unpack something; how much it is shows only meanwhile, so that what is much begins again beside the event loop."""
    try:
        return work(packs.FEW)
    except packs.LargePackError:
        return await asyncio.to_thread(work, packs.MOST)


def _write(mirror: Mirror, found: Mapping[str, tuple[str, bytes]]) -> None:
    """Store objects, so that where a commit is all is that it leads to."""
    commits = {name: content for name, (kind, content) in found.items() if kind == "commit"}
    for kind, content in found.values():
        if kind != "commit":
            stored.write(mirror, kind, content)
    while commits:
        ready = [
            name
            for name, content in commits.items()
            if commits.keys().isdisjoint(stored.parents_of_commit(content))
        ]
        for name in ready:
            stored.write(mirror, "commit", commits.pop(name))
