"""Tells whether commits that have come lack nothing: all that they lead to came with them or was there before.

Git proves it by walking from what came to what it has. Here each tree is held against that of the commit before it, which the
mirror has as a whole: what is the same there is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.clients.git.objects import ancestry, stored
from towpath.clients.git.objects.objects import EXECUTABLE, FILE, MODULE
from towpath.clients.git.objects.stored import TREE
from towpath.clients.git.objects.walk_bound import WalkBound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clients.git.mirrors.mirror import Mirror

_EMPTY: Final = "tree", b""
_FILES: Final = frozenset({FILE, EXECUTABLE})
"""What one object may be by turns, unseen: what a link leads to was never looked at as what a file says."""


async def is_whole(
    mirror: Mirror, found: Mapping[str, tuple[str, bytes]], tip: str, before: str
) -> bool:
    """Whether the commit `tip` leads to nothing but what was `found`, kind and bytes by id, or `before` leads to.

    False says that it cannot be told, or would take long: a tree that is in others many times is as many to be looked at.
    `before` is a commit that the mirror has, with all that belongs to it.
    """
    await stored.by_id(mirror, [before])
    pending, seen, bound = [tip], {tip}, WalkBound()
    while pending:
        kind, content = found.get(pending.pop(), ("", b""))
        if kind != "commit" or not await bound.holds(len(content)):
            return False
        parents = list(stored.parents_of_commit(content))
        for parent in parents:
            if parent in seen:
                continue
            seen.add(parent)
            if parent in found:
                pending.append(parent)
            elif not await ancestry.surely_contains(mirror, before, parent, bound):
                return False
        if not parents or not await _is_tree_whole(*(mirror, found, content, parents[0]), bound):
            return False
    return True


async def _is_tree_whole(
    mirror: Mirror,
    found: Mapping[str, tuple[str, bytes]],
    commit: bytes,
    parent: str,
    bound: WalkBound,
) -> bool:
    former = await _former(mirror, found, parent)
    if former is None or former[0] != "commit":
        return False
    pending: list[tuple[str, str | None]] = [
        (stored.tree_of_commit(commit), stored.tree_of_commit(former[1]))
    ]
    while pending:
        name, other = pending.pop()
        if name == other:
            continue
        kind, content = found.get(name, ("", b""))
        if kind != "tree" or not await bound.holds(len(content)):
            return False
        former = await _former(mirror, found, other) if other else _EMPTY
        if former is None or former[0] != "tree" or not await bound.holds(len(former[1])):
            return False
        old = stored.parsed_tree(former[1])
        for path, entry in stored.parsed_tree(content).items():
            known = old.get(path)
            if entry == known or entry.mode == MODULE:
                continue
            if entry.mode == TREE:
                pending.append((entry.id, known.id if known and known.mode == TREE else None))
            elif found.get(entry.id, ("", b""))[0] != "blob" and (
                known is None or known.id != entry.id or not {entry.mode, known.mode} <= _FILES
            ):
                return False
    return True


async def _former(
    mirror: Mirror, found: Mapping[str, tuple[str, bytes]], name: str
) -> tuple[str, bytes] | None:
    """Return kind and bytes of an object that has come or was there."""
    former = found.get(name)
    if former is None:
        [there] = await stored.by_id(mirror, [name])
        former = (there.kind, there.content) if there else None
    return former
