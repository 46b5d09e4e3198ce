"""The lens: what one Freight means in each Stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.errors import BadRequest
from towpath.resources import scheme
from towpath.resources.freight import Freight
from towpath.screens import boards
from towpath.server import requests, rights, screen_answers
from towpath.server.endpoint import Endpoint, Who
from towpath.server.ext import board, screen_shapes
from towpath.server.wire import Parameter, Reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services


async def _lens(request: Request, services: Services) -> Response:
    """Answer with where the Freight is, can go, waits."""
    project = str(request.path_params["project"])
    sight = await board.seen(request, services, project)
    name = request.query_params.get("freight", "")
    if not name:
        raise BadRequest("freight: say which, by name or alias")
    if not sight.freight.all:
        await rights.ask(request, services, "get", scheme.FREIGHT, project, name)
    await requests.project(request, services.store)
    found = await requests.freight(services.store, project, name)
    if found.ref.name not in sight.freight:
        await rights.ask(request, services, "get", scheme.FREIGHT, project, found.ref.name)
    revision = services.screens.projects.revision  # what is written meanwhile may not be in it
    packed = await services.screens.lens(project, found.view(Freight), sight)
    stamp = boards.stamp(revision, services.clock.now())
    return await screen_answers.answer(request, packed, stamp)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/lens",
        _lens,
        Who.AUTHENTICATED,
        also="`list` stages, or `get` on single ones, which are shown; `get` on the Freight",
        query=(Parameter("freight", "Name or alias.", required=True),),
        answers=Reply(screen_shapes.Lens),
    ),
)
