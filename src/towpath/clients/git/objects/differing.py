"""Finds what differs between two commits or trees, so that the cost is what changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from towpath.clients.git.objects import stored
from towpath.clients.git.objects.stored import TREE
from towpath.clients.git.objects.walk_bound import WalkBound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.objects.stored import Found, TreeEntry

_MOST: Final = 2000
"""Trees that are read before it is left to git."""

Change = tuple["TreeEntry | None", "TreeEntry | None"]
"""What is at a path before and after; None: nothing."""


async def between(mirror: Mirror, before: str | None, after: str) -> dict[str, Change] | None:
    """Return what differs, by path, files and submodules alone; None: it is too much, and git had better be asked.

    `before` None stands for an empty tree. Trees are read level by level, those that are packed with one command for each
    level.
    """
    found_roots = await _roots(mirror, *([before] if before else []), after)
    if None in found_roots:
        return None
    one, other = found_roots if before else (None, *found_roots)
    changes: dict[str, Change] = {}
    pending: list[tuple[str, str | None, str | None]] = [("", one, other)]
    left, bound = _MOST, WalkBound()
    while pending:
        level = [each for each in pending if each[1] != each[2]]
        left -= len(level)
        if left < 0:
            return None
        names = list(dict.fromkeys(name for _, *both in level for name in both if name))
        found = dict(zip(names, await stored.by_id(mirror, names), strict=True))
        if any(each is None or each.kind != "tree" for each in found.values()):
            return None
        pending = []
        for above, *both in level:
            size = sum(len(each.content) for name in both if name and (each := found[name]))
            if not await bound.holds(size):
                return None
            old, new = (_entries(found[name]) if name else {} for name in both)
            for name in old.keys() | new.keys():
                first, second = old.get(name), new.get(name)
                if first == second:
                    continue
                path = above + os.fsdecode(name)
                inner = _tree(first), _tree(second)
                if inner != (None, None):
                    pending.append((f"{path}/", *inner))
                files = _file(first), _file(second)
                if files != (None, None):
                    changes[path] = files
    return changes


async def _roots(mirror: Mirror, *names: str) -> list[str | None]:
    found = await stored.by_id(mirror, names)
    return [
        None
        if each is None
        else stored.tree_of_commit(each.content)
        if each.kind == "commit"
        else each.id
        for each in found
    ]


def _entries(found: Found | None) -> Mapping[bytes, TreeEntry]:
    return stored.parsed_tree(found.content) if found is not None else {}


def _tree(entry: TreeEntry | None) -> str | None:
    return entry.id if entry is not None and entry.mode == TREE else None


def _file(entry: TreeEntry | None) -> TreeEntry | None:
    return entry if entry is not None and entry.mode != TREE else None
