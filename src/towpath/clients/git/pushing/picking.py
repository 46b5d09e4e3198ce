"""Puts a change on top of another commit where no merge is needed for that.

Paths that nobody else changed get the same files. A file that somebody else changed as well gets our edit again, if all
that was done to it is edits of scalars: applied to what was there, they must give what we made, to the byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git.objects import differing, objects, stored, tree_edits
from towpath.clients.git.objects.objects import EXECUTABLE, FILE
from towpath.clients.git.objects.stored import TREE, TreeEntry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from towpath.clients.git.mirrors.mirror import Mirror

    Redo = Callable[[bytes], Awaitable[bytes]]
    """Edits a version of a file as a step did. Raises BadRequest where that cannot be done."""
    Edits = Mapping[str, Redo]
    """By path in the repository."""

_MOST: Final = 1000
"""Changed files; above that, a merge is no slower."""


async def picked(mirror: Mirror, *, before: str, after: str, tip: str, edits: Edits) -> str | None:
    """Return the tree of `tip` with what changed from `before` to `after`; None: that takes a merge.

    All three are commits or trees of the mirror.
    """
    changes = await differing.between(mirror, before, after)
    if changes is None or len(changes) > _MOST:
        return None
    there = await objects.entries(mirror, tip, list(changes))
    wanted: dict[str, tree_edits.Content | TreeEntry | None] = {}
    added = []
    for path, (was, is_) in changes.items():
        now = there.get(path)
        if now == was:
            wanted[path] = is_
            if was is None:
                added.append(path)
        elif now != is_:
            again = await _again(mirror, edits.get(path), was, is_, now)
            if again is None:
                return None
            wanted[path] = again
    if await _stand_in_the_way(mirror, tip, added, wanted):
        return None
    return await tree_edits.edit(mirror, tip, wanted)


async def _again(
    mirror: Mirror,
    redo: Redo | None,
    was: TreeEntry | None,
    is_: TreeEntry | None,
    now: TreeEntry | None,
) -> tree_edits.Content | None:
    """Return what our edit makes of the file as it is now; None if there is more to it than that edit."""
    if redo is None or was is None or is_ is None or now is None:
        return None
    if not was.mode == is_.mode == now.mode or was.mode not in (FILE, EXECUTABLE):
        return None
    found = await stored.by_id(mirror, [was.id, is_.id, now.id], reach=mirror.options.blobless)
    if any(each is None or each.kind != "blob" for each in found):
        return None
    before, after, present = (each.content for each in found if each is not None)
    try:
        if await redo(before) != after:
            return None
        return tree_edits.Content(await redo(present))
    except errors.BadRequest:
        return None


async def _stand_in_the_way(
    mirror: Mirror,
    tip: str,
    added: list[str],
    wanted: Mapping[str, tree_edits.Content | TreeEntry | None],
) -> bool:
    """Whether a folder that an added file lies in is a file there, which we do not delete."""
    above = {
        path[:end]
        for path in added
        for end in range(len(path))
        if path[end] == "/" and path[:end] not in wanted
    }
    there = await objects.entries(mirror, tip, sorted(above)) if above else {}
    return any(entry.mode != TREE for entry in there.values())
