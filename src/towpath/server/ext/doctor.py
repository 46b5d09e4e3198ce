"""What is ill with the server, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
from starlette.responses import JSONResponse

from towpath.resources.finding import Wellness
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Who
from towpath.server.shaped import Moment, Shaped
from towpath.server.stamps import stamped
from towpath.server.wire import Reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services

PATH: Final = "/towpath/v1/doctor"


class FoundThing(Shaped):
    """How one thing is."""

    what: str
    wellness: Literal["ok", "ill", "unknown"] = msgspec.field(name="is")
    """`unknown`: it could not be told."""
    said: str
    remedy: str
    """What to do; empty where it is well."""


class Diagnosis(Shaped):
    """How the server is, one thing after the other."""

    rev: int
    at: Moment
    items: list[FoundThing]
    ill: int
    """How many of them are ill."""


async def _doctor(request: Request, services: Services) -> Response:
    """Look at the server. What is found tells of hosts and of all Projects, so a right to the path is asked for."""
    await services.authorizer.authorize(caller.of(request).user, "get", PATH)
    found = await services.findings()
    items = [
        {"what": each.what, "is": each.wellness.value, "said": each.said, "remedy": each.remedy}
        for each in found
    ]
    ill = sum(each.wellness is Wellness.ILL for each in found)
    return JSONResponse(stamped(services, {"items": items, "ill": ill}))


ENDPOINTS = (
    Endpoint(
        "GET",
        PATH,
        _doctor,
        Who.AUTHENTICATED,
        also="with the right to `get` the path `/towpath/v1/doctor`",
        answers=Reply(Diagnosis),
    ),
)
