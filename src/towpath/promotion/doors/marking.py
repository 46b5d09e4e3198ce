"""How a step that makes something at a tracker knows it again: by a mark on it, and by what the journal has of it.

The note is written before the request; its end, or that the tracker refused, afterwards. Where neither is there, the process
ended in between: then the mark is looked for before anything is made again.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, faults
from towpath.promotion.effects.classes import EffectClass
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from towpath.clock import Clock
    from towpath.promotion.effects.classes import EffectNotes

AFTER_MAKING: Final = faults.point(
    "promotion.after-ticket", "something was made at a tracker, and that is not yet noted"
)
SETTLED: Final = timedelta(seconds=20)
"""After which a search of a tracker shows what was made: its index comes after."""
_MARGIN_MINUTES: Final = 5
_REFUSALS: Final = (
    errors.BadRequest,
    errors.Unauthenticated,
    errors.Forbidden,
    errors.NotFound,
    errors.Conflict,
    errors.TooManyRequests,
)
"""What a tracker says that has made nothing. An answer that cannot be read says nothing of that."""


@dataclass(frozen=True, slots=True)
class Making:
    """Makes one thing once."""

    journal: EffectNotes
    clock: Clock
    note: str
    """Under which the journal has it."""
    what: str
    """For people: `issue`."""
    settles: bool = False
    """Whether what was made may be found only after a while."""

    async def once(
        self,
        make: Callable[[], Awaitable[dict[str, Any]]],
        look: Callable[[int], Awaitable[dict[str, Any] | None]],
    ) -> tuple[dict[str, Any], bool]:
        """Return what is known of the thing, and whether it was there.

        `look` looks for the mark on what is not older than some minutes. Raises Unavailable as long as nobody can know
        whether it was made.
        """
        noted = self.journal.noted(self.note) or {}
        if noted.get("made"):
            return noted["made"], True
        if noted and not noted.get("refused"):
            begun = self._begun(noted)
            age = self.clock.now() - begun
            found = await look(int(age.total_seconds() // 60) + _MARGIN_MINUTES)
            if found is not None:
                await self._note({**noted, "made": found})
                return found, True
            if self.settles and age < SETTLED:
                raise errors.Unavailable(
                    f"the server ended while the {self.what} was being made, and a search does not show one yet; "
                    "it is looked for again, so that there are not two"
                )
        begun_now: dict[str, Any] = {"at": moments.written(self.clock.now())}
        await self._note(begun_now)
        try:
            made = await make()
        except _REFUSALS:
            await self._note({**begun_now, "refused": True})
            raise
        AFTER_MAKING()
        await self._note({**begun_now, "made": made})
        return made, False

    def _begun(self, noted: dict[str, Any]) -> datetime:
        return moments.read(noted.get("at")) or self.clock.now()

    async def _note(self, value: dict[str, Any]) -> None:
        await self.journal.note(self.note, value, effect=EffectClass.PROBED)


async def gone(
    journal: EffectNotes,
    note: str,
    what: str,
    look: Callable[[], Awaitable[object]],
    delete: Callable[[], Awaitable[None]],
) -> None:
    """Delete something that `look` finds; once that is noted, that it is not there any more is what was wanted.

    An answer may be lost below us, too: a request that may be repeated is, where a connection breaks off. Raises NotFound.
    """
    if journal.noted(note) != what:
        await look()
        await journal.note(note, what, effect=EffectClass.PROBED)
    with contextlib.suppress(errors.NotFound):
        await delete()
