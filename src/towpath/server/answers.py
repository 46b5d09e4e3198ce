"""How the server answers errors: `{"error": "…"}` with the status of their kind (api-cli.md §6.3)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from towpath.errors import TowpathError, Unauthenticated

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_log = logging.getLogger(__name__)


async def on_error(_: Request, error: Exception) -> Response:
    """Answer one of our errors."""
    if not isinstance(error, TowpathError):
        return await on_fault(_, error)
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthenticated) else None
    return JSONResponse({"error": error.message}, status_code=error.status, headers=headers)


async def on_fault(request: Request, error: Exception) -> Response:
    """Answer what should not have happened: the log has it, the caller gets no details."""
    _log.error("a request failed", exc_info=error, extra={"path": request.scope["path"]})
    return JSONResponse({"error": "internal error; the server's log has more"}, status_code=500)
