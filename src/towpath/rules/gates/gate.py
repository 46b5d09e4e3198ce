"""A gate: one thing that must be so, why it is or is not, and who or what can open it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from towpath.resources.kinds import Ref

NAMED: Final = 10
"""Names that a sentence has; a Stage may have a hundred above it, and the sentence is made for each Freight."""


class Bars(enum.StrEnum):
    """What does not happen while a gate is shut."""

    PROMOTION = "promotion"
    """Nobody promotes the Freight to the Stage, neither a person nor the Stage by itself."""
    AUTO_PROMOTION = "autoPromotion"
    """The Stage does not take the Freight by itself; a person may promote it."""
    START = "start"
    """A Promotion can be asked for, and waits before it begins."""
    SUCCESS = "success"
    """A Promotion can be asked for, and ends in an error before its first step."""
    NEW_FREIGHT = "newFreight"
    """Freight that is there may move; newer Freight does not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One thing that must be so before Freight comes into a Stage."""

    name: str
    """What kind of gate, such as `verified`; a list has none twice."""
    open: bool
    reason: str
    """Why it is open or shut, for people."""
    above: str = ""
    """What the Stages above say of it, for those who may read them; empty if they say nothing."""
    bars: Bars = Bars.PROMOTION
    """What does not happen while it is shut."""
    since: datetime | None = None
    """Since when it is open or shut (UTC); None if that is not known."""
    opens_at: datetime | None = None
    """When it will open by time alone (UTC); None if it is open, or if something else must happen."""
    opens_by: tuple[str, ...] = ()
    """Who or what can open it, one of them is enough; empty if it is open."""
    command: str = ""
    """The command that opens it, or shows what must be changed; empty if it is open or none helps."""
    evidence: tuple[Ref, ...] = ()
    """The objects that say so, the most telling first; empty where the Stage and the Freight themselves do."""


def shut(found: Iterable[Gate], bars: Bars) -> list[Gate]:
    """Return the gates that keep something from happening now, in their order.

    What keeps anybody from promoting keeps auto-promotion from it as well.
    """
    both = (bars, Bars.PROMOTION) if bars is Bars.AUTO_PROMOTION else (bars,)
    return [gate for gate in found if not gate.open and gate.bars in both]


def next_opening(found: Sequence[Gate]) -> datetime | None:
    """Return when time alone will have opened every gate; None if they are open or something else must happen."""
    closed = [gate for gate in found if not gate.open]
    moments = [gate.opens_at for gate in closed if gate.opens_at is not None]
    return max(moments) if closed and len(moments) == len(closed) else None


def said(found: Iterable[Gate]) -> str:
    """Return gates in one line, as errors and messages name them: `verified: not verified in test yet; …`."""
    return "; ".join(f"{gate.name}: {gate.reason}" for gate in found)


def listed(names: Sequence[str], last: str = "and") -> str:
    """Return names as a sentence has them: `a, b and c`, of many the first; `no Stage` if there is none."""
    if len(names) > NAMED:
        names = [*names[:NAMED], f"{len(names) - NAMED} more"]
    if not names:
        return "no Stage"
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} {last} {names[-1]}"
