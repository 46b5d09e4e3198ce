"""Which repositories a Project may open with a GitHub App, where the Secret's annotation limits that. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from towpath.resources.annotations import GITHUB_TOKEN_SCOPES

if TYPE_CHECKING:
    from collections.abc import Mapping

Scopes = dict[str, frozenset[str]]
"""Names of repositories, in small letters, by Project."""

_LONGEST: Final = 256 << 10


def read(annotations: Mapping[str, Any]) -> Scopes | None:
    """Return what the annotation says; None if there is none: then every Project may open every repository.

    What is not well formed lets nobody in, as upstream has it.
    """
    text = annotations.get(GITHUB_TOKEN_SCOPES)
    if text is None:
        return None
    scopes = _parsed(text)
    return {} if isinstance(scopes, str) else scopes


def problem(annotations: Mapping[str, Any]) -> str:
    """Return what is wrong with the annotation, empty if nothing is, or there is none."""
    text = annotations.get(GITHUB_TOKEN_SCOPES)
    found = {} if text is None else _parsed(text)
    if isinstance(found, str):
        return f"{found}, so no Project may use the Secret"
    if any("/" in name for names in found.values() for name in names):
        return "repositories are named without their owner: a name with a slash matches none"
    return ""


def allows(scopes: Scopes | None, project: str, repository: str) -> bool:
    """Whether a Project may open a repository, by its name without its owner."""
    return scopes is None or repository.lower() in scopes.get(project, frozenset())


def _parsed(text: Any) -> Scopes | str:
    """Return the scopes, or what is wrong with them."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return f"it must be a text of at most {_LONGEST >> 10} KiB"
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return "it is not JSON"
    if not isinstance(found, dict):
        return "it must be a JSON object, of Projects and the names of their repositories"
    scopes: Scopes = {}
    for project, names in found.items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return "what stands under a Project must be a list of names of repositories"
        scopes[project] = frozenset(name.lower() for name in names)
    return scopes
