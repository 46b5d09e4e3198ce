"""Gates as the API tells them: to each caller no more of other objects than they may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources import moments, scheme
from towpath.rules.gates import automatic, remedies, sources, steps, telling
from towpath.rules.rbac import Attributes
from towpath.server.auth import caller

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from towpath.resources.kinds import Kind, Ref
    from towpath.resources.stage import Stage
    from towpath.rules.gates.gate import Gate
    from towpath.server.services import Services

_TELLS_OF: Final[Mapping[str, Kind]] = {
    steps.TASKS: scheme.PROMOTION_TASK,
    automatic.POLICY: scheme.PROJECT_CONFIG,
    sources.SOURCES: scheme.STAGE,
    sources.WAREHOUSE: scheme.WAREHOUSE,
}
"""Gates whose reason, where they are shut, tells of objects beside the Stage, its Promotions and the Freight."""

_MOST_WHO: Final = 10
_MOST_EVIDENCE: Final = 5


async def shown(
    request: Request, services: Services, stage: Stage, found: Sequence[Gate]
) -> list[dict[str, Any]]:
    """Return gates as documents, in the order in which people read them; the reason of a closed gate is left out if the caller may not read the object that it names.

    Of the evidence each caller is told what they may get.
    """
    answer = []
    seen: dict[Kind, bool] = {}

    async def may_see(kind: Kind) -> bool:
        if kind not in seen:
            seen[kind] = await _may_see(request, services, kind, stage.metadata.namespace)
        return seen[kind]

    for gate in telling.in_order(found):
        kind = None if gate.open else _TELLS_OF.get(gate.name)
        if kind is None or await may_see(kind):
            above = gate.above if gate.above and await may_see(scheme.STAGE) else ""
            evidence = [each for each in gate.evidence if await may_see(each.kind)]
            answer.append(
                _document(gate, above=above)
                | _evidence(evidence[:_MOST_EVIDENCE])
                | await _opening(services, stage, gate)
            )
            continue
        why = f"it is told to who may get {kind.plural} of Project {stage.metadata.namespace}"
        answer.append(_document(gate) | {"reason": why, "opensBy": [], "command": ""})
    return answer


async def _opening(services: Services, stage: Stage, gate: Gate) -> dict[str, Any]:
    """Return what opens a gate that is shut, and who may do that; nothing for one that is open."""
    project, name = stage.metadata.namespace, stage.metadata.name
    remedy = remedies.of(gate, project, name)
    if remedy is None:
        return {}
    told: dict[str, Any] = {"verb": remedy.verb}
    if gate.command:
        told["command"] = gate.command
    if remedy.verb in remedies.MOVES:
        told["url"] = f"/towpath/v1/projects/{project}/moves"
    if remedy.needs is None:
        return {"remedy": told}
    who = await services.authorizer.who_may(remedy.right, remedy.needs)
    return {"remedy": told, "who": list(who[:_MOST_WHO])}


def _evidence(found: Sequence[Ref]) -> dict[str, Any]:
    """Return the objects that say so; nothing where there are none."""
    return (
        {"evidence": [{"kind": each.kind.name, "name": each.name} for each in found]}
        if found
        else {}
    )


async def _may_see(request: Request, services: Services, kind: Kind, project: str) -> bool:
    on = Attributes(kind.group, kind.plural, project)
    return (await services.authorizer.allowed(caller.of(request).user, "get", on)).allowed


def _document(gate: Gate, *, above: str = "") -> dict[str, Any]:
    return {
        "name": gate.name,
        "open": gate.open,
        "reason": f"{gate.reason} ({above})" if above else gate.reason,
        "bars": gate.bars,
        "means": telling.meaning(gate),
        "since": moments.whole_seconds(gate.since) if gate.since else None,
        "opensAt": moments.whole_seconds(gate.opens_at) if gate.opens_at else None,
        "opensBy": list(gate.opens_by),
        "command": gate.command,
    }
