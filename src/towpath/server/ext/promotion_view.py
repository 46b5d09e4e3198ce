"""One Promotion as a screen shows it: its steps, what it waits for, and how long such take as a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import JSONResponse

from towpath import messages
from towpath.errors import NotFound
from towpath.resources import moments, scheme
from towpath.resources.annotations import CREATE_ACTOR, PLAN, REASON, RETRY_OF, ROLLBACK
from towpath.resources.kinds import Ref
from towpath.resources.promotion import Promotion, PromotionStatus, StepStatus
from towpath.resources.stage import Stage
from towpath.rules import stage_status, wait_ends
from towpath.server import requests
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import promotion_shapes, step_links
from towpath.server.ext.argocd_links import linking
from towpath.server.stamps import stamped
from towpath.server.wire import Reply
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services
    from towpath.store.history.changes import PromotionRecord

_LOOKED_AT: Final = 100
"""Promotions of the Stage, the newest, that tell how long one takes."""
_SUCCEEDED: Final = "Succeeded"
_LINE_BYTES: Final = 160
_MOST_KEYS: Final = 20
_MOST_ATTEMPTS: Final = 5
_LINKS_BYTES: Final = 1_800
"""Of all links together: of later steps they are found with the step's output."""


async def _view(request: Request, services: Services) -> Response:
    """Answer with the view."""
    revision = services.store.revision()
    stored = await requests.named(request, services.store, scheme.PROMOTION)
    promotion = stored.view(Promotion)
    status, found = promotion.status or PromotionStatus(), promotion.metadata.annotations
    told = {
        "actor": found.get(CREATE_ACTOR, ""),
        "reason": found.get(REASON, ""),
        "msg": _line(status.message),
        "created": _seconds(promotion.metadata.creation_timestamp),
        "start": _seconds(status.started_at),
        "end": _seconds(status.finished_at),
        "retryOf": found.get(RETRY_OF, ""),
        "rollback": found.get(ROLLBACK) == "true",
        "plan": found.get(PLAN, ""),
    }
    selection = HistorySelection(project=stored.ref.namespace, stage=promotion.spec.stage)
    page = await services.store.history.promotions(selection, limit=_LOOKED_AT)
    records = [each.record for each in page.items]
    told["attempts"] = _attempts(records, found.get(RETRY_OF, ""))
    link = linking(await _stage(services, promotion), services)
    has_ended = stage_status.has_ended(promotion)
    due = None if has_ended else services.due(stored.ref)
    answer: dict[str, Any] = {
        "name": stored.ref.name,
        "stage": promotion.spec.stage,
        "freight": promotion.spec.freight,
        "phase": stage_status.phase_of(promotion) or "Pending",
        "steps": _steps(promotion, status, due, link),
        "waits": None if has_ended else _waits(services, stored.ref),
        "typical": _typical(records),
        **{key: value for key, value in told.items() if value},
    }
    return JSONResponse(stamped(services, answer, revision))


async def _stage(services: Services, promotion: Promotion) -> Stage | None:
    ref = Ref(scheme.STAGE, promotion.metadata.namespace, promotion.spec.stage)
    try:
        return (await services.store.get(ref)).view(Stage)
    except NotFound:
        return None


def _steps(
    promotion: Promotion,
    status: PromotionStatus,
    due: datetime | None,
    link: Callable[[str, str], str],
) -> list[dict[str, Any]]:
    """Return every step, also those that are to come."""
    known = {each.alias: each for each in status.step_execution_metadata}
    room, found = _LINKS_BYTES, []
    for step in promotion.spec.steps:
        told: dict[str, Any] = {"alias": step.as_, "kind": step.uses}
        fares = known.get(step.as_)
        if fares is not None:
            output = status.state.get(step.as_) if isinstance(status.state, dict) else None
            links = step_links.found(step.uses, step.config, output, link)
            room -= len(msgspec.json.encode(links))
            is_due = fares.status == StepStatus.RUNNING and fares.error_count
            told |= {
                "status": fares.status,
                "start": _seconds(fares.started_at),
                "end": _seconds(fares.finished_at),
                "errors": fares.error_count,
                "next": int(due.timestamp()) if is_due and due is not None else 0,
                "links": links if room >= 0 else [],
                "result": _line(fares.message),
            }
        found.append({k: value for k, value in told.items() if value or k in ("alias", "kind")})
    return found


def _attempts(records: Sequence[PromotionRecord], retried: str) -> list[dict[str, Any]]:
    """Return the Promotions that one tries again, as far back as is known."""
    known = {each.name: each for each in records}
    found: list[dict[str, Any]] = []
    while retried and len(found) < _MOST_ATTEMPTS:
        told: dict[str, Any] = {"name": retried}
        record = known.pop(retried, None)
        retried = ""
        if record is not None:
            told |= {
                "phase": record.phase,
                "start": _seconds(record.started),
                "end": _seconds(record.finished),
                "msg": _line(record.message),
            }
            retried = record.retry_of
        found.append({key: value for key, value in told.items() if value})
    return found


def _waits(services: Services, ref: Any) -> dict[str, Any] | None:
    waiting = services.waiting(ref)
    if waiting is None or not waiting.reason:
        return None
    due = services.due(ref)
    return {
        "reason": messages.cut(waiting.reason, _LINE_BYTES),
        "until": moments.whole_seconds(due) if due is not None else None,
        "wokenBy": list(waiting.wake)[:_MOST_KEYS],
        "endedBy": wait_ends.told(waiting.wake),
    }


def _typical(records: Sequence[PromotionRecord]) -> dict[str, int] | None:
    """Return how long such have taken; None where none has succeeded yet."""
    taken = []
    for record in records:
        begun, ended = moments.read(record.started), moments.read(record.finished)
        if record.phase == _SUCCEEDED and begun is not None and ended is not None:
            taken.append(max(0, int((ended - begun).total_seconds())))
    if not taken:
        return None
    taken.sort()
    return {"p50": _share(taken, 50), "p95": _share(taken, 95), "of": len(taken)}


def _share(ordered: Sequence[int], percent: int) -> int:
    """Return the least that is not exceeded by so many percent."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _line(text: str) -> str:
    return messages.cut(text.partition("\n")[0], _LINE_BYTES)


def _seconds(text: str | None) -> int:
    found = moments.read(text)
    return int(found.timestamp()) if found is not None else 0


ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/promotions/{name}",
        _view,
        Right("get", scheme.PROMOTION),
        answers=Reply(promotion_shapes.PromotionView),
    ),
)
