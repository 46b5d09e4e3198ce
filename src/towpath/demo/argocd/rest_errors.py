"""Errors as Argo CD's API tells them: gRPC's codes, in the shape that its gateway gives them."""

from __future__ import annotations

from typing import Any, Final

from towpath import errors

_CODES: Final[tuple[tuple[type[errors.TowpathError], int, int], ...]] = (
    (errors.Unauthenticated, 16, 401),
    (errors.Forbidden, 7, 403),
    (errors.NotFound, 5, 404),
    (errors.AlreadyExists, 6, 409),
    (errors.Conflict, 9, 400),
    (errors.BadRequest, 3, 400),
    (errors.Invalid, 3, 400),
    (errors.Timeout, 4, 504),
    (errors.Unavailable, 14, 503),
)
_OF_STATUS: Final = {400: 3, 401: 16, 403: 7, 404: 5, 409: 6, 429: 8, 501: 12, 503: 14, 504: 4}
_UNKNOWN: Final = 2


def failure(error: errors.TowpathError) -> tuple[int, dict[str, Any]]:
    """Return HTTP status and body of an error. A precondition that fails (`Conflict`) is gRPC's FailedPrecondition: 400."""
    for kind, code, status in _CODES:
        if isinstance(error, kind):
            return status, body(code, error.message)
    return 500, body(_UNKNOWN, error.message)


def of_status(status: int, message: str) -> tuple[int, dict[str, Any]]:
    """Return the answer for an HTTP status that is given out of turn."""
    return status, body(_OF_STATUS.get(status, _UNKNOWN), message)


def body(code: int, message: str) -> dict[str, Any]:
    """Return the body of an error."""
    return {"error": message, "code": code, "message": message}
