"""Tells from commits at hand that one contains another, as it mostly does that was built on it just before."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Final

from towpath.clients.git import stored

if TYPE_CHECKING:
    from towpath.clients.git.mirror import Mirror

_MOST: Final = 256
"""Commits that are looked at before git is asked."""


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
