"""Signing in as the administrator, as Kargo's CLI and web UI do it: the password for a token."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from towpath.errors import BadRequest, Forbidden
from towpath.server.api import shapes
from towpath.server.endpoint import Endpoint, Who
from towpath.server.wire import Reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services

_log = logging.getLogger(__name__)


async def _login(request: Request, services: Services) -> Response:
    """Answer with a token for the password in the header."""
    kind, _, password = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not password.strip():
        raise BadRequest(
            "Authorization: the administrator's password is wanted there, as Bearer PASSWORD"
        )
    address = services.access.way_in.address(request.scope)
    # As HTTP carries it, and as whoever wrote it into the header meant it.
    given = password.strip().encode("latin-1").decode("utf-8", "replace")
    try:
        await services.access.check_password(given, address)
    except Forbidden:
        _log.warning("a sign-in as admin was refused", extra={"address": address})
        raise
    _log.info("the administrator signed in", extra={"address": address})
    answer = JSONResponse({"idToken": services.access.account.issue()})
    answer.headers["Cache-Control"] = "no-store"
    return answer


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1beta1/login",
        _login,
        Who.SIGNING_IN,
        answers=Reply(shapes.AdminLoginResponse),
    ),
)
