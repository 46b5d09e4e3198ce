"""What somebody who moves Freight has seen of a Stage, and whether it is still so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.rules import holds, stage_status
from towpath.rules.gates.gate import Bars, shut
from towpath.rules.gates.listing import by_hand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from towpath.resources.promotion import Promotion
    from towpath.resources.stage import Stage
    from towpath.rules.gates.listing import Move


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSight:
    """What of a Stage decides what a move means."""

    current: Mapping[str, str]
    """Names of the Freight that is there, by origin."""
    holds: Mapping[str, str]
    """Names of the Freight that is held, by origin."""
    queue: tuple[str, ...]
    """Names of the Promotions that run or wait."""
    shut: tuple[str, ...]
    """Names of the gates that keep anybody from promoting the Freight in question; none where there is no such Freight."""


def of(stage: Stage, promotions: Iterable[Promotion], move: Move | None) -> StageSight:
    """Return what is seen of a Stage. `promotions`: those that it has not done with; `move`: of the Freight in question."""
    known = list(promotions)
    history = stage.status.freight_history if stage.status is not None else []
    items = history[0].items if history else {}
    waiting = (each.metadata.name for each in known if not stage_status.has_ended(each))
    held = holds.effective(stage, known)
    closed = shut(by_hand(move), Bars.PROMOTION) if move is not None else []
    return StageSight(
        current={origin: each.name for origin, each in items.items()},
        holds={origin: each.freight_name for origin, each in held.items()},
        queue=tuple(sorted(waiting)),
        shut=tuple(gate.name for gate in closed),
    )


def changed(was: StageSight, now: StageSight) -> list[str]:
    """Return what is not as it was, in words; nothing if a move means the same as it did."""
    found = []
    for what, before, after in (
        ("current Freight", was.current, now.current),
        ("hold", was.holds, now.holds),
    ):
        if before != after:
            found.append(f"{what}: {_listed(before)} then, {_listed(after)} now")
    if was.queue != now.queue:
        gone, come = set(was.queue) - set(now.queue), set(now.queue) - set(was.queue)
        told = [f"{len(gone)} Promotions left it"] if gone else []
        told += [f"{len(come)} came"] if come else []
        found.append(f"queue: {', '.join(told)}")
    if was.shut != now.shut:
        then, since = ", ".join(was.shut) or "none", ", ".join(now.shut) or "none"
        found.append(f"gates: shut were {then}, shut are {since}")
    return found


def _listed(of_origins: Mapping[str, str]) -> str:
    return ", ".join(sorted(of_origins.values())) or "none"
