"""What a reconciler is asked, and its three answers: done, again (an error), never again (Terminal).

A request is only a key: the reconciler reads the newest state itself, and does the same whether it is called
once or ten times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from towpath.resources.kinds import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Everything is as it should be, as far as it can be now."""

    again_seconds: float | None = None
    """Look again after so long, if nothing calls for it earlier."""
    waiting_for: str = ""
    """What it waits for, for people; empty if for nothing."""


class Terminal(Exception):  # noqa: N818 - an answer, not a fault
    """Nothing can be done until the object changes; the text says why."""


class Reconciler(Protocol):
    """Brings one object nearer to what is wanted."""

    async def reconcile(self, request: Ref) -> Done:
        """Do what is to be done for a key.

        Raises Terminal when only a change of the object can help; whatever else it raises is tried again
        after a back-off.
        """
        ...
