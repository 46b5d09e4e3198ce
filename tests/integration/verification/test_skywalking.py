"""The provider `skywalking`, against a stand-in that speaks its GraphQL."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.cloud_metrics import skywalking
from tests.support.measure_context import measuring
from tests.support.metric_servers import FAULTS, NO_JSON, standing
from towpath.errors import BadRequest, TowpathError
from towpath.resources.analysis_template import SkywalkingMetric
from towpath.resources.structs import view
from towpath.verification.provider import Measured
from towpath.verification.providers.skywalking import Skywalking

QUERY = "query queryData($duration: Duration!) { service_apdex: readMetricsValues(duration: $duration) { values { values { value } } } }"
APDEX = {"service_apdex": {"values": {"values": [{"value": 9900}]}}}
USUAL = {"start": "2026-03-01 1155", "end": "2026-03-01 1200"}


def _config(address: str, **more: Any) -> SkywalkingMetric:
    return view(SkywalkingMetric, {"address": address, "query": QUERY} | more)


@pytest.mark.parametrize(
    ("interval", "start"),
    [({}, "2026-03-01 1155"), ({"interval": "1h30s"}, "2026-03-01 1059")],
)
async def test_the_result_is_all_data_of_the_time_up_to_now(
    interval: dict[str, str], start: str
) -> None:
    """In minutes, UTC."""
    with standing(skywalking({"data": APDEX}, start=start, end=USUAL["end"])) as server:
        async with measuring(server.url) as context:
            found = await Skywalking().measure(context, _config(f"{server.url}/", **interval))
    assert isinstance(found, Measured)
    assert found.value == {"service_apdex": {"values": {"values": [{"value": 9900.0}]}}}
    assert found.shown == '{"service_apdex":{"values":{"values":[{"value":9900}]}}}'


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"data": None}, "has no data"),
        ({"data": APDEX, "errors": [{"message": "half of it failed"}]}, "half of it failed"),
        ({"errors": [{"message": "FieldUndefined"}]}, "the query is refused: FieldUndefined"),
        ({}, "not of GraphQL"),
        ([], "not of GraphQL"),
    ],
)
async def test_a_refusal_inside_of_a_200_is_an_error(answer: Any, said: str) -> None:
    """And so is an answer without data."""
    with standing(skywalking(answer, **USUAL)) as server:
        async with measuring(server.url) as context:
            with pytest.raises(TowpathError, match=f"POST .*/graphql: .*{said}"):
                await Skywalking().measure(context, _config(server.url))


@pytest.mark.parametrize("fault", FAULTS | NO_JSON)
async def test_a_fault_is_an_error_that_says_what_came(fault: str) -> None:
    """A fault is an error that says what came."""
    answer, said = (FAULTS | NO_JSON)[fault]
    with standing(skywalking({"data": APDEX}, **USUAL)) as server:
        server.fault = answer
        async with measuring(server.url) as context:
            with pytest.raises(TowpathError) as caught:
                await Skywalking().measure(context, _config(server.url))
    assert re.search(said, caught.value.message, re.DOTALL), caught.value.message


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"address": ""}, "skywalking.address: write the address"),
        ({"query": ""}, "skywalking.query: write a query"),
        ({"interval": "0s"}, "skywalking.interval"),
    ],
)
async def test_what_cannot_be_asked_is_named(config: dict[str, str], said: str) -> None:
    """What cannot be asked is named."""
    async with measuring() as context:
        with pytest.raises(BadRequest, match=said):
            await Skywalking().measure(context, _config(**{"address": "http://s"} | config))
