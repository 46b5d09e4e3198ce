"""The gates of where newer Freight comes from: names that lead somewhere, and a Warehouse that can look."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref
from towpath.resources.meta import condition
from towpath.rules import discovery
from towpath.rules.gates import commands
from towpath.rules.gates.gate import Bars, Gate, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from towpath.resources.meta import Condition
    from towpath.resources.stage import FreightRequest, Stage
    from towpath.resources.warehouse import Warehouse

WAREHOUSE: Final = "warehouse"
SOURCES: Final = "sources"
_REASON_BYTES: Final = 1024
"""Of what a Warehouse says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Where Freight that a Stage requests comes from."""

    warehouse: Warehouse | None = None
    """The origin; None if it does not exist."""
    alike: Sequence[str] = ()
    """Names of Warehouses that are like that of one that does not exist."""
    next_look: datetime | None = None
    """When the Warehouse looks again; None if that is not known."""
    gone: AbstractSet[str] = frozenset()
    """Upstream Stages that do not exist."""
    verdicts: Mapping[str, str] = field(default_factory=dict)
    """What became of the Freight's verification in upstream Stages, by name; those without an entry have nothing to say."""
    runs: Mapping[str, Ref] = field(default_factory=dict)
    """The AnalysisRuns of these verifications, by Stage."""


def warehouse(stage: Stage, name: str, origins: Origins) -> Gate:
    """Return whether the Warehouse of that name makes Freight of what is new."""
    found = origins.warehouse
    if found is None:
        like = f"; there is {listed(list(origins.alike))}" if origins.alike else ""
        return Gate(
            name=WAREHOUSE,
            open=False,
            reason=f"Warehouse {name} does not exist{like}",
            bars=Bars.NEW_FREIGHT,
            opens_by=(
                f"who may create Warehouse {name}",
                f"who may change Stage {stage.metadata.name}, by naming another in spec.requestedFreight",
            ),
            command=commands.names(stage, "warehouses"),
        )
    if found.metadata.deletion_timestamp:
        return Gate(
            name=WAREHOUSE,
            open=False,
            reason=f"Warehouse {name} is being deleted",
            bars=Bars.NEW_FREIGHT,
            since=moments.read(found.metadata.deletion_timestamp),
            opens_by=(f"who may create Warehouse {name}, by applying it again once it is gone",),
            command=commands.show(stage, "warehouse", name),
        )
    known = found.status.conditions if found.status else []
    itself = (Ref(scheme.WAREHOUSE, stage.metadata.namespace, name),)
    at = (
        f"; the next look is at {moments.whole_seconds(origins.next_look)}"
        if origins.next_look
        else ""
    )
    if wrong := _hindrance(known):
        return Gate(
            name=WAREHOUSE,
            open=False,
            reason=f"Warehouse {name}: {wrong.reason}: {messages.cut(wrong.message, _REASON_BYTES)}{at}",
            bars=Bars.NEW_FREIGHT,
            since=moments.read(wrong.last_transition_time),
            opens_by=(
                "a look that succeeds",
                f"who may change Warehouse {name}, or the Secret it looks with",
            ),
            command=commands.look(stage, name),
            evidence=itself,
        )
    if condition(known, discovery.READY) is None:
        return Gate(
            name=WAREHOUSE,
            open=False,
            reason=f"Warehouse {name} has not looked for artifacts yet{at}",
            bars=Bars.NEW_FREIGHT,
            opens_by=("its first look",),
            command=commands.look(stage, name),
            evidence=itself,
        )
    if found.spec.freight_creation_policy == "Manual":
        return Gate(
            name=WAREHOUSE,
            open=False,
            reason=f"Warehouse {name} looks, and makes Freight only when it is asked to (freightCreationPolicy: Manual)",
            bars=Bars.NEW_FREIGHT,
            opens_by=(
                "who may create Freight",
                f"who may change Warehouse {name}, by setting freightCreationPolicy: Automatic",
            ),
            command=commands.show(stage, "warehouse", name),
            evidence=itself,
        )
    reason = f"Warehouse {name} looks for artifacts{at}"
    return Gate(name=WAREHOUSE, open=True, reason=reason, bars=Bars.NEW_FREIGHT, evidence=itself)


def _hindrance(conditions: list[Condition]) -> Condition | None:
    """Return the condition that says why no Freight is made; None if Freight can be made or none looked yet."""
    ready = condition(conditions, discovery.READY)
    if ready is not None and ready.status != "True":
        return ready
    criteria = condition(conditions, discovery.SATISFIED)
    return criteria if criteria is not None and criteria.status == "False" else None


def stages(stage: Stage, request: FreightRequest, gone: AbstractSet[str]) -> Gate:
    """Return whether each upstream Stage that the request names exists. `gone`: those that do not."""
    missing = [name for name in request.sources.stages if name in gone]
    if missing:
        is_one = len(missing) == 1
        reason = f"upstream {'Stage' if is_one else 'Stages'} {listed(missing)} {'does' if is_one else 'do'} not exist"
    elif request.sources.stages or request.sources.direct:
        ways = [*(["its Warehouse"] if request.sources.direct else []), *request.sources.stages]
        reason = f"Freight of {request.origin.key} comes from {listed(ways, 'or')}"
        return Gate(name=SOURCES, open=True, reason=reason, bars=Bars.NEW_FREIGHT)
    else:
        reason = (
            f"Freight of {request.origin.key} is taken neither from its Warehouse nor from a Stage"
        )
    name = stage.metadata.name
    return Gate(
        name=SOURCES,
        open=False,
        reason=reason,
        bars=Bars.NEW_FREIGHT,
        opens_by=(
            *([f"who may create Stage {listed(missing)}"] if missing else []),
            f"who may change Stage {name}, by naming others in spec.requestedFreight",
        ),
        command=commands.names(stage, "stages"),
    )
