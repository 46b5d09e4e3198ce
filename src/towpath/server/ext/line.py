"""The line of a Project: what stopping it would hold, and what a stop holds. Both are done by `moves`, with `line`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.rules.board.line import told
from towpath.screens import boards
from towpath.screens.answers import PackedAnswer
from towpath.server import requests, screen_answers
from towpath.server.endpoint import Endpoint, Who
from towpath.server.ext import board, line_shapes
from towpath.server.wire import Reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.rules.board.line import Line
    from towpath.server.services import Services


async def _line(request: Request, services: Services) -> Response:
    """Answer with how each Stage stands to a stop of the line, and what goes on whatever is held."""
    revision = services.screens.projects.revision  # what is written meanwhile may not be in it
    project, found = await seen(request, services)
    packed = PackedAnswer.of(told(found, project))
    stamp = boards.stamp(revision, services.clock.now())
    return await screen_answers.answer(request, packed, stamp)


async def seen(request: Request, services: Services) -> tuple[str, Line]:
    """Return a request's Project and its line, as far as the caller sees it. Raises NotFound, and Forbidden for whoever may see no Stage."""
    sight = await board.seen(request, services, str(request.path_params["project"]))
    project = await requests.project(request, services.store)
    return project, await services.screens.line(project, sight)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/line",
        _line,
        Who.AUTHENTICATED,
        also="`list` stages, or `get` on single ones, which are told of",
        answers=Reply(line_shapes.StageLine),
    ),
)
