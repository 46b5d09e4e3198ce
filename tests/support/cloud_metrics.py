"""Stand-ins for the services that measure for others: they hold each request against the services' descriptions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.support.contracts import Contract
from tests.support.measure_context import NOW
from tests.support.metric_servers import CONTRACT, as_json, form

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from towpath.demo.loopback import Answer, Request
    from towpath.verification.provider import HttpAnswer, MeasuringHttp

DATADOG = {"api-key": "dd-api-key-1", "app-key": "dd-app-key-1"}
NEW_RELIC = {"personal-api-key": "NRAK-12345678", "account-id": "4711"}
NOW_SECONDS = int(NOW.timestamp())


class OneServer:
    """HTTP that finds one server at every address."""

    def __init__(self, http: MeasuringHttp, url: str) -> None:
        self._http = http
        self._url = url
        self.urls: list[str] = []
        """Those that were asked for."""

    async def request(self, method: str, url: str, **more: Any) -> HttpAnswer:
        """Send it there."""
        self.urls.append(url)
        target = "/" + url.partition("://")[2].partition("/")[2]
        return await self._http.request(method, f"{self._url}{target}", **more)

    async def certificate(self, host: str, port: int, *, seconds: float = 10.0) -> datetime:
        """Nobody asks for one."""
        raise NotImplementedError


def datadog(answer: Mapping[str, Any], *, seconds: int = 300) -> Callable[[Request], Answer]:
    """Return a Datadog that has this answer, in either version. `seconds`: the time that has to be asked for."""
    first, second = (
        Contract("datadog", "v1-query.json"),
        Contract("datadog", "v2-scalar.schema.json"),
    )

    def respond(request: Request) -> Answer:
        assert request.headers["Content-Type"] == "application/json"
        assert request.headers["DD-API-KEY"] == DATADOG["api-key"]
        assert request.headers["DD-APPLICATION-KEY"] == DATADOG["app-key"]
        if request.path.endswith("/api/v1/query"):
            assert request.method == "GET"
            asked = form(request)
            assert asked.keys() == {"query", "from", "to"}, asked
            assert (int(asked["from"]), int(asked["to"])) == (NOW_SECONDS - seconds, NOW_SECONDS)
            first.answer("GET", "/api/v1/query", 200, answer)
        else:
            assert (request.method, request.path) == ("POST", "/api/v2/query/scalar")
            body = json.loads(request.body)
            second.fits("request", body)
            attributes = body["data"]["attributes"]
            assert attributes["from"] == (NOW_SECONDS - seconds) * 1000
            assert attributes["to"] == NOW_SECONDS * 1000
            second.fits("response", answer)
        return as_json(answer)

    return respond


def scalar(*columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer of Datadog's version 2 with these columns."""
    return {"data": {"type": "scalar_response", "attributes": {"columns": list(columns)}}}


def nerdgraph(answer: Any, *, seconds: int = 5) -> Callable[[Request], Answer]:
    """Return a New Relic that has this answer, or these rows where it is a list."""
    contract = Contract(CONTRACT)
    if isinstance(answer, list):
        answer = {"data": {"actor": {"account": {"nrql": {"results": answer}}}}}

    def respond(request: Request) -> Answer:
        assert (request.method, request.path) == ("POST", "/graphql")
        assert request.headers["Api-Key"] == NEW_RELIC["personal-api-key"]
        body = json.loads(request.body)
        contract.fits("nerdGraphRequest", body)
        for name in ("actor", "account(id: $accountId)", "nrql(", "results"):
            assert name in body["query"]
        assert body["query"].count("{") == body["query"].count("}")
        asked = body["variables"]
        assert asked.keys() == {"accountId", "query", "timeout"}
        assert (asked["accountId"], asked["timeout"]) == (4711, seconds)
        contract.fits("nerdGraphNrqlAnswer", answer)
        return as_json(answer)

    return respond


def skywalking(answer: Mapping[str, Any], *, start: str, end: str) -> Callable[[Request], Answer]:
    """Return a SkyWalking that has this answer. `start`, `end`: the time that has to be asked for."""

    def respond(request: Request) -> Answer:
        assert (request.method, request.path) == ("POST", "/graphql")
        assert request.headers["Content-Type"].startswith("application/json")
        body = json.loads(request.body)
        assert body.keys() == {"query", "variables"}
        assert body["query"]
        wanted = {"duration": {"start": start, "end": end, "step": "MINUTE"}}
        assert body["variables"] == wanted, body["variables"]
        return as_json(answer)

    return respond


def wavefront(answer: Mapping[str, Any], *, token: str) -> Callable[[Request], Answer]:
    """Return a Wavefront that has this answer."""
    contract = Contract(CONTRACT)

    def respond(request: Request) -> Answer:
        assert (request.method, request.path) == ("GET", "/api/v2/chart/api")
        assert request.headers["Authorization"] == f"Bearer {token}"
        asked = {name: values[0] for name, values in parse_qs(request.query).items()}
        assert asked.pop("q")
        moment = str(NOW_SECONDS * 1000)
        assert asked == {
            "s": moment, "e": moment, "g": "s", "p": "1", "i": "true", "autoEvents": "false", "listmode": "false",
            "strict": "false", "includeObsoleteMetrics": "false",
        }  # fmt: skip
        contract.fits("wavefrontAnswer", answer)
        return as_json(answer)

    return respond
