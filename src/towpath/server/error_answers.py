"""How the server answers errors: `{"error": "…"}` with the status of their kind."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse

from towpath.errors import TooManyRequests, TowpathError, Unauthenticated
from towpath.server import request_log

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

RETRY_SECONDS: Final = 1
_LATER: Final = (429, 503, 504)
"""Statuses of what may succeed when it is tried again."""
_log = logging.getLogger(__name__)


async def on_error(_: Request, error: Exception) -> Response:
    """Answer one of our errors."""
    if not isinstance(error, TowpathError):
        return await on_fault(_, error)
    headers = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if error.status in _LATER:
        asked = error.seconds if isinstance(error, TooManyRequests) else None
        headers["Retry-After"] = str(RETRY_SECONDS if asked is None else max(1, math.ceil(asked)))
    return JSONResponse({"error": error.message}, status_code=error.status, headers=headers)


async def on_fault(request: Request, error: Exception) -> Response:
    """Answer what should not have happened: the log has it, the caller gets no details."""
    _log.error(
        "a request failed", exc_info=error, extra={"path": request_log.shown(request.scope["path"])}
    )
    given = request_log.request_id(request.scope)
    where = f" at request={given}" if given else ""
    return JSONResponse(
        {"error": f"internal error; the server's log has more{where}"}, status_code=500
    )
