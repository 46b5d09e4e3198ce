"""The journal of one Promotion: notes that reach the disk before the effect they are about is begun, and its secrets.

Where they are kept is said by `stored_journal`; a plan's are kept nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath import errors, faults
from towpath.promotion.confidence import Confidence
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clock import Clock
    from towpath.promotion.effects import EffectClass

BEFORE_NOTE: Final = faults.point(
    "promotion.before-note", "an effect is decided on but not yet noted"
)
AFTER_NOTE: Final = faults.point("promotion.after-note", "an effect is noted but not yet begun")


class Journal:
    """The notes of one Promotion, as long as this is. `of` gives each step its own part."""

    def __init__(
        self,
        promotion: str,
        clock: Clock,
        confidence: Confidence | None = None,
        *,
        kind: str = "Promotion",
    ) -> None:
        """`promotion`: its name, or that of the run of a hook (`kind`). `confidence`: what is known of it already."""
        self._promotion = f"{kind} {promotion}"
        self._clock = clock
        self._entries: list[dict[str, Any]] = []
        self._is_closed = False
        self.confidence = confidence or Confidence()

    def close(self) -> None:
        """Take no more notes: the Promotion was ended. A step that runs on begins no further effect."""
        self._is_closed = True

    async def load(self) -> None:
        """Read what was noted before."""

    async def keep(self, outputs: Mapping[str, Any]) -> None:
        """Keep what is secret of these outputs, by alias, and of what was learnt, for whoever goes on.

        Raises TooLarge where there is no room for it; then nothing was kept.
        """

    async def forget(self) -> None:
        """Drop what was secret: nobody goes on with the Promotion."""

    def of(self, step: str) -> StepJournal:
        """Return the part of the step of an alias."""
        return StepJournal(self, step)

    def find(self, step: str, key: str) -> Any | None:
        """Return the newest value that a step noted under a key."""
        for entry in reversed(self._entries):
            if entry["step"] == step and entry["key"] == key:
                return entry.get("value")
        return None

    def every(self, key: str) -> list[Any]:
        """Return what all steps noted under a key."""
        return [entry.get("value") for entry in self._entries if entry["key"] == key]

    async def add(self, step: str, key: str, value: Any, effect: EffectClass) -> None:
        """Keep a note; one of the same step and key is replaced. It is where it is kept when this returns.

        Raises Unavailable when the Promotion was ended meanwhile.
        """
        if self._is_closed:
            raise errors.Unavailable(f"{self._promotion} was ended: nothing more is begun")
        if self.find(step, key) == value and value is not None:
            return
        entry = {
            "step": step,
            "key": key,
            "effect": str(effect),
            "notedAt": moments.written(self._clock.now()),
            "value": value,
        }
        kept = [old for old in self._entries if (old["step"], old["key"]) != (step, key)]
        self._entries = [*kept, entry]
        BEFORE_NOTE()
        await self._write()
        AFTER_NOTE()

    async def _write(self) -> None:
        """Keep the notes beyond this process. Here nothing is: nobody goes on with a plan."""


class StepJournal:
    """What one step sees of the journal; `effects.EffectNotes` is its contract."""

    def __init__(self, journal: Journal, step: str) -> None:
        self._journal = journal
        self._step = step

    def noted(self, key: str) -> Any | None:
        """Return what was noted under a key; None if nothing was."""
        return self._journal.find(self._step, key)

    async def note(self, key: str, value: Any, *, effect: EffectClass) -> None:
        """Remember a JSON value under a key, durably, before the effect is begun."""
        await self._journal.add(self._step, key, value, effect)
