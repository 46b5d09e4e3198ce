"""Errors as Kubernetes' `Status`, with reason, code, details and causes."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from towpath.errors import (
    BadRequest,
    Conflict,
    Expired,
    Forbidden,
    Invalid,
    NotFound,
    Timeout,
    TooLarge,
    TowpathError,
    Unauthenticated,
    Unsupported,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.errors import FieldError

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

    def __init__(
        self, message: str = "the server does not allow this method on the requested resource"
    ) -> None:
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class About:
    """The resource that a request is about."""

    group: str
    resource: str
    """Plural, lower case."""
    name: str = ""


NO_SUCH_RESOURCE: Final = "the server could not find the requested resource"
_ABOUT_NOTHING: Final = (
    BadRequest,
    Expired,
    MethodNotAllowed,
    NotAcceptable,
    TooLarge,
    Unauthenticated,
    Unsupported,
)
"""Errors that an API server tells without what they are about."""


def failure(error: TowpathError, about: About | None = None) -> dict[str, Any]:
    """Return the `Status` of an error. `about`: what the request was about, if it was about a resource."""
    details: dict[str, Any] = {}
    if isinstance(error, Invalid):
        kind, _, group = error.kind.partition(".")
        named = {"name": error.name, "group": group, "kind": kind}
        details |= {key: value for key, value in named.items() if value}
    elif isinstance(error, NotFound) and error.resource:
        details |= {"name": error.name, "kind": error.resource}
    elif about is not None and not _is_about_nothing(error):
        named = {"name": about.name, "group": about.group, "kind": about.resource}
        details |= {key: value for key, value in named.items() if value}
    if isinstance(error, Invalid | Conflict | Forbidden | Timeout) and error.causes:
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


def _is_about_nothing(error: TowpathError) -> bool:
    names_causes = isinstance(error, Conflict | Timeout) and bool(error.causes)
    return names_causes or isinstance(error, _ABOUT_NOTHING) or error.message == NO_SUCH_RESOURCE


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


def answer(error: Exception, about: About | None = None) -> Response:
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
        json.dumps(failure(error, about)).encode(),
        status_code=error.status,
        media_type="application/json",
        headers=headers,
    )
