"""One Promotion as a screen shows it: its steps, what it waits for, and how long such take as a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from towpath import messages
from towpath.resources import moments, scheme
from towpath.resources.annotations import CREATE_ACTOR, REASON, RETRY_OF, ROLLBACK
from towpath.resources.promotion import Promotion, PromotionStatus
from towpath.rules import stage_status
from towpath.server import requests
from towpath.server.endpoint import Endpoint, Right
from towpath.server.shaped import MaybeMoment, Moment, Shaped
from towpath.server.stamps import stamped
from towpath.server.wire import Reply
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services

_LOOKED_AT: Final = 100
"""Promotions of the Stage, the newest, that tell how long one takes."""
_SUCCEEDED: Final = "Succeeded"
_LINE_BYTES: Final = 160
_MOST_KEYS: Final = 20


class ViewedStep(Shaped):
    """A step. What is empty is left out."""

    alias: str
    kind: str
    status: str = ""
    start: int = 0
    end: int = 0
    errors: int = 0
    result: str = ""
    """The first line of what it says."""


class ViewedWait(Shaped):
    """What it waits for."""

    reason: str
    until: MaybeMoment
    """When it is looked at again at the latest."""
    woken_by: list[str]


class TypicalDuration(Shaped):
    """How many seconds Promotions to the Stage that succeeded have taken, of so many."""

    p50: int
    p95: int
    of: int


class PromotionView(Shaped):
    """A Promotion. What is empty is left out, but for `steps`, `waits` and `typical`."""

    rev: int
    at: Moment
    name: str
    stage: str
    freight: str
    phase: str
    steps: list[ViewedStep]
    waits: ViewedWait | None
    typical: TypicalDuration | None
    actor: str = ""
    reason: str = ""
    msg: str = ""
    created: int = 0
    start: int = 0
    end: int = 0
    retry_of: str = ""
    rollback: bool = False


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
    }
    answer: dict[str, Any] = {
        "name": stored.ref.name,
        "stage": promotion.spec.stage,
        "freight": promotion.spec.freight,
        "phase": stage_status.phase_of(promotion) or "Pending",
        "steps": _steps(promotion, status),
        "waits": None if stage_status.has_ended(promotion) else _waits(services, stored.ref),
        "typical": await _typical(services, stored.ref.namespace, promotion.spec.stage),
        **{key: value for key, value in told.items() if value},
    }
    return JSONResponse(stamped(services, answer, revision))


def _steps(promotion: Promotion, status: PromotionStatus) -> list[dict[str, Any]]:
    """Return every step, also those that are to come."""
    known = {each.alias: each for each in status.step_execution_metadata}
    found = []
    for step in promotion.spec.steps:
        told: dict[str, Any] = {"alias": step.as_, "kind": step.uses}
        fares = known.get(step.as_)
        if fares is not None:
            told |= {
                "status": fares.status,
                "start": _seconds(fares.started_at),
                "end": _seconds(fares.finished_at),
                "errors": fares.error_count,
                "result": _line(fares.message),
            }
        found.append({k: value for k, value in told.items() if value or k in ("alias", "kind")})
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
    }


async def _typical(services: Services, project: str, stage: str) -> dict[str, int] | None:
    """Return how long such have taken; None where none has succeeded yet."""
    selection = HistorySelection(project=project, stage=stage)
    page = await services.store.history.promotions(selection, limit=_LOOKED_AT)
    taken = []
    for each in page.items:
        record = each.record
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
        answers=Reply(PromotionView),
    ),
)
