"""The metrics, for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Who
from towpath.server.wire import TEXT, Reply
from towpath.telemetry.exposition import CONTENT_TYPE

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.services import Services

PATH: Final = "/metrics"


async def _metrics(request: Request, services: Services) -> Response:
    """Answer with all metrics. They tell the names of Projects, so a right to the path is asked for."""
    await services.authorizer.authorize(caller.of(request).user, "get", PATH)
    return Response(services.metrics(), media_type=CONTENT_TYPE)


ENDPOINTS = (Endpoint("GET", PATH, _metrics, Who.AUTHENTICATED, answers=Reply(str, media=TEXT)),)
