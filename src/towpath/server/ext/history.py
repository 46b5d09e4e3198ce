"""What is or was in a Stage, also in one that is no more."""

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
    from towpath.store.history import History, Occupancy

_MOST = 1000


async def _history(request: Request, services: Services) -> Response:
    """Answer with what was in a Stage at a moment (`at`), else with all stays, the latest first.

    Raises Missing for a Stage that neither is nor ever was.
    """
    project, stage = (str(request.path_params[key]) for key in ("project", "name"))
    at = request.query_params.get("at", "")
    history = services.store.history
    if at:
        found = await history.in_stage(project, stage, _moment(at))
    else:
        records = await history.occupancies(
            HistorySelection(project=project, stage=stage), limit=_MOST
        )
        found = records.items
    if not found and not await _has_ever_been(project, stage, history):
        await requests.named(request, services.store, scheme.STAGE)
    return JSONResponse({"items": [_item(each) for each in found]})


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


ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/stages/{name}/history",
        _history,
        Right("get", scheme.STAGE),
    ),
)
