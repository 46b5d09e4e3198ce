"""The provider `prometheus`, against a stand-in that speaks the contract."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.measure_context import NOW, measuring
from tests.support.metric_servers import (
    FAULTS,
    NO_JSON,
    as_json,
    form,
    login,
    prometheus,
    standing,
    tokens,
)
from towpath.clients.clouds.aws.keys import AwsCredentials
from towpath.errors import BadRequest, Timeout, TowpathError
from towpath.resources.analysis_template import PrometheusMetric
from towpath.resources.structs import view
from towpath.verification.provider import Measured
from towpath.verification.providers.prometheus import Prometheus

if TYPE_CHECKING:
    from towpath.demo.loopback import Answer, Request

QUERY = 'sum(rate(http_requests_total{code=~"5.."}[5m]))'


def _config(url: str, **more: Any) -> PrometheusMetric:
    return view(PrometheusMetric, {"address": url, "query": QUERY} | more)


def _vector(*texts: str) -> dict[str, Any]:
    series = [{"metric": {"i": str(i)}, "value": [1.5, text]} for i, text in enumerate(texts)]
    return {"resultType": "vector", "result": series}


def _matrix(*series: list[str]) -> dict[str, Any]:
    found = [{"metric": {}, "values": [[1, text] for text in texts]} for texts in series]
    return {"resultType": "matrix", "result": found}


@pytest.mark.parametrize(
    ("data", "value", "shown"),
    [
        ({"resultType": "scalar", "result": [1, "0.05"]}, 0.05, "0.05"),
        ({"resultType": "scalar", "result": [1, "1e6"]}, 1e6, "1000000"),
        ({"resultType": "scalar", "result": [1, "+Inf"]}, math.inf, "+Inf"),
        ({"resultType": "scalar", "result": [1, "NaN"]}, math.nan, "NaN"),
        (_vector("1", "2.5"), [1.0, 2.5], "[1,2.5]"),
        (_vector(), [], "[]"),
        (_vector("-Inf", "NaN"), [-math.inf, math.nan], "[-Inf,NaN]"),
        (_matrix(["1", "2"], ["3"]), [1.0, 2.0, 3.0], "[1,2,3]"),
        (_matrix(), [], "[]"),
    ],
)
async def test_the_result_is_a_number_or_a_list_of_numbers(
    data: dict[str, Any], value: Any, shown: str
) -> None:
    """The result is a number or a list of numbers."""
    with standing(prometheus(data)) as server:
        async with measuring(server.url) as context:
            found = await Prometheus().measure(context, _config(server.url))
    assert isinstance(found, Measured)
    assert found.shown == shown
    assert repr(found.value) == repr(value)  # NaN is like no other NaN
    asked = server.asked[0]
    assert (asked.method, asked.path) == ("POST", "/api/v1/query")
    assert form(asked) == {"query": QUERY, "time": str(int(NOW.timestamp()))}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"resultType": "string", "result": [1, "x"]}, "the query gives a text"),
        ({"resultType": "scalar", "result": [1, "one"]}, "'one' is no number"),
        (
            {"resultType": "vector", "result": [{"metric": {}, "histogram": []}]},
            "histogram_quantile",
        ),
        (
            {"resultType": "vector", "result": [{"metric": {}}]},
            "a series of the answer has no value",
        ),
    ],
)
async def test_what_is_no_number_is_an_error(data: dict[str, Any], said: str) -> None:
    """What is no number is an error."""
    with standing(prometheus(data)) as server:
        async with measuring(server.url) as context:
            with pytest.raises(TowpathError, match=f"POST .*/api/v1/query: .*{said}"):
                await Prometheus().measure(context, _config(server.url))


async def test_a_server_that_takes_no_post_is_asked_by_get() -> None:
    """With the same parameters, after what the address has of its own."""
    inner = prometheus(_vector("1"))
    for status in (405, 501):

        def respond(request: Request, status: int = status) -> Answer:
            return (status, {}, b"") if request.method == "POST" else inner(request)

        with standing(respond) as server:
            async with measuring(server.url) as context:
                found = await Prometheus().measure(context, _config(f"{server.url}/prom/"))
        assert isinstance(found, Measured)
        first, second = server.asked
        assert (second.method, second.path, second.body) == ("GET", "/prom/api/v1/query", b"")
        assert form(second) == form(first)


async def test_a_range_is_asked_for() -> None:
    """By expressions for its ends."""
    given = {"start": 'now() - duration("1h")', "end": "now()", "step": "1m30s"}
    with standing(prometheus(_matrix(["1"]))) as server:
        async with measuring(server.url) as context:
            await Prometheus().measure(context, _config(server.url, rangeQuery=given))
    now = int(NOW.timestamp())
    wanted = {"query": QUERY, "start": str(now - 3600), "end": str(now), "step": "90"}
    assert server.asked[0].path == "/api/v1/query_range"
    assert form(server.asked[0]) == wanted


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"address": ""}, "prometheus.address: write the address"),
        ({"address": "prometheus:9090"}, "is no address"),
        ({"query": " "}, "prometheus.query: write a query"),
        ({"timeout": -1}, "prometheus.timeout"),
        ({"rangeQuery": {"start": "", "end": "now()", "step": "1m"}}, "rangeQuery.start: write an expression"),
        ({"rangeQuery": {"start": "now(", "end": "now()", "step": "1m"}}, "rangeQuery.start: "),
        ({"rangeQuery": {"start": "1", "end": "now()", "step": "1m"}}, "rangeQuery.start: it is no moment"),
        ({"rangeQuery": {"start": "now()", "end": "now()", "step": "0s"}}, "more than no time"),
        ({"rangeQuery": {"start": "now()", "end": "now()", "step": "90"}}, "rangeQuery.step: "),
        (
            {"rangeQuery": {"start": "now()", "end": 'now() - duration("1h")', "step": "1m"}},
            "ends before it starts",
        ),
    ],
)  # fmt: skip
async def test_what_cannot_be_asked_is_named(more: dict[str, Any], said: str) -> None:
    """What cannot be asked is named."""
    async with measuring() as context:
        with pytest.raises(BadRequest, match=said):
            await Prometheus().measure(context, _config("http://p:9090", **more))


async def test_warnings_are_noted_and_errors_are_told_in_the_servers_words() -> None:
    """Warnings are noted and errors are told in the servers words."""
    with standing(prometheus(_vector("1"), warnings=["a store is away", "b"])) as server:
        async with measuring(server.url) as context:
            found = await Prometheus().measure(context, _config(server.url))
    assert isinstance(found, Measured)
    assert found.metadata == {"warnings": "a store is away; b"}
    with standing(prometheus("parse error at char 3")) as server:
        async with measuring(server.url) as context:
            with pytest.raises(TowpathError, match="HTTP 400: bad_data: parse error at char 3"):
                await Prometheus().measure(context, _config(server.url))


@pytest.mark.parametrize("fault", FAULTS | NO_JSON)
async def test_a_fault_is_an_error_that_says_what_came(fault: str) -> None:
    """A fault is an error that says what came."""
    answer, said = (FAULTS | NO_JSON)[fault]
    with standing(prometheus(_vector("1"))) as server:
        server.fault = answer
        async with measuring(server.url) as context:
            with pytest.raises(TowpathError) as caught:
                await Prometheus().measure(context, _config(server.url))
    assert re.search(said, caught.value.message, re.DOTALL), caught.value.message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "not of Prometheus"),
        ({}, "no status"),
        ({"status": "success"}, "unknown type"),
        ({"status": "success", "data": {"resultType": "vector", "result": 1}}, "unknown type"),
        ({"status": "success", "data": {"resultType": "vector", "result": [{"value": [1]}]}}, "no pair"),
        ({"status": "error", "errorType": "timeout", "error": "too slow"}, "timeout: too slow"),
    ],
)  # fmt: skip
async def test_json_of_somebody_else_is_an_error(body: Any, said: str) -> None:
    """JSON of somebody else is an error."""
    with standing(lambda _: as_json(body)) as server:
        async with measuring(server.url) as context:
            with pytest.raises(TowpathError, match=said):
                await Prometheus().measure(context, _config(server.url))


async def test_a_server_that_says_nothing_is_waited_for_so_long() -> None:
    """A server that says nothing is waited for so long."""
    with standing(prometheus(_vector("1"))) as server:
        server.holds = True
        async with measuring(server.url) as context:
            with pytest.raises(Timeout):
                await Prometheus().measure(context, _config(server.url, timeout="0.05"))


async def test_the_query_is_noted_for_the_metric() -> None:
    """The query is noted for the metric."""
    assert Prometheus().described(_config("http://p")) == {"ResolvedPrometheusQuery": QUERY}


async def test_who_asks_is_told_in_each_way() -> None:
    """By headers, basic authentication and tokens."""
    inner = prometheus(_vector("1"))

    def respond(request: Request) -> Answer:
        assert request.headers["X-Scope-OrgID"] == "a"
        return inner(request)

    headers = [{"key": "X-Scope-OrgID", "value": "a"}]
    with standing(respond) as server, standing(tokens("me", "pass")) as issuer:
        async with measuring(server.url, issuer.url) as context:
            for given in (
                {"basicAuth": {"username": "me", "password": "pass"}},
                {"oauth2": {"tokenUrl": issuer.url, "clientId": "me", "clientSecret": "pass"}},
            ):
                config = _config(server.url, headers=headers, authentication=given)
                await Prometheus().measure(context, config)
    first, second = server.asked
    assert login(first) == ("me", "pass")
    assert second.headers["Authorization"] == "Bearer t-"


class _Aws:
    """Credentials, and for whom they were asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    async def credentials(
        self, *, region: str = "", profile: str = "", role: str = ""
    ) -> AwsCredentials:
        """Return a key."""
        self.asked.append((region, profile, role))
        return AwsCredentials(key_id="AKID", secret_key="s3cret", region=region)


async def test_requests_to_amazons_service_are_signed_and_no_others() -> None:
    """By the address, as Argo Rollouts knows them."""
    aws = _Aws()
    sigv4 = {"sigv4": {"region": "eu-west-1", "profile": "p", "roleArn": "r"}}
    with standing(prometheus(_vector("1"))) as server:
        async with measuring(server.url, aws=aws) as context:
            for path in ("", "/aps-workspaces/ws-1"):
                config = _config(f"{server.url}{path}", authentication=sigv4)
                await Prometheus().measure(context, config)
    assert aws.asked == [("eu-west-1", "p", "r")]
    plain, signed = server.asked
    assert "Authorization" not in plain.headers
    assert re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=AKID/\d{8}/eu-west-1/aps/aws4_request, "
        r"SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}",
        signed.headers["Authorization"],
    )


async def test_without_a_region_the_field_is_named() -> None:
    """Nothing is sent."""
    with standing(prometheus(_vector("1"))) as server:
        async with measuring(server.url, aws=_Aws()) as context:
            config = _config(f"{server.url}/aps-workspaces/ws-1", authentication={"sigv4": {}})
            with pytest.raises(BadRequest, match=r"authentication\.sigv4\.region: write the regi"):
                await Prometheus().measure(context, config)
    assert server.asked == []
