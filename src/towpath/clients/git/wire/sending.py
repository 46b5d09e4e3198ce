"""Finds the objects that a server lacks which has the commit that others were built on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.clients.git.objects import stored
from towpath.clients.git.objects.objects import MODULE
from towpath.clients.git.objects.stored import TREE
from towpath.clients.git.wire import packs

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.objects.stored import Found

_MOST_BYTES: Final = 8 << 20
"""Of all objects, unpacked; more is a matter for git, which sends what differs."""
_NOTHING: Final[Mapping[bytes, stored.TreeEntry]] = {}


async def gather(
    mirror: Mirror, base: str, commits: Sequence[str], found: MutableMapping[str, Found]
) -> bool:
    """Add to `found` what a row of commits on top of `base` holds that `base` does not; whether that could be done here."""
    before = base
    for commit in commits:
        [last, this] = await stored.by_id(mirror, [before, commit])
        if last is None or this is None or {last.kind, this.kind} != {"commit"}:
            return False
        found[commit] = this
        pair = stored.tree_of_commit(last.content), stored.tree_of_commit(this.content)
        if not await _trees(mirror, *pair, found):
            return False
        if (
            len(found) > packs.MOST_OBJECTS
            or sum(len(e.content) for e in found.values()) > _MOST_BYTES
        ):
            return False
        before = commit
    return True


async def _trees(
    mirror: Mirror, before: str, after: str, found: MutableMapping[str, Found]
) -> bool:
    pending: list[tuple[str | None, str]] = [(before, after)]
    while pending:
        level = [
            (old, new) for old, new in dict.fromkeys(pending) if old != new and new not in found
        ]
        wanted = list(dict.fromkeys(name for pair in level for name in pair if name))
        there = dict(zip(wanted, await stored.by_id(mirror, wanted), strict=True))
        if any(each is None or each.kind != "tree" for each in there.values()):
            return False
        pending, files = [], dict[str, None]()
        for old, new in level:
            known = _entries(there[old]) if old else _NOTHING
            tree = there[new]
            assert tree is not None  # noqa: S101 - all were looked at above
            found[new] = tree
            for name, entry in stored.parsed_tree(tree.content).items():
                former = known.get(name)
                if entry == former or entry.mode == MODULE:
                    continue
                if entry.mode == TREE:
                    below = former.id if former and former.mode == TREE else None
                    pending.append((below, entry.id))
                elif entry.id not in found and (former is None or former.id != entry.id):
                    files[entry.id] = None
        if len(found) + len(files) > packs.MOST_OBJECTS:
            return False
        for file, blob in zip(files, await _blobs(mirror, list(files)), strict=True):
            if blob is None or blob.kind != "blob":
                return False
            found[file] = blob
    return True


async def _blobs(mirror: Mirror, names: list[str]) -> list[Found | None]:
    if mirror.options.blobless:  # what it lacks would have to be fetched
        return [stored.here(mirror, name) for name in names]
    return await stored.by_id(mirror, names)


def _entries(tree: Found | None) -> Mapping[bytes, stored.TreeEntry]:
    return stored.parsed_tree(tree.content) if tree else _NOTHING
