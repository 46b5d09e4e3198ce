"""The ways to the outside: whatever a step does beyond its work directory goes by one of these.

Each effect declares its class: *convergent*, repeating it is harmless; *probed*, our mark is
looked for before it is done again; *at least once*, a repeat after a crash is possible, recorded and shown.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from towpath.promotion.git_client import GitClient


class EffectClass(enum.StrEnum):
    """What repeating an effect means."""

    CONVERGENT = "Convergent"
    PROBED = "Probed"
    AT_LEAST_ONCE = "AtLeastOnce"


class EffectNotes(Protocol):
    """What a step remembers of effects that are under way, durably (`journal.py`). Keys are the step's own.

    The record of one step is gone once the step has ended; `note` has reached the disk when it returns.
    """

    def noted(self, key: str) -> Any | None:
        """Return what was noted under a key by this step of this Promotion; None if nothing was."""
        ...

    async def note(self, key: str, value: Any, *, effect: EffectClass) -> None:
        """Remember a JSON value under a key, before the effect is begun."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """The ways to the outside that a step is given."""

    git: GitClient
    journal: EffectNotes
