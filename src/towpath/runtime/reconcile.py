"""What a reconciler is asked, and its three answers: done, again (`Retry` or any error), not again (`Terminal`).

A request is only a key: the reconciler reads the newest state itself, and does the same whether it is called
once or ten times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.kinds import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Everything is as it should be, as far as it can be now.

    It may be asked to look again, if nothing calls for it earlier; of two times the earlier counts. Raises
    ValueError for a time that would never come.
    """

    again_seconds: float | None = None
    """Look again after so many seconds."""
    again_at: datetime | None = None
    """Look again at this moment (aware); at once, if it is past.

    It is turned into seconds when the answer is given. If wall time is set anew meanwhile, the look comes
    early or late by as much, and the reconciler, which goes by the wall, answers anew.
    """
    waiting_for: str = ""
    """What it waits for, for people; empty if for nothing."""

    def __post_init__(self) -> None:
        if self.again_seconds is not None and not 0 <= self.again_seconds < math.inf:
            raise ValueError(f"again_seconds={self.again_seconds}: give a finite number from 0 up")
        if self.again_at is not None and self.again_at.tzinfo is None:
            raise ValueError(f"again_at={self.again_at.isoformat()}: give it a time zone")

    def seconds_from(self, now: datetime) -> float | None:
        """Return the seconds until the next look, as seen from wall time `now`; None: no look is planned."""
        if self.again_at is None:
            return self.again_seconds
        seconds = max(0.0, (self.again_at - now).total_seconds())
        return seconds if self.again_seconds is None else min(seconds, self.again_seconds)


class Retry(Exception):  # noqa: N818 - an answer, not a fault
    """It could not be done and is tried again after a back-off; the object says why already, as does the text."""


class Terminal(Exception):  # noqa: N818 - an answer, not a fault
    """Nothing can be done until the object, or something else that is watched, changes; the text says why.

    `told`: the object says so already; otherwise whoever runs the reconciler has it said.
    """

    def __init__(self, message: str, *, told: bool = False) -> None:
        super().__init__(message)
        self.told = told


class Reconciler(Protocol):
    """Brings one object nearer to what is wanted."""

    async def reconcile(self, request: Ref) -> Done:
        """Do what is to be done for a key.

        Raises Terminal when only a change of the object can help, and Retry when it has said on the object what
        went wrong. Whatever else it raises is told on the object by whoever runs it, and tried again after a back-off.
        """
        ...
