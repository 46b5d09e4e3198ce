"""A frozen Project: nothing is promoted in it and nobody writes in it, because it is being moved to another instance."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath import messages
from towpath.resources.annotations import FROZEN

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Freeze:
    """That a Project is frozen: by whom, since when (RFC 3339) and why; `taken`: the archive that was made of it since."""

    actor: str
    at: str
    reason: str = ""
    taken: str = ""

    @property
    def told(self) -> str:
        """Return it in words, to go after the name of the Project."""
        why = f" ({messages.cut(self.reason, _LONGEST)})" if self.reason else ""
        return f"is frozen since {self.at or 'a time that nobody noted'} by {self.actor or 'somebody'}{why}"

    def written(self) -> str:
        """Return it as the annotation has it."""
        told = {"actor": self.actor, "at": self.at, "reason": self.reason, "taken": self.taken}
        return json.dumps({key: value for key, value in told.items() if value}, ensure_ascii=False)


def of(metadata: Mapping[str, Any]) -> Freeze | None:
    """Return how a Project is frozen, by its metadata; None if it is not. Whatever the annotation says freezes it."""
    annotations = metadata.get("annotations")
    text = annotations.get(FROZEN) if isinstance(annotations, dict) else None
    return None if text is None else read(text)


def read(text: object) -> Freeze:
    """Return what the annotation says, of whatever shape it is."""
    try:
        found = json.loads(text) if isinstance(text, str) and len(text) < (16 << 10) else {}
    except (ValueError, RecursionError):
        found = {}
    said = found if isinstance(found, dict) else {}

    def word(key: str) -> str:
        value = said.get(key)
        return value if isinstance(value, str) else ""

    return Freeze(word("actor"), word("at"), word("reason"), word("taken"))


def release(project: str) -> str:
    """Return the command that ends it."""
    return f"towpath export project {project} --release"
