"""Tells from commits at hand what one contains of another, as it mostly does that was built on it just before."""

from __future__ import annotations

import collections
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.clients.git.objects import stored
from towpath.clients.git.objects.walk_bound import WalkBound

if TYPE_CHECKING:
    from collections.abc import Collection

    from towpath.clients.git.mirrors.mirror import Mirror

_MOST: Final = 256
"""Commits that are looked at before git is asked."""
_LONGEST: Final = 32
"""Commits in a row."""


async def surely_contains(
    mirror: Mirror, newer: str, older: str, bound: WalkBound | None = None
) -> bool:
    """Whether `newer` is or contains `older`; false says nothing: git has to be asked.

    `bound`: what may be looked at, of a walk that this is a part of.
    """
    if newer == older:
        return stored.here(mirror, newer) is not None
    bound = bound or WalkBound()
    seen = {newer}
    pending = collections.deque([newer])
    while pending and len(seen) < _MOST:
        found = stored.here(mirror, pending.popleft())
        if found is None or found.kind != "commit":
            continue
        if not await bound.holds(len(found.content)):
            return False
        for parent in stored.parents_of_commit(found.content):
            if parent == older:
                return True  # a mirror has all that its commits are built on
            if parent not in seen:
                seen.add(parent)
                pending.append(parent)
    return False


@dataclass(frozen=True, slots=True)
class Lacking:
    """The commits that one has and the other lacks, in a row."""

    fork: str
    """What the first of them was built on; the other has it."""
    commits: tuple[str, ...]
    """The oldest first."""


async def lacking(mirror: Mirror, theirs: str, ours: str) -> Lacking | None:
    """Return what `ours` has and `theirs` lacks; None: that is no row of commits at hand, and git has to be asked."""
    await stored.by_id(mirror, [theirs])
    before = await row(mirror, ours)
    at = await _meets(mirror, theirs, {name: number for number, name in enumerate(before)})
    return None if at is None else Lacking(before[at], tuple(reversed(before[:at])))


async def row(
    mirror: Mirror, commit: str, *, ends: Collection[str] = (), most: int = _LONGEST
) -> list[str]:
    """Return a commit and those before it, as long as each has one parent; the last may be known by name alone.

    It goes no further than to one of `ends`, and `most` commits.
    """
    await stored.by_id(mirror, [commit])
    found, bound = [commit], WalkBound()
    while len(found) <= most and found[-1] not in ends:
        here = stored.here(mirror, found[-1])
        if here is not None and not await bound.holds(len(here.content)):
            break
        parents = (
            list(stored.parents_of_commit(here.content)) if here and here.kind == "commit" else []
        )
        if len(parents) != 1:
            break
        found.append(parents[0])
    return found


async def _meets(mirror: Mirror, theirs: str, row: dict[str, int]) -> int | None:
    """Return the first place in a row of commits that `theirs` contains."""
    best: int | None = None
    seen, is_line, bound = {theirs}, True, WalkBound()
    pending = collections.deque([theirs])
    while pending and len(seen) < _MOST:
        name = pending.popleft()
        if name in row:
            best = row[name] if best is None else min(best, row[name])
            if is_line or not best:
                return best  # in a line, nothing that comes earlier in the row is met later
            continue
        found = stored.here(mirror, name)
        if found is None or found.kind != "commit":
            continue
        if not await bound.holds(len(found.content)):
            return None
        parents = [each for each in stored.parents_of_commit(found.content) if each not in seen]
        is_line = is_line and len(parents) <= 1
        seen.update(parents)
        pending.extend(parents)
    # Where not all was looked at, a merge may lead to something that comes earlier in the row.
    return None
