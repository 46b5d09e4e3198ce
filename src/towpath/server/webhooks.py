"""The route that senders of webhooks deliver to. Who may call it is told by the secret of a receiver, not by a token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse
from starlette.routing import Route

from towpath.rules.webhooks.senders import PREFIX, SENDERS
from towpath.server import requests
from towpath.server.endpoint import Endpoint, Who
from towpath.server.wire import Body, Reply
from towpath.webhooks.receivers import NoReceiver
from towpath.webhooks.receiving import LARGEST, WebhookDelivery

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services
    from towpath.webhooks.receivers import ListeningReceiver

PATH: Final = f"{PREFIX}/{{type}}/{{digest}}"
_RECEIVERS: Final = re.compile(rf"{PREFIX}/({'|'.join(SENDERS)})/[0-9a-f]{{64}}")
"""Paths that may be a receiver's."""


async def take(request: Request, services: Services, *, is_their_own: bool) -> Response:
    """Take a delivery. `is_their_own`: whether it came by the listener that takes nothing else."""
    path = f"{PREFIX}/{request.path_params['type']}/{request.path_params['digest']}"
    if not _RECEIVERS.fullmatch(path) or services.takes_webhooks is is_their_own:
        raise NoReceiver("nothing is here")
    delivery = WebhookDelivery(
        path=path,
        headers=[
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.scope["headers"]
        ],
        query=request.query_params.multi_items(),
        address=services.access.way_in.address(request.scope),
    )

    async def read(receiver: ListeningReceiver) -> bytes:
        return await requests.body(request, largest=LARGEST, whose=receiver.whose)

    with services.bodies.held(request.scope):
        answer = await services.webhooks.take(delivery, read)
    return JSONResponse(answer.body, status_code=answer.status)


async def _take(request: Request, services: Services) -> Response:
    """Take a delivery where everything else comes in, unless there is a listener for them."""
    return await take(request, services, is_their_own=False)


ENDPOINTS = (
    Endpoint(
        "POST",
        PATH,
        _take,
        Who.DELIVERING,
        takes=Body(Any, LARGEST),
        answers=Reply(dict[str, Any]),
    ),
)


def routes(services: Services) -> list[Route]:
    """Return the routes of a listener that takes webhooks and nothing else."""

    async def answer(request: Request) -> Response:
        return await take(request, services, is_their_own=True)

    return [Route(PATH, answer, methods=["POST"])]
