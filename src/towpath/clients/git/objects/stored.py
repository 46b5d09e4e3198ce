"""Finds objects of a mirror, without starting git where that is possible: kept in mind, or loose. Else git is asked, once.

An object that cannot be read here is never taken for one that is not there: git says which it is.
"""

from __future__ import annotations

import asyncio
import functools
import os
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.clients.git.mirrors import loose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from towpath.clients.git.mirrors.mirror import Mirror

TREE: Final = 0o40000
_SMALL: Final = 16 << 10
"""Bytes of a tree that is kept as it was read."""
_TURN_BYTES: Final = 256 << 10
"""That are read without anybody else having a turn."""
_EACH: Final = 1 << 10
"""Bytes that an object counts as besides its own."""


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One line of a tree."""

    mode: int
    id: str


@dataclass(frozen=True, slots=True)
class Found:
    """An object."""

    id: str
    kind: str
    content: bytes


class _Nothing:
    """What a path leads to that a commit surely does not have."""


_NOTHING: Final = _Nothing()


def here(mirror: Mirror, name: str) -> Found | None:
    """Return the object of an id if it can be read without git."""
    found = mirror.recall.find(mirror.key, name)
    if found is None:
        found = loose.read(mirror.directory, name)
        if found is None:
            return None
        mirror.recall.keep(mirror.key, name, *found)
    return Found(name, *found)


def write(mirror: Mirror, kind: str, content: bytes) -> str:
    """Store an object as `loose.write` does, and keep it in mind: whoever writes one mostly reads it soon."""
    name = loose.write(mirror.directory, kind, content)
    mirror.recall.keep(mirror.key, name, kind, content)
    return name


async def by_id(mirror: Mirror, names: Sequence[str], *, reach: bool = False) -> list[Found | None]:
    """Return the objects of these ids, None for one that is not there; `reach`: it may be fetched."""
    await mirror.ensure()
    found: dict[str, Found | None] = {}
    left = _TURN_BYTES
    for name in names:
        found[name] = each = here(mirror, name)
        left -= _EACH + (len(each.content) if each else 0)
        if left < 0:
            left = _TURN_BYTES
            await asyncio.sleep(0)
    missing = [name for name, each in found.items() if each is None]
    if missing:
        found |= zip(missing, await asked(mirror, missing, reach=reach), strict=True)
    return [found[name] for name in names]


async def by_path(
    mirror: Mirror, root: str, paths: Sequence[str], *, reach: bool = False
) -> list[Found | None]:
    """Return what the commit or tree `root` has at these paths (empty: its tree), None where there is nothing."""
    await mirror.ensure()
    found: dict[str, Found | None] = {}
    unknown = []
    for path in paths:
        walked = _walked(mirror, root, path)
        if walked is None:
            unknown.append(path)
        else:
            found[path] = walked if isinstance(walked, Found) else None
    if unknown:
        names = [f"{root}:{path}" if path else f"{root}^{{tree}}" for path in unknown]
        found |= zip(unknown, await asked(mirror, names, reach=reach), strict=True)
    return [found[path] for path in paths]


async def asked(
    mirror: Mirror, wanted: Sequence[str], *, reach: bool = False
) -> list[Found | None]:
    """Ask git for objects by any name it knows; None for one that is not there."""
    asking = [os.fsencode(name) for name in wanted]
    stdin = b"".join(name + b"\0" for name in asking)
    run = mirror.reach if reach else mirror.run
    finished = await run("cat-file", "--batch", "-z", stdin=stdin)
    out = mirror.expect(finished, "reading objects of")
    if "error: " in finished.stderr or "fatal: " in finished.stderr:
        # An object that cannot be read is reported as missing, with its cause on the side.
        raise mirror.failure(finished, "reading objects of")
    found: list[Found | None] = []
    at = 0
    for name in asking:
        missing = name + b" missing\n"
        if out.startswith(missing, at):
            found.append(None)
            at += len(missing)
            continue
        end = out.index(b"\n", at)
        id_, kind, size = out[at:end].decode("ascii").split(" ")
        start = end + 1
        content = out[start : start + int(size)]
        mirror.recall.keep(mirror.key, id_, kind, content)
        found.append(Found(id_, kind, content))
        at = start + int(size) + 1
    return found


def parsed_tree(data: bytes) -> Mapping[bytes, TreeEntry]:
    """Read a tree object: entries by name."""
    return _parsed_small(data) if len(data) <= _SMALL else _parsed(data)


@functools.lru_cache(maxsize=1024)
def _parsed_small(data: bytes) -> Mapping[bytes, TreeEntry]:
    """Read a tree that is likely to be read again: those on the way to what promotions change are."""
    return types.MappingProxyType(_parsed(data))


def _parsed(data: bytes) -> dict[bytes, TreeEntry]:
    entries, at = {}, 0
    while at < len(data):
        space = data.index(b" ", at)
        nul = data.index(b"\0", space)
        mode = int(data[at:space], 8)
        entries[data[space + 1 : nul]] = TreeEntry(mode, data[nul + 1 : nul + 21].hex())
        at = nul + 21
    return entries


def tree_of_commit(content: bytes) -> str:
    """Return the id of the tree of a commit object."""
    return content[5:45].decode("ascii")


def parents_of_commit(content: bytes) -> Iterable[str]:
    """Yield the ids of the parents of a commit object."""
    for line in content.partition(b"\n\n")[0].split(b"\n")[1:]:
        if not line.startswith(b"parent "):
            return
        yield line[7:47].decode("ascii")


def entry_of(data: bytes, name: bytes) -> TreeEntry | None:
    """Return the entry of a name in a tree object."""
    # The bytes of an id may look like an entry, so what was found counts only if entries really begin there.
    return parsed_tree(data).get(name) if b" " + name + b"\0" in data else None


def _walked(mirror: Mirror, root: str, path: str) -> Found | _Nothing | None:
    """Follow a path from a commit or tree without git; None: it cannot be told."""
    found = here(mirror, root)
    if found is not None and found.kind == "commit":
        found = here(mirror, tree_of_commit(found.content))
    for part in path.split("/") if path else ():
        if found is None:
            return None
        if found.kind != "tree":
            return _NOTHING
        entry = entry_of(found.content, os.fsencode(part))
        if entry is None:
            return _NOTHING
        found = here(mirror, entry.id)
    return found
