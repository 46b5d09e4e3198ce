"""What is answered to requests that were never read whole: no route has seen them, yet they get the one shape of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from starlette.responses import JSONResponse

from towpath import errors
from towpath.server import kube

if TYPE_CHECKING:
    from starlette.responses import Response


class Late(errors.TowpathError):
    """The request did not go on coming in time."""

    status: ClassVar[int] = 408
    reason: ClassVar[str] = ""


class TargetTooLong(errors.TowpathError):
    """Path and query are too long."""

    status: ClassVar[int] = 414
    reason: ClassVar[str] = ""


class HeadTooLarge(errors.TowpathError):
    """Request line and headers are too large."""

    status: ClassVar[int] = 431
    reason: ClassVar[str] = ""


_ERRORS: Final[dict[int, type[errors.TowpathError]]] = {
    error.status: error
    for error in (
        Late,
        errors.TooLarge,
        TargetTooLong,
        HeadTooLarge,
        errors.NotImplemented,
        errors.Unavailable,
    )
}


def answer(status: int, message: str, path: str = "") -> Response:
    """Return the answer. `path`: as far as it is known; a `Status` where it is one of the Kubernetes API."""
    error = _ERRORS.get(status, errors.BadRequest)(message)
    if kube.is_about(path):
        return kube.refusal(error)
    return JSONResponse({"error": error.message}, status_code=error.status)
