"""One's own sessions: where one is signed in, and ending that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from towpath.admission import requester
from towpath.errors import NotFound
from towpath.resources import moments
from towpath.server import item_fields, list_pages
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Who
from towpath.server.ext import access_shapes
from towpath.server.wire import GONE, Reply

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.services import Services
    from towpath.store.bearers import KeptBearer

_PATH = "/towpath/v1/me/sessions"


async def _list(request: Request, services: Services) -> Response:
    """Answer with the caller's sessions, the oldest first."""
    found = caller.identity(request)
    held = await services.access.sessions.of(requester.of(found.user).actor)
    items, cursor = list_pages.page(
        request, held, key=lambda each: f"{each.created.isoformat()}/{each.id}"
    )
    page = list_pages.answer([_told(each, found.bearer) for each in items], cursor)
    return JSONResponse(item_fields.chosen(request, page, access_shapes.OwnSession))


async def _end(request: Request, services: Services) -> Response:
    """End one of the caller's sessions. Raises NotFound, for those of others as well."""
    wanted = str(request.path_params["name"])
    held = await services.access.sessions.of(requester.of(caller.identity(request).user).actor)
    ended = [each for each in held if each.id == wanted]
    if not ended:
        raise NotFound("you have no session of that id")
    await services.access.sessions.end(*ended)
    return Response(status_code=204)


async def _end_all(request: Request, services: Services) -> Response:
    """End all of the caller's sessions, this one as well."""
    held = await services.access.sessions.of(requester.of(caller.identity(request).user).actor)
    await services.access.sessions.end(*held)
    return JSONResponse({"ended": len(held)})


def _told(kept: KeptBearer, this: str) -> dict[str, Any]:
    record = json.loads(kept.record)
    return {
        "id": kept.id,
        "isThis": kept.id == this,
        "address": record["address"],
        "agent": record["agent"],
        "created": moments.written(kept.created),
        "used": moments.written(kept.used),
        "expires": moments.written(kept.expires),
    }


ENDPOINTS = (
    Endpoint(
        "GET",
        _PATH,
        _list,
        Who.AUTHENTICATED,
        query=(list_pages.LIMIT, list_pages.CURSOR, item_fields.FIELDS),
        answers=item_fields.reply(access_shapes.OwnSessions),
    ),
    Endpoint(
        "DELETE", _PATH, _end_all, Who.AUTHENTICATED, answers=Reply(access_shapes.EndedSessions)
    ),
    Endpoint("DELETE", f"{_PATH}/{{name}}", _end, Who.AUTHENTICATED, answers=GONE),
)
