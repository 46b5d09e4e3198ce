"""Tells from commits at hand what one contains of another, as it mostly does that was built on it just before."""

from __future__ import annotations

import collections
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.clients.git import stored

if TYPE_CHECKING:
    from towpath.clients.git.mirror import Mirror

_MOST: Final = 256
"""Commits that are looked at before git is asked."""
_LONGEST: Final = 32
"""Commits in a row."""


def surely_contains(mirror: Mirror, newer: str, older: str) -> bool:
    """Whether `newer` is or contains `older`; false says nothing: git has to be asked."""
    if newer == older:
        return stored.here(mirror, newer) is not None
    seen = {newer}
    pending = collections.deque([newer])
    while pending and len(seen) < _MOST:
        found = stored.here(mirror, pending.popleft())
        if found is None or found.kind != "commit":
            continue
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
    await stored.by_id(mirror, [theirs, ours])
    here, commits = ours, collections.deque[str]()
    while len(commits) <= _LONGEST:
        if surely_contains(mirror, theirs, here):
            return Lacking(here, tuple(commits))
        found = stored.here(mirror, here)
        if found is None or found.kind != "commit":
            return None
        parents = list(stored.parents_of_commit(found.content))
        if len(parents) != 1:
            return None
        commits.appendleft(here)
        here = parents[0]
    return None
