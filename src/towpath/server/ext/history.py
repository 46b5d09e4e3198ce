"""What is or was in a Stage, who approved Freight for it, how it was verified: also of a Stage that is no more."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from towpath.errors import BadRequest
from towpath.resources import moments, scheme
from towpath.server import requests
from towpath.server.endpoint import Endpoint, Right
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services
    from towpath.store.history import Approval, History, Occupancy, Verified

_MOST = 1000
_KINDS = ("freight", "approvals", "verifications")


async def _history(request: Request, services: Services) -> Response:
    """Answer with what was in a Stage at a moment (`at`), else with all stays, the latest first.

    `of` asks for the approvals or verifications that were given for it instead. Raises NotFound for a Stage that
    neither is nor ever was, BadRequest for what cannot be asked.
    """
    project, stage = (str(request.path_params[key]) for key in ("project", "name"))
    at, kind = request.query_params.get("at", ""), request.query_params.get("of") or _KINDS[0]
    if kind not in _KINDS:
        raise BadRequest(f"of: there is no history of {kind!r}; ask for one of {', '.join(_KINDS)}")
    if at and kind != _KINDS[0]:
        raise BadRequest(f"at: it goes with the history of freight, not of {kind}")
    found = await _items(services.store.history, project, stage, at, kind)
    if not found and not await _has_ever_been(project, stage, services.store.history):
        await requests.named(request, services.store, scheme.STAGE)
    return JSONResponse({"items": found})


async def _items(
    history: History, project: str, stage: str, at: str, kind: str
) -> list[dict[str, Any]]:
    selection = HistorySelection(project=project, stage=stage)
    if kind == "approvals":
        return [_approval(each) for each in (await history.approvals(selection, limit=_MOST)).items]
    if kind == "verifications":
        verified = await history.verifications(selection, limit=_MOST)
        return [_verification(each) for each in verified.items]
    if at:
        return [_item(each) for each in await history.in_stage(project, stage, _moment(at))]
    return [_item(each) for each in (await history.occupancies(selection, limit=_MOST)).items]


async def _has_ever_been(project: str, stage: str, history: History) -> bool:
    """Whether history knows a Stage of that name: Freight was in it, or was to be."""
    selection = HistorySelection(project=project, stage=stage)
    was_there = (await history.occupancies(selection, limit=1)).items
    return bool(was_there or (await history.promotions(selection, limit=1)).items)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(
            text.replace(" ", "+")
        )  # a plus sign that nobody has encoded
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest(f"at: {text!r} is no moment: write it as 2026-01-02T03:04:05Z") from None


def _item(stay: Occupancy) -> dict[str, Any]:
    record = stay.record
    return {
        "origin": record.origin,
        "freight": record.freight,
        "since": moments.written(stay.began),
        "until": moments.written(stay.ended) if stay.ended else None,
        "promotion": record.promotion,
        "reference": json.loads(record.reference) if record.reference else None,
    }


def _approval(given: Approval) -> dict[str, Any]:
    record = given.record
    return {
        "freight": record.freight,
        "actor": record.actor,
        "reason": record.reason,
        "since": moments.written(given.given),
        "until": moments.written(given.ended) if given.ended else None,
        "endedBy": given.ended_by or None,
    }


def _verification(run: Verified) -> dict[str, Any]:
    record = run.record
    return {
        "id": record.id,
        "freight": list(record.freight),
        "phase": record.phase,
        "message": record.message,
        "actor": record.actor,
        "started": record.started or None,
        "finished": record.finished or None,
    }


ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/stages/{name}/history",
        _history,
        Right("get", scheme.STAGE),
    ),
)
