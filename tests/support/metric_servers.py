"""Stand-ins for the servers that metric providers ask: they hold requests against the contracts, and answer with faults."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.support.contracts import Contract
from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from towpath.demo.loopback import Answer, Request

CONTRACT = "other-services.schema.json"
JSON = {"Content-Type": "application/json"}

FAULTS: dict[str, tuple[Answer, str]] = {
    "an error of the server": ((500, {}, b"boom at line 3"), "HTTP 500.*boom at line 3"),
    "a bad gateway in HTML": (
        (
            502,
            {"Content-Type": "text/html"},
            b"<html><head><title>x</title></head><h1>Bad Gateway</h1>",
        ),
        "HTTP 502.*Bad Gateway",
    ),
    "too many requests": (
        (429, {"Retry-After": "1200"}, b"slow down"),
        r"HTTP 429, .*less often \(Retry-After: 1200\): slow down|asked to be left alone",
    ),
    "an expired token": ((401, JSON, b'{"error":"token expired"}'), "HTTP 401.*expired"),
    "refused": ((403, {}, b""), "HTTP 403, the server knows who asks and refuses it"),
    "20 MB": ((200, JSON, b'"' + b"x" * (20 << 20) + b'"'), "larger than 2,097,152 bytes"),
    "a redirect to a forbidden place": (
        (302, {"Location": "http://169.254.169.254/latest"}, b""),
        "169.254.169.254",
    ),
}
"""Answers that no provider can make a measurement of, and what it says then. Those with another body are of each provider."""
NO_JSON: dict[str, tuple[Answer, str]] = {
    "text": ((200, {"Content-Type": "text/plain"}, b"all is well"), "no JSON.*all is well"),
    "HTML that says it is JSON": ((200, JSON, b"<html><p>Log in</p>"), "no JSON.*Log in"),
    "nothing": ((200, JSON, b""), "empty, where JSON is wanted"),
    "NaN": ((200, JSON, b"NaN"), "no JSON.*NaN is not JSON"),
    "deep": ((200, JSON, b"[" * 100_000), "no JSON|nested too deep"),
    "half": ((200, JSON, b'{"data": [1, '), "no JSON"),
}
"""For providers that read JSON and nothing else."""


@dataclass
class StandIn:
    """A server that answers as it is told, and keeps what it was asked."""

    respond: Callable[[Request], Answer]
    fault: Answer | None = None
    asked: list[Request] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """What was wrong with requests by the contract."""
    holds: bool = False
    """Whether it answers nothing at all until it is closed."""

    def __post_init__(self) -> None:
        self._gone = threading.Event()
        self._http = Loopback(self._answer)

    @property
    def url(self) -> str:
        """Where it is."""
        return self._http.url

    def _answer(self, request: Request) -> Answer:
        self.asked.append(request)
        if self.holds:
            self._gone.wait(30)
        try:
            answer = self.respond(request)
        except (AssertionError, KeyError, ValueError) as error:
            self.problems.append(f"{request.method} {request.path}: {error!r}")
            return 400, JSON, json.dumps({"error": repr(error)}).encode()
        return self.fault or answer

    def close(self) -> None:
        """End it."""
        self._gone.set()
        self._http.close()


@contextlib.contextmanager
def standing(respond: Callable[[Request], Answer]) -> Iterator[StandIn]:
    """Run a server; at the end no request may have been wrong by the contract."""
    server = StandIn(respond)
    try:
        yield server
    finally:
        server.close()
    assert server.problems == []


def as_json(value: Any, status: int = 200) -> Answer:
    """Return an answer in JSON."""
    return status, JSON, json.dumps(value).encode()


def form(request: Request) -> dict[str, str]:
    """Return the parameters of a request, of its form or its query."""
    text = request.body.decode() if request.method == "POST" else request.query
    return {name: values[0] for name, values in parse_qs(text, strict_parsing=bool(text)).items()}


def login(request: Request) -> tuple[str, str]:
    """Return user and password of basic authentication."""
    kind, _, credential = request.headers["Authorization"].partition(" ")
    assert kind == "Basic", kind
    user, _, password = base64.b64decode(credential).decode().partition(":")
    return user, password


def prometheus(data: Mapping[str, Any] | str, **more: Any) -> Callable[[Request], Answer]:
    """Return a Prometheus that has these data for each query; a text is an error that it has."""
    contract = Contract(CONTRACT)

    def respond(request: Request) -> Answer:
        asked = form(request)
        if request.method == "POST":
            assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        if request.path.endswith("/api/v1/query"):
            assert asked.keys() <= {"query", "time", "timeout"}, asked
            float(asked["time"])
        else:
            assert request.path.endswith("/api/v1/query_range"), request.path
            assert asked.keys() == {"query", "start", "end", "step"}, asked
            assert float(asked["start"]) <= float(asked["end"])
            assert float(asked["step"]) > 0
        assert asked["query"]
        answer: dict[str, Any] = (
            {"status": "error", "errorType": "bad_data", "error": data}
            if isinstance(data, str)
            else {"status": "success", "data": dict(data)} | more
        )
        contract.fits("prometheusAnswer", answer)
        return as_json(answer, 400 if isinstance(data, str) else 200)

    return respond


def graphite(*targets: Mapping[str, Any]) -> Callable[[Request], Answer]:
    """Return a Graphite that has these targets."""
    contract = Contract(CONTRACT)

    def respond(request: Request) -> Answer:
        assert (request.method, request.path.rpartition("/")[2]) == ("GET", "render")
        asked = form(request)
        assert asked["format"] == "json", asked
        assert asked["target"]
        assert "Authorization" not in request.headers
        contract.fits("graphiteAnswer", list(targets))
        return as_json(list(targets))

    return respond


def tokens(client: str, secret: str, *, by_form: bool = False) -> Callable[[Request], Answer]:
    """Return a server of tokens (RFC 6749, 4.4) that knows a client, by basic or by the form alone."""

    def respond(request: Request) -> Answer:
        asked = form(request)
        assert request.method == "POST"
        assert asked["grant_type"] == "client_credentials"
        if by_form and "Authorization" in request.headers:
            return as_json({"error": "invalid_client"}, 401)
        has_login = "Authorization" in request.headers
        given = login(request) if has_login else (asked["client_id"], asked["client_secret"])
        if given != (client, secret):
            return as_json({"error": "invalid_client", "secret": given[1]}, 401)
        return as_json(
            {
                "access_token": f"t-{asked.get('scope', '')}",
                "token_type": "bearer",
                "expires_in": 60,
            }
        )

    return respond
