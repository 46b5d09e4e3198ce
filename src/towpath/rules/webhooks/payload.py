"""What several senders' payloads have alike: whatever is not there, or is something else, counts as empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources.document import items

if TYPE_CHECKING:
    from collections.abc import Iterable


def texts(given: Iterable[Any]) -> tuple[str, ...]:
    """Return those of some values that are texts and not empty, each once, in their order."""
    return tuple(dict.fromkeys(each for each in given if isinstance(each, str) and each))


def changed(commits: Iterable[Any]) -> tuple[str, ...]:
    """Return the paths that commits add, change or remove, as GitHub, GitLab and Gitea tell them: sorted, each once."""
    found: set[str] = set()
    for commit in commits:
        for key in ("added", "modified", "removed"):
            found.update(texts(items(commit, key)))
    return tuple(sorted(found))
