"""Tells whether commits that have come lack nothing: all that they lead to came with them or was there before.

Git proves it by walking from what came to what it has. Here each tree is held against that of the commit before it, which the
mirror has as a whole: what is the same there is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.clients.git import ancestry, stored
from towpath.clients.git.objects import MODULE
from towpath.clients.git.stored import TREE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clients.git.mirror import Mirror

_NO_TREE: Final[Mapping[bytes, stored.TreeEntry]] = {}


async def is_whole(
    mirror: Mirror, found: Mapping[str, tuple[str, bytes]], tip: str, before: str
) -> bool:
    """Whether the commit `tip` leads to nothing but what was `found`, kind and bytes by id, or `before` leads to.

    False says that it cannot be told. `before` is a commit that the mirror has, with all that belongs to it.
    """
    await stored.by_id(mirror, [before])
    pending, seen = [tip], {tip}
    while pending:
        kind, content = found.get(pending.pop(), ("", b""))
        if kind != "commit":
            return False
        parents = list(stored.parents_of_commit(content))
        for parent in parents:
            if parent in seen:
                continue
            seen.add(parent)
            if parent in found:
                pending.append(parent)
            elif not ancestry.surely_contains(mirror, before, parent):
                return False
        if not parents or not await _is_tree_whole(mirror, found, content, parents[0]):
            return False
    return True


async def _is_tree_whole(
    mirror: Mirror, found: Mapping[str, tuple[str, bytes]], commit: bytes, parent: str
) -> bool:
    former = found.get(parent)
    if former is None:
        [there] = await stored.by_id(mirror, [parent])
        former = (there.kind, there.content) if there else None
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
        if kind != "tree":
            return False
        old = await _entries(mirror, found, other) if other else _NO_TREE
        if old is None:
            return False
        for path, entry in stored.parsed_tree(content).items():
            known = old.get(path)
            if entry == known or entry.mode == MODULE:
                continue
            if entry.mode == TREE:
                pending.append((entry.id, known.id if known and known.mode == TREE else None))
            elif found.get(entry.id, ("", b""))[0] != "blob" and (
                known is None or known.id != entry.id or known.mode in (TREE, MODULE)
            ):
                return False
    return True


async def _entries(
    mirror: Mirror, found: Mapping[str, tuple[str, bytes]], tree: str
) -> Mapping[bytes, stored.TreeEntry] | None:
    former = found.get(tree)
    if former is None:
        [there] = await stored.by_id(mirror, [tree])
        former = (there.kind, there.content) if there else None
    return stored.parsed_tree(former[1]) if former and former[0] == "tree" else None
