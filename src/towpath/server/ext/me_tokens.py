"""One's own personal tokens: made, shown once, listed, deleted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse, Response

from towpath.admission import requester
from towpath.errors import BadRequest, Forbidden, NotFound
from towpath.resources import durations, moments
from towpath.server import item_fields, list_pages, requests
from towpath.server.auth import caller, personal_tokens
from towpath.server.auth.authenticator import Means
from towpath.server.endpoint import Endpoint, Who
from towpath.server.ext import access_shapes
from towpath.server.wire import GONE, Body, created

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.services import Services
    from towpath.store.bearers import KeptBearer

_PATH = "/towpath/v1/me/tokens"
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?")
_USUAL_SECONDS: Final = 30 * 86_400.0
_SHORTEST: Final = 60.0
_MAY_MAKE: Final = frozenset({Means.ADMIN_TOKEN, Means.ADMIN_LOGIN, Means.SESSION, Means.OIDC})


async def _list(request: Request, services: Services) -> Response:
    """Answer with the caller's tokens, the oldest first: never with what they are shown as."""
    held = await services.access.personal.of(_owner(request))
    found, cursor = list_pages.page(
        request,
        held,
        key=lambda each: f"{each.created.isoformat()}/{each.id}",
        named=personal_tokens.name_of,
    )
    page = list_pages.answer([_told(each) for each in found], cursor)
    return JSONResponse(item_fields.chosen(request, page, access_shapes.OwnToken))


async def _create(request: Request, services: Services) -> Response:
    """Make a token in the caller's name, and show it this once."""
    found = caller.identity(request)
    if found.means not in _MAY_MAKE or not caller.is_oneself(request):
        raise Forbidden(
            "personal tokens are made by who has signed in: not with another token, and not in the name of somebody "
            "else; for ServiceAccounts there are API tokens"
        )
    asked = await requests.json_object(request)
    name = requests.text_of(asked, "name")
    if not _NAME.fullmatch(name):
        raise BadRequest(
            f"name: {name[:70]!r} is not one of at most 63 small letters, digits, dashes and dots"
        )
    personal = services.access.personal
    seconds = _seconds(requests.text_of(asked, "ttl"), personal.terms.most_seconds)
    issue = await personal.issue(found.user, name, seconds=seconds)
    told = {**_told(issue.kept), "token": issue.secret}
    return JSONResponse(told, status_code=201, headers={"Cache-Control": "no-store"})


async def _delete(request: Request, services: Services) -> Response:
    """Delete one of the caller's tokens: it holds no more at once."""
    personal, wanted = services.access.personal, str(request.path_params["name"])
    for each in await personal.of(_owner(request)):
        if personal_tokens.name_of(each) == wanted:
            await personal.remove(each)
            return Response(status_code=204)
    raise NotFound("you have no token of that name")


def _seconds(text: str, most: float) -> float:
    """Return how long a token is to hold. Raises BadRequest."""
    if not text:
        return min(_USUAL_SECONDS, most)
    try:
        span = durations.span(text)
    except ValueError as error:
        raise BadRequest(f"ttl: {error}; write {durations.RIGHT_FORM}") from None
    seconds = span.total_seconds() if span is not None else 0.0
    if not _SHORTEST <= seconds <= most:
        raise BadRequest(
            f"ttl: {text[:70]!r} is not between 1m and {most / 3600:g}h, the longest that the operator lets tokens hold"
        )
    return seconds


def _owner(request: Request) -> str:
    return requester.of(caller.identity(request).user).actor


def _told(kept: KeptBearer) -> dict[str, Any]:
    is_used = kept.used > kept.created
    return {
        "name": personal_tokens.name_of(kept),
        "created": moments.written(kept.created),
        "expires": moments.written(kept.expires),
        "used": moments.written(kept.used) if is_used else None,
    }


ENDPOINTS = (
    Endpoint(
        "GET",
        _PATH,
        _list,
        Who.AUTHENTICATED,
        query=(*list_pages.QUERY, item_fields.FIELDS),
        answers=item_fields.reply(access_shapes.OwnTokens),
    ),
    Endpoint(
        "POST",
        _PATH,
        _create,
        Who.AUTHENTICATED,
        takes=Body(access_shapes.WantedToken),
        answers=created(access_shapes.NewToken),
    ),
    Endpoint("DELETE", f"{_PATH}/{{name}}", _delete, Who.AUTHENTICATED, answers=GONE),
)
