"""`moves`: one call that moves Freight, or changes what may move, for many targets; each has a result of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from towpath import faults
from towpath.errors import Expired, NotFound, TowpathError
from towpath.promotion.plan.made import Gone, PlanSet
from towpath.promotion.plan.planner import DECISION_SECONDS
from towpath.resources import scheme
from towpath.rules.board.line import reason_of
from towpath.server import requests, revisions, rights
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import line
from towpath.server.ext.moves import freshness, intents, promotions, shapes
from towpath.server.ext.moves.asked import OF_FREIGHT, PROMOTING, MoveKind, end_of, read
from towpath.server.ext.moves.call import MoveCall, RefusedTargetError, named_freight, view_of
from towpath.server.once import MoveAnswer, digest, once
from towpath.server.stamps import stamped
from towpath.server.wire import Body, Reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services
    from towpath.store.answers import KeyUse

_LABEL: Final = 40
"""Digits of a digest that a label has: it may have 63."""

AFTER_TARGET = faults.point(
    "moves.after-target", "one target of a move was promoted to, and nobody was told of it"
)

_OF_STAGE: Final[
    Mapping[MoveKind, tuple[str, Callable[[MoveCall, str], Awaitable[dict[str, Any]]]]]
] = {
    MoveKind.PROMOTE: ("promoted", promotions.promote),
    MoveKind.ROLLBACK: ("promoted", promotions.promote),
    MoveKind.DOWNSTREAM: ("promoted", promotions.promote),
    MoveKind.APPROVE: ("approved", intents.approve),
    MoveKind.HOLD: ("held", intents.hold),
    MoveKind.RESUME: ("resumed", intents.resume),
    MoveKind.VERIFY: ("verifying", intents.verify),
}
_OF_FREIGHT: Final[
    Mapping[MoveKind, tuple[str, Callable[[MoveCall], Awaitable[dict[str, Any]]]]]
] = {
    MoveKind.QUARANTINE: ("quarantined", intents.keep_back),
    MoveKind.RELEASE: ("released", intents.release),
}


async def _moves(request: Request, services: Services) -> Response:
    """Carry out what is asked for, once for each key, and answer with what became of each target."""
    project = await requests.project(request, services.store)
    document = await requests.json_object(request)
    asked = read(document)
    revisions.require(services.store, asked.if_rev)
    key = digest(project, caller.of(request).user.name, asked.key) if asked.key else ""

    async def carry_out(use: KeyUse) -> MoveAnswer:
        label = digest(key, use.since.isoformat())[:_LABEL]
        # From when the key was used first: a call that is made again means the same moment.
        end = end_of(asked.until, use.since)
        call = MoveCall(request, services, project, asked, label, hold_end=end)
        return await _carry_out(call, cut_off=None if use.is_new else use.since)

    async with services.turns.of(project):
        if key:
            what = digest(json.dumps(document, sort_keys=True))
            now = services.clock.now()
            answer = await once(services.store.answers, key, what, carry_out, now=now)
        else:
            end = end_of(asked.until, services.clock.now())
            call = MoveCall(request, services, project, asked, hold_end=end)
            answer = await _carry_out(call)
    return JSONResponse(answer.body, status_code=answer.status)


async def _carry_out(call: MoveCall, *, cut_off: datetime | None = None) -> MoveAnswer:
    """Return what became of each target. Raises what refuses the call as a whole.

    `cut_off`: when an earlier call with the key began, whose answer nobody knows; None: there was none.
    """
    asked, services, call = call.asked, call.services, replace(call, cut_off=cut_off)
    if asked.freight:
        found = await named_freight(call.request, services, call.project, asked.freight)
        call = replace(call, freight=found)
    await _ask_for_rights(call)
    if asked.is_line:
        call = await _of_line(call, cut_off)
    stages = tuple(call.line) if call.line is not None else asked.stages
    if asked.kind is MoveKind.DOWNSTREAM:
        freight = view_of(call.freight)
        stages = await promotions.downstream(services.store, call.project, stages, freight)
        if not stages:
            raise NotFound(
                f"no Stage takes Freight of {freight.origin.key} from Stage {', '.join(asked.stages)} by promotion"
            )
    if asked.plan and (outdated := await _outdated(call)) is not None:
        return outdated
    call = replace(call, looked_at=services.store.revision())
    stale = await _stale(call, (*asked.stages, *stages))
    if stale and cut_off is None:
        told = "; ".join(f"{name}: {', '.join(each)}" for name, each in stale.items())
        return MoveAnswer(
            409,
            stamped(
                services,
                {
                    "error": f"stale: since revision {asked.if_rev} something has changed, so nothing was moved: {told}",
                    "reason": "stale",
                    "stale": [{"stage": name, "changed": each} for name, each in stale.items()],
                },
            ),
            keep=False,
        )
    targets = []
    for name in stages:
        targets.append(await _target(call, name, stale.get(name, [])))
        AFTER_TARGET()
    if asked.kind in OF_FREIGHT:
        result, act = _OF_FREIGHT[asked.kind]
        targets = [{"result": result, **await act(call)}]
    refused = sum(each["result"] == "refused" for each in targets)
    body = {"kind": asked.kind.value, "targets": targets, "refused": refused}
    status = 207 if refused else 201 if asked.kind in PROMOTING else 200
    # Who may only look could fill the disk with answers to keys, were one kept of what came to nothing.
    return MoveAnswer(status, stamped(services, body), keep=refused < len(targets))


async def _of_line(call: MoveCall, cut_off: datetime | None) -> MoveCall:
    """Return a call that is about the line as it is now: what a stop would hold, or what one holds.

    Of one that was cut off, what it holds already is told of with the rest.
    """
    _, found = await line.seen(call.request, call.services)
    if call.asked.kind is MoveKind.RESUME:
        return replace(call, line=found.to_resume())
    asked = replace(call.asked, reason=reason_of(call.asked.reason))
    meant = dict(found.to_hold())
    if cut_off is not None:
        for stage, origins in found.stopped_by(call.requester.actor, cut_off).items():
            meant[stage] = (*origins, *meant.get(stage, ()))
    return replace(call, asked=asked, line=meant)


async def _ask_for_rights(call: MoveCall) -> None:
    """Return if the caller may do what every target needs. Raises Forbidden."""
    request, services, project, kind = call.request, call.services, call.project, call.asked.kind
    if kind in PROMOTING:
        await rights.ask(request, services, "create", scheme.PROMOTION, project)
    if kind is MoveKind.DOWNSTREAM:
        await rights.ask(request, services, "list", scheme.STAGE, project)
    if kind is MoveKind.APPROVE:
        name = view_of(call.freight).metadata.name
        await rights.ask(request, services, "patch", scheme.FREIGHT, project, name, "status")


async def _stale(call: MoveCall, stages: tuple[str, ...]) -> dict[str, list[str]]:
    """Return what has changed of each Stage since the caller looked; nothing for those that are as they were."""
    since = call.asked.if_rev
    if since is None:
        return {}
    freight, found = call.freight.ref.name if call.freight is not None else "", {}
    for name in dict.fromkeys(stages):
        if call.asked.kind in PROMOTING and await promotions.already_made(call, name) is not None:
            continue  # what has changed is what this call did before it was cut off
        changed = await freshness.changed(
            call.services.store,
            call.project,
            name,
            freight,
            since=since,
            now=call.services.clock.now(),
        )
        if changed:
            found[name] = changed
    return found


async def _target(call: MoveCall, name: str, stale: list[str]) -> dict[str, Any]:
    """Move one target; what keeps it from being moved is its own."""
    result, act = _OF_STAGE[call.asked.kind]
    if stale:
        told = {"status": 409, "error": f"stale: {', '.join(stale)}", "changed": stale}
        return {"stage": name, "result": "refused", **told}
    try:
        return {"stage": name, "result": result, **await act(call, name)}
    except RefusedTargetError as error:
        told = {"status": error.status, "error": error.message, **error.told}
    except TowpathError as error:
        if error.status >= 500:
            raise
        told = {"status": error.status, "error": error.message}
    return {"stage": name, "result": "refused", **told}


async def _outdated(call: MoveCall) -> MoveAnswer | None:
    """Return the refusal of a call whose plan does not hold any more; None if it does. Raises NotFound, Expired."""
    plan = await call.services.planner.find(call.project, call.asked.plan)
    if isinstance(plan, Gone):
        raise Expired(
            f"planId: plan {plan.id} is not kept any more, as newer ones took its place; plan again"
        )
    freight = call.freight.ref.name if call.freight is not None else ""
    planned = plan.plans if isinstance(plan, PlanSet) else [plan]
    if plan.freight != freight or not set(call.asked.stages) <= set(plan.stages):
        changed = [f"it is of Freight {plan.freight} to Stage {', '.join(plan.stages) or 'none'}"]
    else:
        found = await call.services.planner.all_outdated(
            [each for each in planned if each.stage in call.asked.stages],
            actor=call.requester.actor,
            seconds=DECISION_SECONDS,
        )
        changed = [text for told in found.values() for text in told]
        if isinstance(plan, PlanSet):
            changed = [f"{stage}: {text}" for stage, told in found.items() for text in told]
    if not changed:
        return None
    told = f"plan {plan.id} does not hold: {'; '.join(changed)}; nothing was moved, plan again"
    body = {"error": told, "reason": "outdated", "outdated": changed}
    return MoveAnswer(409, stamped(call.services, body), keep=False)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/towpath/v1/projects/{project}/moves",
        _moves,
        Right("get", scheme.STAGE),
        also="`promote` on each Stage; `get` on the Freight; `create` promotions; `list` stages for those downstream; `patch` "
        "on freights/status to approve, on the Freight to quarantine or release it",
        takes=Body(shapes.WantedMove),
        answers=Reply(
            shapes.MovesMade, 201, also=((200, shapes.MovesMade), (207, shapes.MovesMade))
        ),
    ),
)
