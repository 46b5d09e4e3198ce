"""One line of the log for each request, and an id by which an answer and all lines about it are found together.

The id is in the header `X-Request-Id` of every answer, in the text of a fault, and in every line that is logged while the
request is worked on. A proxy's own id is taken on. What has nothing to say to an operator is logged at debug level.
"""

from __future__ import annotations

import logging
import re
import secrets
from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders

from towpath import messages, telemetry
from towpath.server import route_table
from towpath.server.auth import caller
from towpath.server.request_counts import METHODS, RequestCounts
from towpath.telemetry import tracing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER: Final = "X-Request-Id"
_NAME: Final = HEADER.lower().encode()
_DIGEST: Final = re.compile(r"/[0-9a-f]{64}(?![0-9a-f])")
_FORM: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_KEY: Final = "towpath.request_id"
_PATH_BYTES: Final = 500
_BROKEN_OFF: Final = 499
"""The status that the log has where the caller went away before an answer began; proxies know it as well."""
_TRACE_CONTEXT: Final = frozenset((b"traceparent", b"tracestate"))
_ASKED_WHO: Final = (401, 403)
_log = logging.getLogger(__name__)


def request_id(scope: Scope) -> str:
    """Return the id of a request; empty where nobody gave it one."""
    found: str = scope.get(_KEY, "")
    return found


def logged(
    served: ASGIApp,
    monotonic: Callable[[], float],
    quiet: Collection[str],
    counts: RequestCounts | None = None,
    *,
    is_known: Callable[[Scope], Awaitable[bool]] | None = None,
) -> ASGIApp:
    """Return an application whose requests are logged and counted.

    `quiet`: paths, as routes know them, of which the log has nothing to say; `is_known`: whether it is known who makes a
    request. The trace that a stranger says its request is part of is not taken on: it would decide what of ours is kept.
    """
    counted = counts or RequestCounts()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await served(scope, receive, send)
            return
        given = _given(scope)
        scope[_KEY] = given
        path, began, status = scope["path"], monotonic(), _BROKEN_OFF

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                counted.until_begun.note(monotonic() - began)
                MutableHeaders(scope=message).setdefault(HEADER, given)
            await send(message)

        counted.under_way += 1
        span_of = tracing.span if tracing.is_on() and path not in quiet else tracing.no_span
        parent = _parent(scope)
        if parent and is_known is not None and not await is_known(scope):
            parent = {}
        with (
            telemetry.about(request=given),
            span_of("request", "server", parent=parent) as span,
        ):
            try:
                await served(scope, receive, told)
            finally:
                counted.under_way -= 1
                counted.ended(scope["method"], status)
                _note(span, scope, given, status)
                level = logging.DEBUG if scope["path"] in quiet else _level(status)
                if _log.isEnabledFor(level):
                    _log.log(
                        level,
                        "request",
                        extra={
                            "method": scope["method"],
                            "path": shown(path),
                            "status": status,
                            "milliseconds": round(1000 * (monotonic() - began), 1),
                            "user": caller.owner(scope),
                        },
                    )

    return answer


def shown(path: str) -> str:
    """Return a path as people may see it: the address of a receiver of webhooks is as good as its secret."""
    return messages.foreign(_DIGEST.sub("/…", path), most_bytes=_PATH_BYTES)


def _given(scope: Scope) -> str:
    """Return the id that a proxy gave a request, else a new one."""
    for name, value in scope["headers"]:
        if name == _NAME and _FORM.fullmatch(value):
            return str(value, "ascii")
    return secrets.token_hex(8)


def _parent(scope: Scope) -> dict[str, str]:
    """Return what a caller says its request is part of."""
    if not tracing.is_on():
        return {}
    return {
        name.decode(): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in _TRACE_CONTEXT
    }


def _note(span: tracing.TracedSpan, scope: Scope, given: str, status: int) -> None:
    """Note what was asked and answered: by the template of the route, as a path may hold anything."""
    if not tracing.is_on():
        return
    method = scope["method"] if scope["method"] in METHODS else "_OTHER"
    route = route_table.template(scope)
    span.name(f"{method} {route}" if route else method)
    span.note(
        http_request_method=method,
        http_route=route,
        http_response_status__code=status,
        towpath_request=given,
    )
    if status >= 500:
        span.fail(str(status))


def _level(status: int) -> int:
    if status >= 500:
        return logging.ERROR
    return logging.INFO if status in _ASKED_WHO else logging.DEBUG
