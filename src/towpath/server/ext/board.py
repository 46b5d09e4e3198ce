"""The board of a Project: what is where, in one compact document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.errors import BadRequest, Forbidden
from towpath.resources import moments, scheme
from towpath.rules import rbac
from towpath.rules.rbac import Attributes
from towpath.screens import boards, seeing
from towpath.server import requests, screen_answers
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Who
from towpath.server.ext import screen_shapes
from towpath.server.wire import Parameter, Reply

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.rules.board.sight import Sight
    from towpath.server.services import Services


async def _board(request: Request, services: Services) -> Response:
    """Answer with the board."""
    sight = await seen(request, services, str(request.path_params["project"]))
    project = await requests.project(request, services.store)
    at = _past(request, services.clock.now())
    revision = services.screens.projects.revision  # what is written meanwhile may not be in it
    if at is None:
        packed = await services.screens.board(project, sight)
    else:
        packed = await services.screens.past_board(project, sight, at)
    stamp = boards.stamp(revision, services.clock.now())
    return await screen_answers.answer(request, packed, stamp)


def _past(request: Request, now: datetime) -> datetime | None:
    """Return the moment that is asked for, None for now. Raises BadRequest for one that is none, or is yet to come."""
    found = requests.moment(request, "at")
    if found is not None and found > now:
        raise BadRequest(
            f"at: {moments.written(found)} is yet to come; it is {moments.whole_seconds(now)} here"
        )
    return found


async def seen(request: Request, services: Services, project: str) -> Sight:
    """Return what the caller may see of a Project. Raises Forbidden for whoever may see none of its Stages."""
    user = caller.of(request).user
    found = await seeing.of(services.authorizer, user, project)
    if not found.stages:
        on = Attributes(scheme.STAGE.group, scheme.STAGE.plural, project)
        raise Forbidden(rbac.refusal(user, "list", on))
    return found


ALSO = "`list` stages, or `get` on single ones, which are shown; Freight and Warehouses likewise"
ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/board",
        _board,
        Who.AUTHENTICATED,
        also=ALSO,
        query=(Parameter("at", "A moment, RFC 3339: what was where then."),),
        answers=Reply(screen_shapes.Board),
    ),
)
