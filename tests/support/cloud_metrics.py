"""Stand-ins for the services that measure for others: they hold each request against the services' descriptions."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.support.contracts import Contract
from tests.support.measure_context import NOW
from tests.support.metric_servers import CONTRACT, as_json, form
from tests.support.shared import shared
from towpath.clients.clouds.aws import signature as aws_signature
from towpath.clients.clouds.aws.keys import AwsCredentials

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


# --- InfluxDB ------------------------------------------------------------------------------------------

INFLUXDB = {"authToken": "influx-token-1", "org": "shop & co"}


def influxdb(answer: str) -> Callable[[Request], Answer]:
    """Return an InfluxDB that has this answer, in annotated CSV."""
    contract = Contract("influxdb", "v2-query.json")

    def respond(request: Request) -> Answer:
        assert request.headers["Authorization"] == f"Token {INFLUXDB['authToken']}"
        assert request.headers["Content-Type"] == "application/json"
        path = request.path.removeprefix("/api/v2")
        body = json.loads(request.body)
        assert contract.request(request.method, path, body) == "/query"
        assert body["type"] == "flux"
        assert body["dialect"]["annotations"] == ["datatype", "group", "default"]
        asked = {name: values[0] for name, values in parse_qs(request.query).items()}
        assert asked == {"org": INFLUXDB["org"]}
        return 200, {"Content-Type": "text/csv; charset=utf-8"}, answer.encode()

    return respond


# --- CloudWatch ----------------------------------------------------------------------------------------

AWS = AwsCredentials(
    key_id="AKIDEXAMPLE", secret_key="aws-secret-1", token="aws-token-1", region="eu-central-1"
)


class GivenAws:
    """The credentials of a server."""

    async def credentials(
        self, *, region: str = "", profile: str = "", role: str = ""
    ) -> AwsCredentials:
        """Return them."""
        assert (region, profile, role) == ("", "", "")
        return AWS


def cloud_watch(
    answer: Mapping[str, Any],
    *,
    credentials: AwsCredentials = AWS,
    seconds: int = 300,
) -> Callable[[Request], Answer]:
    """Return a CloudWatch that has this answer. `seconds`: the time that has to be asked for."""
    place = shared("contracts", "cloudwatch", "get-metric-data.botocore.json")
    shapes = json.loads(place.read_text("utf-8"))["shapes"]
    target = "GraniteServiceVersion20100801.GetMetricData"

    def respond(request: Request) -> Answer:
        assert (request.method, request.path) == ("POST", "/")
        assert request.headers["Content-Type"] == "application/x-amz-json-1.0"
        assert request.headers["X-Amz-Target"] == target
        signed = aws_signature.headers(
            "POST",
            f"https://monitoring.{credentials.region}.amazonaws.com/",
            [("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", target)],
            request.body,
            credentials=credentials,
            service="monitoring",
            now=NOW,
        )
        for name, value in signed:
            assert request.headers[name] == value
        body = json.loads(request.body)
        shape_fits(shapes, "GetMetricDataInput", body)
        assert body["EndTime"] == NOW_SECONDS
        assert body["StartTime"] == NOW_SECONDS - seconds
        shape_fits(shapes, "GetMetricDataOutput", answer)
        return as_json(answer)

    return respond


def shape_fits(shapes: Mapping[str, Any], name: str, value: Any) -> None:
    """Fail if a value is not of a shape of AWS."""
    shape = shapes[name]
    match shape["type"]:
        case "structure":
            assert value.keys() <= shape["members"].keys(), (name, value)
            assert set(shape.get("required", ())) <= value.keys(), (name, value)
            for key, each in value.items():
                shape_fits(shapes, shape["members"][key]["shape"], each)
        case "list":
            assert isinstance(value, list), (name, value)
            assert len(value) <= shape.get("max", len(value)), name
            for each in value:
                shape_fits(shapes, shape["member"]["shape"], each)
        case "string":
            assert isinstance(value, str), (name, value)
            assert shape.get("min", 0) <= len(value) <= shape.get("max", len(value)), (name, value)
            assert value in shape.get("enum", [value]), (name, value)
        case "integer":
            assert type(value) is int, (name, value)
            assert value >= shape.get("min", value), (name, value)
        case "boolean":
            assert isinstance(value, bool), (name, value)
        case "double" | "timestamp":
            assert isinstance(value, int | float) or value in ("NaN", "Infinity"), (name, value)
        case other:
            raise AssertionError(f"the shape {name} is of an unknown type {other}")


# --- Kayenta -------------------------------------------------------------------------------------------


@dataclass
class KayentaState:
    """What a Kayenta has, and what it was asked to do."""

    configurations: Any = field(default_factory=lambda: [{"id": "c/1", "name": "shop"}])
    statuses: list[Any] = field(default_factory=list)
    """What it answers who looks, in order; the last one again and again."""
    begun: list[dict[str, Any]] = field(default_factory=list)
    """The bodies of analyses that were begun."""

    def respond(self, request: Request) -> Answer:
        """Answer."""
        contract = Contract(CONTRACT)
        asked = {name: values[0] for name, values in parse_qs(request.query).items()}
        match request.method, request.path:
            case "GET", "/canaryConfig":
                assert asked == {"application": "shop", "configurationAccountName": "storage"}
                return as_json(self.configurations)
            case "POST", "/canary/c%2F1":
                assert asked == {
                    "application": "shop",
                    "metricsAccountName": "metrics",
                    "configurationAccountName": "config",
                    "storageAccountName": "storage",
                }
                assert request.headers["Content-Type"] == "application/json"
                body = json.loads(request.body)
                contract.fits("kayentaRequest", body)
                self.begun.append(body)
                answer = {"canaryExecutionId": f"run/{len(self.begun)}"}
                contract.fits("kayentaStart", answer)
                return as_json(answer)
            case "GET", "/canary/run%2F1":
                assert asked == {}
                status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
                return as_json(status)
            case other:
                raise AssertionError(f"Kayenta has no {other}")


def judged(score: float) -> dict[str, Any]:
    """Return the status of an analysis that is over with a score."""
    status = {"complete": True, "result": {"judgeResult": {"score": {"score": score}}}}
    Contract(CONTRACT).fits("kayentaStatus", status)
    return status
