"""Tells from trees at hand what differs between two commits, so that the cost is what changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from towpath.clients.git import stored
from towpath.clients.git.stored import TREE

if TYPE_CHECKING:
    from towpath.clients.git.mirror import Mirror
    from towpath.clients.git.stored import TreeEntry

_MOST: Final = 2000
"""Trees that are read before it is left to git."""

Change = tuple["TreeEntry | None", "TreeEntry | None"]
"""What is at a path before and after; None: nothing."""


def between(mirror: Mirror, before: str, after: str) -> dict[str, Change] | None:
    """Return what differs, by path, files and submodules alone; None: git has to be asked."""
    one, other = _root(mirror, before), _root(mirror, after)
    if one is None or other is None:
        return None
    changes: dict[str, Change] = {}
    pending: list[tuple[str, str | None, str | None]] = [("", one, other)]
    left = _MOST
    while pending:
        above, was, is_ = pending.pop()
        if was == is_:
            continue
        left -= 1
        old, new = _entries(mirror, was), _entries(mirror, is_)
        if old is None or new is None or not left:
            return None
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


def _root(mirror: Mirror, name: str) -> str | None:
    found = stored.here(mirror, name)
    if found is None:
        return None
    return stored.tree_of_commit(found.content) if found.kind == "commit" else name


def _entries(mirror: Mirror, name: str | None) -> dict[bytes, TreeEntry] | None:
    if name is None:
        return {}
    found = stored.here(mirror, name)
    return stored.parsed_tree(found.content) if found is not None and found.kind == "tree" else None


def _tree(entry: TreeEntry | None) -> str | None:
    return entry.id if entry is not None and entry.mode == TREE else None


def _file(entry: TreeEntry | None) -> TreeEntry | None:
    return entry if entry is not None and entry.mode != TREE else None
