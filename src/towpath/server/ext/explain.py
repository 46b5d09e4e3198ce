"""Why does this not move: the gates between Freight and a Stage, and what a Promotion waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from starlette.responses import JSONResponse

from towpath import errors
from towpath.admission import candidates, gathering, policies
from towpath.argocd.stage_connections import StageConnections
from towpath.errors import BadRequest
from towpath.resources import moments, scheme
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.promotion import Promotion, StepStatus
from towpath.resources.stage import Stage, StageStatus
from towpath.rules import freight_age, stage_status
from towpath.rules.gates import telling
from towpath.rules.gates.listing import everything
from towpath.rules.gates.soonest import soonest
from towpath.rules.processing_order import processing_order
from towpath.rules.verifying.awaited import awaited
from towpath.screens import seeing
from towpath.server import requests, rights
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import (
    analysis,
    argocd_links,
    debt,
    gates,
    hook_runs,
    retried,
    stage_health,
    stage_shapes,
    waiting_shapes,
)
from towpath.server.wire import Parameter, Reply
from towpath.store.tolerant_reading import views

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services
    from towpath.store.contract import Page, Stored


_MOST_OWED: Final = 20
_MOST_ONWARD: Final = 12
_SHUT: Final = "shut"
_Asked: TypeAlias = "tuple[str, Freight | None, Page | None]"
"""An origin, the Freight of it that is asked about, and the newest of the origin where that was looked up."""
_PASSED_OVER: Final = "it is left out of explanations"


async def _stage(request: Request, services: Services) -> Response:
    """Answer with the gates of one Freight, or of the newest of each origin that the Stage requests."""
    stored = await requests.named(request, services.store, scheme.STAGE)
    stage = stored.view(Stage)
    promotions = await gathering.unsettled(services.store, stage)
    asked = await _asked(request, services, stored)
    explanations = await _explanations(request, services, stored, promotions, asked)
    answer: dict[str, Any] = {"stage": stage.metadata.name}
    if len(explanations) == 1:
        answer |= explanations[0]
    else:
        answer["explanations"] = explanations
    answer["queue"] = _queue(promotions)
    answer |= await _standing(request, services, stored)
    answer["lastPass"] = _last_pass(stored, services)
    return JSONResponse(answer)


async def _asked(request: Request, services: Services, stored: Stored) -> list[_Asked]:
    """Return what is to be explained. Raises Forbidden, NotFound."""
    name, project = request.query_params.get("freight", ""), stored.ref.namespace
    if name:
        await rights.ask(request, services, "get", scheme.FREIGHT, project, name)
        found = await requests.freight(services.store, project, name)
        await rights.ask(request, services, "get", scheme.FREIGHT, project, found.ref.name)
        named = found.view(Freight)
        return [(named.origin.key, named, None)]
    await rights.ask(request, services, "list", scheme.FREIGHT, project)
    asked: list[_Asked] = []
    for wanted in stored.view(Stage).spec.requested_freight:
        newest = await candidates.newest(services.store, project, wanted.origin.name)
        asked.append((wanted.origin.key, _newest(newest), newest))
    return asked


async def _explanations(
    request: Request,
    services: Services,
    stored: Stored,
    promotions: list[Promotion],
    asked: list[_Asked],
) -> list[dict[str, Any]]:
    """Return the gates of each that is asked for, and where it goes from there."""
    stage, project = stored.view(Stage), stored.ref.namespace
    only = request.query_params.get("only", "")
    if only not in ("", _SHUT):
        raise BadRequest(f"only: {only[:50]!r} is none; there is {_SHUT}")
    in_force = await policies.in_force(services.store, project)
    sight = await seeing.of(services.authorizer, caller.of(request).user, project)
    explanations = []
    for origin, freight, page in asked:
        next_look = services.due(_warehouse(stored, origin))
        snapshot = await gathering.snapshot(
            *(services.store, stored, origin, freight),
            promotions=promotions,
            now=services.clock.now(),
            problems=services.problems,
            next_look=next_look,
            in_force=in_force,
            newest=page,
        )
        every = everything(snapshot)
        told = [each for each in every if only != _SHUT or not each.open]
        found = await gates.shown(request, services, stage, told)
        explained = _explained(origin, freight, found)
        explained["summary"] = telling.summary(every)
        explained["verdicts"] = telling.verdicts(every, is_there=freight is not None)
        if freight is not None:
            onward = await services.screens.onward(project, freight, sight, stored.ref.name)
            explained["then"] = onward[:_MOST_ONWARD]
            arrives = _arrives(onward, stored.ref.name)
            own = snapshot.move.calendar.of(stage.metadata.name, stage.metadata.labels)
            at = soonest(every, arrives, services.clock.now(), own)
            explained["soonest"] = moments.whole_seconds(at) if at is not None else None
        explanations.append(explained)
    return explanations


def _arrives(onward: list[dict[str, Any]], stage: str) -> datetime | None:
    """Return when the Freight could come into a Stage; None where that is not known."""
    seconds = next((each.get("earliest") for each in onward if each["stage"] == stage), None)
    return moments.of_seconds(seconds) if seconds else None


async def _standing(request: Request, services: Services, stored: Stored) -> dict[str, Any]:
    """Return how the Stage itself fares, whatever Freight is asked about."""
    stage, answer = stored.view(Stage), dict[str, Any]()
    told = services.waiting(stored.ref)
    if told is not None and told.reason:
        answer["waitingFor"] = told.reason
    if services.argocd.every():
        answer["argocd"] = _argocd(stage, services)
    if (health := stage_health.told(stage, argocd_links.linking(stage, services))) is not None:
        answer["health"] = health
    if (verification := _verification(stage, services)) is not None:
        answer["verification"] = verification
        run = await analysis.named_by_stage(
            request, services, stored.ref.namespace, verification.get("analysisRun") or ""
        )
        if run is not None:
            verification["run"] = run
        owed = await debt.owed_in(services.store.history, stage, services.clock.now())
        answer["debt"] = owed[:_MOST_OWED]
    if runs := await hook_runs.told(request, services, stored.ref):
        answer["hooks"] = runs
    return answer


def _verification(stage: Stage, services: Services) -> dict[str, Any] | None:
    """Return how what is in a Stage was verified last, or what its verification waits for; None where nothing is there."""
    status = stage.status or StageStatus()
    waits = awaited(stage, status, services.clock.now())
    if waits is not None:
        until = moments.whole_seconds(waits.until) if waits.until is not None else None
        return {"phase": "", "reason": waits.reason, "message": waits.message, "until": until}
    newest = stage_status.newest_verification(status)
    if newest is None:
        return None
    return {
        "id": newest.id,
        "phase": newest.phase,
        "message": newest.message,
        "actor": newest.actor,
        "startTime": newest.start_time,
        "finishTime": newest.finish_time,
        "analysisRun": newest.analysis_run.name if newest.analysis_run is not None else "",
    }


def _argocd(stage: Stage, services: Services) -> dict[str, str]:
    """Return the connection to Argo CD that serves a Stage, and how it fares; or why none does."""
    try:
        found = StageConnections(services.argocd, services.store).of(stage)
    except errors.TowpathError as error:
        return {"connection": "", "state": "", "error": error.message}
    return {"connection": found.name, "state": found.reach.state.value, "error": found.reach.error}


def _warehouse(stage: Stored, origin: str) -> Ref:
    return Ref(scheme.WAREHOUSE, stage.ref.namespace, origin.partition("/")[2])


def _last_pass(stored: Stored, services: Services) -> dict[str, Any] | None:
    """Return when the object was looked at last and what that came to; None if not since the start."""
    found = services.last_pass(stored.ref)
    if found is None:
        return None
    age = max(0.0, services.clock.monotonic() - found.ended)
    return {
        "endedAt": moments.whole_seconds(found.ended_at),
        "secondsAgo": int(age),
        "outcome": found.outcome,
    }


def _explained(origin: str, freight: Freight | None, found: list[dict[str, Any]]) -> dict[str, Any]:
    if freight is None:
        return {"freight": "", "origin": origin, "gates": found}
    return {
        "freight": freight.metadata.name,
        "alias": freight.alias,
        "origin": origin,
        "gates": found,
    }


def _newest(page: Page) -> Freight | None:
    """Return the newest Freight of an origin, available or not."""
    found: list[Freight] = []
    for _, freight in views(page.items, Freight, purpose=_PASSED_OVER):
        if found and not freight_age.is_of_same_second(freight, found[0]):
            break
        found.append(freight)
    return max(found, key=freight_age.age, default=None)


def _queue(promotions: list[Promotion]) -> list[dict[str, str]]:
    """Return the Promotions that run or wait, in the order in which they will."""
    return [
        {
            "promotion": each.metadata.name,
            "phase": stage_status.phase_of(each) or "Pending",
            "freight": each.spec.freight,
        }
        for each in processing_order(promotions)
        if not stage_status.has_ended(each)
    ]


async def _promotion(request: Request, services: Services) -> Response:
    """Answer with how far a Promotion is, what it waits for and until when."""
    stored = await requests.named(request, services.store, scheme.PROMOTION)
    promotion = stored.view(Promotion)
    status = promotion.status
    answer: dict[str, Any] = {
        "promotion": stored.ref.name,
        "phase": stage_status.phase_of(promotion) or "Pending",
        "step": None,
        "waitingFor": None,
        "until": None,
        "wokenBy": [],
        "message": status.message if status else "",
    }
    if not stage_status.has_ended(promotion):
        steps = status.step_execution_metadata if status else []
        running = next((step for step in steps if step.status == StepStatus.RUNNING), None)
        if running is not None:
            kinds = {step.as_: step.uses for step in promotion.spec.steps}
            answer["step"] = {
                "alias": running.alias,
                "uses": kinds.get(running.alias, ""),
                "status": running.status,
            }
        waiting = services.waiting(stored.ref)
        if waiting is not None:
            answer["waitingFor"] = waiting.reason
            answer["wokenBy"] = list(waiting.wake)
        due = services.due(stored.ref)
        if due is not None:
            answer["until"] = moments.whole_seconds(due)
    answer["retry"] = retried.told(promotion.metadata.annotations)
    answer["lastPass"] = _last_pass(stored, services)
    return JSONResponse(answer)


_BASE = "/towpath/v1/projects/{project}"
ENDPOINTS = (
    Endpoint(
        "GET",
        f"{_BASE}/stages/{{name}}/explain",
        _stage,
        (Right("get", scheme.STAGE), Right("list", scheme.PROMOTION)),
        also="`get` on the Freight that is named, else `list` freights",
        query=(
            Parameter(
                "freight", "Which Freight, by name or alias; else the newest of each origin."
            ),
            Parameter("only", "`shut`: leave out the gates that are open."),
        ),
        answers=Reply(stage_shapes.ExplainedStage),
    ),
    Endpoint(
        "GET",
        f"{_BASE}/promotions/{{name}}/explain",
        _promotion,
        Right("get", scheme.PROMOTION),
        answers=Reply(waiting_shapes.ExplainedPromotion),
    ),
)
