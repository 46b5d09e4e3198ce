"""What is or was in a Stage, who approved Freight for it, how it was verified: also of a Stage that is no more."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from towpath.errors import BadRequest
from towpath.resources import moments, scheme
from towpath.server import requests
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import history_shapes
from towpath.server.wire import Parameter, Reply
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services
    from towpath.store.history import Approval, History, Occupancy, PastPromotion, Verified
    from towpath.store.history.changes import PromotionRecord

_MOST = 1000
_KINDS = ("freight", "promotions", "approvals", "verifications")
_MOST_PAGES = 10
"""Of Promotions that are looked through for those that have brought the Freight of an answer."""


async def _history(request: Request, services: Services) -> Response:
    """Answer with what was in a Stage at a moment (`at`), else with all stays, the latest first.

    `of` asks for the Promotions to it, or the approvals or verifications that were given for it, instead. Raises NotFound for a Stage that
    neither is nor ever was, BadRequest for what cannot be asked.
    """
    project, stage = (str(request.path_params[key]) for key in ("project", "name"))
    at, kind = requests.moment(request, "at"), request.query_params.get("of") or _KINDS[0]
    if kind not in _KINDS:
        raise BadRequest(f"of: there is no history of {kind!r}; ask for one of {', '.join(_KINDS)}")
    if at and kind != _KINDS[0]:
        raise BadRequest(f"at: it goes with the history of freight, not of {kind}")
    found = await _items(services.store.history, project, stage, at, kind)
    if not found and not await _has_ever_been(project, stage, services.store.history):
        await requests.named(request, services.store, scheme.STAGE)
    return JSONResponse({"items": found})


async def _items(
    history: History, project: str, stage: str, at: datetime | None, kind: str
) -> list[dict[str, Any]]:
    selection = HistorySelection(project=project, stage=stage)
    if kind == "approvals":
        return [_approval(each) for each in (await history.approvals(selection, limit=_MOST)).items]
    if kind == "verifications":
        verified = await history.verifications(selection, limit=_MOST)
        return [_verification(each) for each in verified.items]
    if kind == "promotions":
        promotions = await history.promotions(selection, limit=_MOST)
        return [_promotion(each) for each in promotions.items]
    stays: Sequence[Occupancy]
    if at is not None:
        stays = await history.in_stage(project, stage, at)
    else:
        stays = (await history.occupancies(selection, limit=_MOST)).items
    brought = await _brought(history, selection, stays)
    return [_item(each, brought.get(each.record.promotion)) for each in stays]


async def _brought(
    history: History, selection: HistorySelection, stays: Sequence[Occupancy]
) -> dict[str, PromotionRecord]:
    """Return, by name, the Promotions that have brought what was in a Stage, as far back as is looked."""
    wanted = {each.record.promotion for each in stays} - {""}
    found: dict[str, PromotionRecord] = {}
    if not wanted:
        return found
    last = max(each.began for each in stays) + timedelta(milliseconds=1)
    selection, cursor = replace(selection, until=last), None
    for _ in range(_MOST_PAGES):
        page = await history.promotions(selection, limit=_MOST, cursor=cursor)
        found |= {
            each.record.name: each.record for each in page.items if each.record.name in wanted
        }
        cursor = page.cursor
        if cursor is None or len(found) == len(wanted):
            break
        await asyncio.sleep(0)  # others have a turn
    return found


async def _has_ever_been(project: str, stage: str, history: History) -> bool:
    """Whether history knows a Stage of that name: Freight was in it, or was to be."""
    selection = HistorySelection(project=project, stage=stage)
    was_there = (await history.occupancies(selection, limit=1)).items
    return bool(was_there or (await history.promotions(selection, limit=1)).items)


def _item(stay: Occupancy, brought_by: PromotionRecord | None) -> dict[str, Any]:
    record = stay.record
    return {
        "origin": record.origin,
        "freight": record.freight,
        "since": moments.written(stay.began),
        "until": moments.written(stay.ended) if stay.ended else None,
        "promotion": record.promotion,
        "retries": _retries(brought_by) if brought_by else None,
        "reference": json.loads(record.reference) if record.reference else None,
    }


def _promotion(past: PastPromotion) -> dict[str, Any]:
    record = past.record
    return {
        "name": record.name,
        "freight": record.freight,
        "phase": record.phase,
        "message": record.message,
        "actor": record.actor,
        "via": _via(record.via),
        "reason": record.reason,
        "created": record.created or None,
        "started": record.started or None,
        "finished": record.finished or None,
        "deleted": moments.written(past.deleted) if past.deleted else None,
        "retries": _retries(record),
    }


def _via(told: str) -> dict[str, str] | None:
    """Return by which means, and from where, somebody asked; None where that was not recorded."""
    return json.loads(told) if told else None


def _retries(record: PromotionRecord) -> dict[str, str] | None:
    """Return which Promotion one tries again, and from which step; None for what is no retry."""
    if not record.retry_of:
        return None
    return {"promotion": record.retry_of, "fromStep": record.retry_from}


def _approval(given: Approval) -> dict[str, Any]:
    record = given.record
    return {
        "freight": record.freight,
        "actor": record.actor,
        "via": _via(record.via),
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
        "via": _via(record.via),
        "started": record.started or None,
        "finished": record.finished or None,
    }


_QUERY: Final = (
    Parameter("at", "As of when (RFC 3339)."),
    Parameter("of", "What is told of.", words=_KINDS),
)
ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/stages/{name}/history",
        _history,
        Right("get", scheme.STAGE),
        query=_QUERY,
        answers=Reply(history_shapes.ShownHistory),
    ),
)
