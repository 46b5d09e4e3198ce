"""The list of all gates between Freight and a Stage: the one that everybody reads, whole or in part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.rules.gates import (
    automatic,
    availability,
    commands,
    hooks,
    sources,
    stage,
    steps,
    turn,
    window,
)
from towpath.rules.gates.automatic import Automation
from towpath.rules.gates.gate import Gate
from towpath.rules.gates.sources import Origins
from towpath.rules.gates.steps import InflatedTemplate
from towpath.rules.promotion_windows.calendar import NO_WINDOWS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.resources.freight import Freight
    from towpath.resources.hook_run import HookRun
    from towpath.resources.stage import Stage
    from towpath.rules.freezing import Freeze
    from towpath.rules.promotion_windows.calendar import Calendar

EXISTS: Final = "exists"
ORDER: Final = (
    stage.STAGE,
    availability.REQUESTED,
    EXISTS,
    availability.QUARANTINE,
    availability.VERIFIED,
    availability.SOAKED,
    availability.UPSTREAM,
    window.WINDOW,
    steps.TASKS,
    automatic.POLICY,
    automatic.HOLD,
    automatic.NEWEST,
    automatic.PRESENT,
    automatic.CARRIED,
    automatic.TRIED,
    automatic.REFUSAL,
    steps.STEPS,
    turn.TURN,
    hooks.HOOKS,
    sources.SOURCES,
    sources.WAREHOUSE,
)
"""The names of all gates, in the order of every list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Freight that is to come into a Stage, and what decides whether anybody may promote it."""

    now: datetime
    stage: Stage
    origin: str
    """Where the Freight comes from, `Warehouse/NAME`."""
    freight: Freight | None
    lacking: str = ""
    """Why there is no Freight."""
    template: InflatedTemplate = field(default_factory=InflatedTemplate)
    project_going: str = ""
    """When the deletion of the Project was asked for, as resources write it; empty if it was not."""
    frozen: Freeze | None = None
    """That the Project is about to be moved to another instance; None if it is not."""
    calendar: Calendar = NO_WINDOWS
    """The promotion windows of the Project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything that gates are decided from."""

    move: Move
    automation: Automation = field(default_factory=Automation)
    origins: Origins = field(default_factory=Origins)
    problems: Sequence[str] = ()
    """What is wrong with the steps of a Promotion, as far as can be known before the first runs."""
    holding_up: Sequence[HookRun] = ()
    """The runs of hooks that the Stage waits for."""


def by_hand(move: Move) -> tuple[Gate, ...]:
    """Return the gates that must be open for anybody to promote: admission refuses exactly while one is shut."""
    return _ordered(*_of_move(move, listing=False))


def everything(snapshot: Snapshot) -> tuple[Gate, ...]:
    """Return all gates. Auto-promotion takes the Freight exactly when those that bar it are open."""
    move, origins = snapshot.move, snapshot.origins
    found = _of_move(move, listing=True)
    if move.freight is not None:
        found += automatic.gates(move.stage, move.freight, snapshot.automation)
    else:
        found.append(
            automatic.policy(move.stage, snapshot.automation.policies, snapshot.automation.idle)
        )
    found.append(steps.ready(move.stage, snapshot.problems))
    found.append(
        turn.gate(
            *(move.stage, snapshot.automation.promotions, move.now),
            forbids_skip=snapshot.automation.forbids_skip,
        )
    )
    found.append(hooks.gate(move.stage, snapshot.holding_up))
    request = availability.request_for(move.stage, move.origin)
    if request is not None:
        above = (origins.verdicts, origins.runs)
        found = [availability.with_verdicts(gate, request, *above) for gate in found]
        found.append(sources.stages(move.stage, request, origins.gone))
        found.append(sources.warehouse(move.stage, request.origin.name, origins))
    return _ordered(*found)


def _of_move(move: Move, *, listing: bool) -> list[Gate]:
    found = [stage.gate(move.stage, project_going=move.project_going, frozen=move.frozen)]
    let_in = window.gate(move.stage, move.calendar, move.now)
    if let_in is not None:
        found.append(let_in)
    if move.freight is None:
        found += [availability.requested(move.stage, move.origin), _missing(move)]
    else:
        found.append(Gate(name=EXISTS, open=True, reason="the Freight is there"))
        found += availability.gates(move.stage, move.freight, now=move.now, listing=listing)
    found.append(steps.tasks(move.stage, move.template))
    return found


def _missing(move: Move) -> Gate:
    name = move.origin.partition("/")[2]
    return Gate(
        name=EXISTS,
        open=False,
        reason=move.lacking or f"there is no Freight of {move.origin} yet",
        opens_by=(f"new Freight of {move.origin}", "who may create Freight"),
        command=commands.look(move.stage, name),
    )


def _ordered(*found: Gate) -> tuple[Gate, ...]:
    return tuple(sorted(found, key=lambda gate: ORDER.index(gate.name)))
