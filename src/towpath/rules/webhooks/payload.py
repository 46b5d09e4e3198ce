"""Reading payloads that others wrote: whatever is not there, or is something else, counts as empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources.document import at

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_DIGITS = 15


def text(payload: Any, *path: str) -> str:
    """Return the text at a path of keys."""
    found = at(payload, *path)
    return found if isinstance(found, str) else ""


def number(payload: Any, *path: str) -> int:
    """Return the whole number at a path of keys, 0 where there is none."""
    found = at(payload, *path)
    if isinstance(found, bool) or not isinstance(found, int):
        return 0
    return found if abs(found) < 10**_MOST_DIGITS else 0


def items(payload: Any, *path: str) -> list[Any]:
    """Return the list at a path of keys."""
    found = at(payload, *path)
    return found if isinstance(found, list) else []


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
