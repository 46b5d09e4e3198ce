"""Errors as Kubernetes' `Status`, with reason, code, details and causes."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from towpath.errors import Conflict, Invalid, TowpathError, Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.errors import FieldError
    from towpath.resources.kinds import Kind

_RETRY_SECONDS: Final = 1
_log = logging.getLogger(__name__)


class NotAcceptable(TowpathError):  # noqa: N818 - Kubernetes' name for it
    """None of the media types that the caller accepts is one we write."""

    status = 406
    reason = "NotAcceptable"


class MethodNotAllowed(TowpathError):  # noqa: N818
    """The resource exists, and this cannot be done to it."""

    status = 405
    reason = "MethodNotAllowed"


def failure(error: TowpathError, kind: Kind | None = None, name: str = "") -> dict[str, Any]:
    """Return the `Status` of an error. `kind` and `name`: the object that the request was about, if any."""
    details: dict[str, Any] = {}
    if name:
        details["name"] = name
    if kind is not None:
        if kind.group:
            details["group"] = kind.group
        details["kind"] = kind.name if isinstance(error, Invalid) else kind.plural
    if isinstance(error, Invalid | Conflict) and error.causes:
        details["causes"] = causes(error.causes)
    if error.status in (429, 503, 504):
        details["retryAfterSeconds"] = _RETRY_SECONDS
    return document(
        status="Failure",
        message=error.message,
        reason=error.reason,
        details=details,
        code=error.status,
    )


def success(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `Status` of something that was done."""
    return document(status="Success", details=dict(details))


def document(**fields: Any) -> dict[str, Any]:
    """Return a `Status` with these fields, the empty ones left out."""
    said = {key: value for key, value in fields.items() if value}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, **said}


def causes(found: Sequence[FieldError]) -> list[dict[str, str]]:
    """Return what is wrong with which field."""
    return [
        {
            "reason": cause.type,
            "message": cause.detail,
            **({"field": cause.path} if cause.path else {}),
        }
        for cause in found
    ]


def answer(error: Exception, kind: Kind | None = None, name: str = "") -> Response:
    """Return the answer that an error is; one that is not ours gives no details, the log has them."""
    if not isinstance(error, TowpathError):
        _log.error("a request failed", exc_info=error)
        error = TowpathError("internal error; the server's log has more")
    headers = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if error.status in (429, 503, 504):
        headers["Retry-After"] = str(_RETRY_SECONDS)
    return Response(
        json.dumps(failure(error, kind, name)).encode(),
        status_code=error.status,
        media_type="application/json",
        headers=headers,
    )
