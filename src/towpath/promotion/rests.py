"""Steps that are not to be run again yet: they wait for something, or had an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.promotion.progress import AnotherTry
from towpath.runtime.queue import BackOff
from towpath.runtime.reconcile import Done

if TYPE_CHECKING:
    from towpath.clock import Clock
    from towpath.promotion.progress import Wait
    from towpath.resources.kinds import Ref
    from towpath.runtime.keyed_waits import KeyedWaits

_AT_ONCE: Final = 0.0
_BACK_OFF: Final = BackOff(first_seconds=1.0, longest_seconds=300.0)


@dataclass(frozen=True, slots=True)
class _Rest:
    due: float
    """On the monotonic clock."""
    reason: str
    token: str
    """The refresh that was asked for last: another one ends the wait."""


class Rests:
    """Promotions, or runs of hooks, whose step is not to be run again yet, whatever else happens to them."""

    def __init__(self, clock: Clock, waits: KeyedWaits) -> None:
        """`waits`: what they wait for, by the keys of events."""
        self._clock = clock
        self._waits = waits
        self._rests: dict[str, _Rest] = {}
        """By uid."""

    def left(self, ref: Ref, uid: str, token: str) -> Done | None:
        """Return the answer while a step rests; None once it is to be run."""
        rest = self._rests.get(uid)
        if rest is None or rest.token != token or self._waits.is_woken(ref):
            return None
        left = rest.due - self._clock.monotonic()
        return Done(again_seconds=left, waiting_for=rest.reason) if left > 0 else None

    def begin(
        self, ref: Ref, uid: str, progress: AnotherTry | Wait, *, since: int, token: str
    ) -> Done:
        """Have a step rest that had an error or waits; `since`: the mark of the waits when it was run."""
        if isinstance(progress, AnotherTry):
            self._waits.end(ref)
            reason, seconds = progress.message, _BACK_OFF.seconds(progress.errors_in_a_row)
        else:
            happened = self._waits.wait(ref, progress.wake, since=since, shown=progress.shown)
            reason, seconds = progress.waiting_for, _AT_ONCE if happened else progress.seconds
        self._rests[uid] = _Rest(self._clock.monotonic() + seconds, reason, token)
        return Done(again_seconds=seconds, waiting_for=reason)

    def end(self, ref: Ref, uid: str) -> None:
        """Forget one: it has ended, or is gone."""
        self._rests.pop(uid, None)
        self._waits.end(ref)
