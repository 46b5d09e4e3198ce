"""One line for each request, and an id that leads from an answer to it."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from tests.support import serving
from towpath import telemetry
from towpath.admission.requester import ADMIN
from towpath.server import error_answers, request_log

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_log = logging.getLogger("towpath.somewhere")


def _lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return what lines say beside their message."""
    return [
        {"level": record.levelname, "message": record.getMessage(), **telemetry.context(record)}
        for record in caplog.records
        if record.name.startswith("towpath")
    ]


async def test_who_is_refused_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    """At info level, with method, path and status; neither query nor token are in the log."""
    caplog.set_level("DEBUG", "towpath")
    async with serving.client(None, token="wr0ng") as client:
        answer = await client.get("/v1beta1/projects?token=s3cret")
    [line] = [each for each in _lines(caplog) if each["message"] == "request"]
    assert (line["level"], line["status"], line["method"]) == ("INFO", 401, "GET")
    assert line["path"] == "/v1beta1/projects"
    assert line["milliseconds"] >= 0
    assert answer.headers["x-request-id"]
    assert not re.search("s3cret|wr0ng", str(_lines(caplog)))


async def test_what_is_as_it_should_be_is_for_debugging(caplog: pytest.LogCaptureFixture) -> None:
    """404 and health as well."""
    caplog.set_level("DEBUG", "towpath")
    async with serving.client(None) as client:
        await client.get("/nowhere")
        await client.get("/healthz")
    said = [(line["level"], line["status"], line["user"]) for line in _lines(caplog)]
    assert said == [("DEBUG", 404, ADMIN.user.name), ("DEBUG", 200, "")]


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("9f-A.b_c", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("a b", False),
        ("x\u00e4", False),
        ("", False),
    ],
)
async def test_a_proxys_id_is_taken_on(given: str, is_taken: bool) -> None:
    """Where it is one; else it could put anything into the log."""
    async with serving.client(None) as client:
        answer = await client.get("/nowhere", headers={b"X-Request-Id": given.encode("latin-1")})
    assert (answer.headers["x-request-id"] == given) is is_taken
    assert re.fullmatch("[A-Za-z0-9._-]{1,64}", answer.headers["x-request-id"])


async def _asked(served: Any) -> httpx.Response:
    logged = request_log.logged(served, lambda: 0.0, ())
    transport = httpx.ASGITransport(logged, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get("/x")


async def test_every_line_meanwhile_has_the_id(caplog: pytest.LogCaptureFixture) -> None:
    """And none afterwards."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        _log.warning("within")
        await PlainTextResponse("done")(scope, receive, send)

    caplog.set_level("DEBUG", "towpath")
    seen: list[dict[str, Any]] = []

    class _Noting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(telemetry.context(record))

    handler = _Noting()
    logging.getLogger("towpath").addHandler(handler)
    try:
        answer = await _asked(served)
        _log.warning("after")
    finally:
        logging.getLogger("towpath").removeHandler(handler)
    given = answer.headers["x-request-id"]
    assert [line.get("request") for line in seen] == [given, given, None]


async def test_a_fault_names_the_id_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    """The answer leads to the lines of the log."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.requests import Request

        response = await error_answers.on_fault(Request(scope), ValueError("s3cret"))
        await response(scope, receive, send)

    caplog.set_level("DEBUG", "towpath")
    answer = await _asked(served)
    given = answer.headers["x-request-id"]
    assert answer.status_code == 500
    assert answer.json() == {
        "error": f"internal error; the server's log has more at request={given}"
    }
    assert ("ERROR", 500) in [(line["level"], line.get("status")) for line in _lines(caplog)]


async def test_who_went_away_is_told_of_as_such(caplog: pytest.LogCaptureFixture) -> None:
    """No answer began."""

    async def served(*_: Any) -> None:
        return

    caplog.set_level("DEBUG", "towpath")
    logged = request_log.logged(served, lambda: 0.0, ())
    scope: Any = {"type": "http", "path": "/x", "method": "GET", "headers": []}
    await logged(scope, None, None)  # type: ignore[arg-type]  # neither is used
    [line] = _lines(caplog)
    assert (line["level"], line["status"]) == ("DEBUG", 499)
