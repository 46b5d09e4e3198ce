"""More about one Promotion, when somebody asks: what became of its plan; what a step was given, put out and said, by ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import JSONResponse

from towpath import messages
from towpath.errors import BadRequest, NotFound
from towpath.promotion.plan.made import Gone, PlanSet
from towpath.resources import scheme
from towpath.resources.annotations import PLAN
from towpath.resources.promotion import Promotion, PromotionStatus
from towpath.server import requests, rights
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import plan_sets, promotion_shapes
from towpath.server.stamps import stamped
from towpath.server.wire import Parameter, Reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services

_PART_BYTES: Final = 65_536
_MOST_PART_BYTES: Final = 1 << 20


async def _outcome(request: Request, services: Services) -> Response:
    """Answer with what became of the plan that was confirmed for it."""
    revision = services.store.revision()
    stored = await requests.named(request, services.store, scheme.PROMOTION)
    promotion = stored.view(Promotion)
    project, stage = stored.ref.namespace, promotion.spec.stage
    await rights.ask(request, services, "promote", scheme.STAGE, project, stage)
    id_ = promotion.metadata.annotations.get(PLAN, "")
    if not id_:
        raise NotFound(f"Promotion {stored.ref.name} was asked for without a plan")
    plan = await services.planner.find(project, id_)
    if isinstance(plan, Gone):
        raise plan_sets.gone(plan)
    found = plan.of(stage) if isinstance(plan, PlanSet) else plan
    if found is None or (found.stage, found.freight) != (stage, promotion.spec.freight):
        raise NotFound(f"plan {id_} is not of Freight {promotion.spec.freight} to Stage {stage}")
    status = promotion.status or PromotionStatus()
    state = status.state if isinstance(status.state, dict) else {}
    pushes = await services.planner.outcome(found, state, actor=caller.of(request).actor)
    same = [each.get("same") for each in pushes]
    whole = False if False in same else None if None in same else True
    answer = {"plan": id_, "same": whole, "pushes": pushes}
    return JSONResponse(stamped(services, answer, revision))


async def _part(request: Request, services: Services) -> Response:
    """Answer with a range of what a step was given, put out, or said."""
    stored = await requests.named(request, services.store, scheme.PROMOTION)
    promotion, alias = stored.view(Promotion), request.path_params["step"]
    step = next((each for each in promotion.spec.steps if each.as_ == alias), None)
    if step is None:
        raise NotFound(
            f"Promotion {stored.ref.name} has no step {messages.cut(alias, messages.FOREIGN_BYTES)}"
        )
    part = request.query_params.get("part", "output")
    status = promotion.status or PromotionStatus()
    known = {each.alias: each for each in status.step_execution_metadata}.get(alias)
    match part:
        case "config":
            text = _json(step.config)
        case "output":
            text = _json(status.state.get(alias) if isinstance(status.state, dict) else None)
        case "message":
            text = known.message if known is not None else ""
        case _:
            raise BadRequest(f"part: {part[:50]!r} is none of config, output, message")
    offset, limit = requests.number(request, "offset") or 0, requests.number(request, "limit")
    if limit is not None and limit > _MOST_PART_BYTES:
        raise BadRequest(f"limit: {limit} is more than {_MOST_PART_BYTES} bytes")
    data = text.encode()
    shown = data[offset : offset + (limit or _PART_BYTES)]
    answer = {
        "part": part,
        "offset": offset,
        "total": len(data),
        "text": shown.decode("utf-8", "ignore"),
    }
    return JSONResponse(answer)


def _json(value: Any) -> str:
    if value is None:
        return ""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/promotions/{name}/plan",
        _outcome,
        Right("get", scheme.PROMOTION),
        also="`promote` on its Stage",
        answers=Reply(promotion_shapes.ShownOutcome),
    ),
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/promotions/{name}/steps/{step}",
        _part,
        Right("get", scheme.PROMOTION),
        query=(
            Parameter("part", "`config`, `output` (as without it) or `message`."),
            Parameter("offset", "From which byte on.", "integer"),
            Parameter("limit", "How many bytes, 65,536 by default, at most 1 MiB.", "integer"),
        ),
        answers=Reply(promotion_shapes.ShownStepPart),
    ),
)
