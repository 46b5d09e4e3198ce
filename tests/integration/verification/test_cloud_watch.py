"""The provider `cloudWatch`, against a stand-in that is held to AWS' description and checks signatures."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from typing import Any

import pytest

from tests.support.cloud_metrics import AWS, NOW_SECONDS, GivenAws, OneServer, cloud_watch
from tests.support.measure_context import measuring
from tests.support.metric_servers import FAULTS, NO_JSON, as_json, standing
from towpath.clients.clouds.aws.keys import AwsCredentials
from towpath.errors import BadRequest, TowpathError, Unavailable
from towpath.resources.analysis_template import CloudWatchMetric
from towpath.resources.structs import view
from towpath.verification.provider import Measured
from towpath.verification.providers.cloud_watch import CloudWatch

QUERIES = [
    {"id": "rate", "expression": "errors / requests", "label": "error rate"},
    {
        "id": "errors",
        "metricStat": {
            "metric": {
                "namespace": "app",
                "metricName": "errors",
                "dimensions": [{"name": "service", "value": "shop"}],
            },
            "period": "300",
            "stat": "Sum",
            "unit": "Count",
        },
        "returnData": False,
    },
    {
        "id": "requests",
        "metricStat": {
            "metric": {"namespace": "app", "metricName": "requests"},
            "period": 60,
            "stat": "p99",
        },
        "period": 60,
        "returnData": False,
    },
]
SERIES = {
    "Id": "rate",
    "Label": "error rate",
    "StatusCode": "Complete",
    "Timestamps": [NOW_SECONDS - 60, NOW_SECONDS - 120],
    "Values": [0.01, 2e6],
}
OWN = AwsCredentials(key_id="AKIDOWN", secret_key="own-secret", region="us-east-1")


async def _measured(server: Any, secret: dict[str, str] | None = None, **config: Any) -> Any:
    metric = view(CloudWatchMetric, {"metricDataQueries": QUERIES} | config)
    secrets = {"cloudwatch": secret} if secret else {}
    async with measuring(server.url, secrets=secrets, aws=GivenAws()) as context:
        one = OneServer(context.http, server.url)
        return await CloudWatch().measure(replace(context, http=one), metric), one.urls


async def test_the_result_is_the_list_of_series_with_capital_letters() -> None:
    """The value shows their numbers as Go writes them; messages are noted."""
    told = [{"Code": "Partial", "Value": "some are missing"}]
    answer = {
        "MetricDataResults": [SERIES, {"Id": "b", "Label": "b", "Values": []}],
        "Messages": told,
        "NextToken": "x",
    }
    with standing(cloud_watch(answer)) as server:
        found, urls = await _measured(server)
    assert isinstance(found, Measured)
    assert found.value == [
        {
            "Id": "rate",
            "Label": "error rate",
            "StatusCode": "Complete",
            "Timestamps": ["2026-03-01T11:59:00Z", "2026-03-01T11:58:00Z"],
            "Values": [0.01, 2e6],
            "Messages": [],
        },
        {
            "Id": "b",
            "Label": "b",
            "StatusCode": "",
            "Timestamps": [],
            "Values": [],
            "Messages": [],
        },
    ]
    assert found.shown == "[[0.01 2e+06] []]"
    assert json.loads(found.metadata["messages"]) == told
    assert found.metadata["incomplete"] == "true"
    assert urls == ["https://monitoring.eu-central-1.amazonaws.com/"]
    assert json.loads(server.asked[0].body)["MetricDataQueries"] == [
        {"Id": "rate", "Expression": "errors / requests", "Label": "error rate"},
        {
            "Id": "errors",
            "MetricStat": {
                "Metric": {
                    "Namespace": "app",
                    "MetricName": "errors",
                    "Dimensions": [{"Name": "service", "Value": "shop"}],
                },
                "Period": 300,
                "Stat": "Sum",
                "Unit": "Count",
            },
            "ReturnData": False,
        },
        {
            "Id": "requests",
            "MetricStat": {
                "Metric": {"Namespace": "app", "MetricName": "requests"},
                "Period": 60,
                "Stat": "p99",
            },
            "Period": 60,
            "ReturnData": False,
        },
    ]


async def test_nothing_found_is_an_empty_list() -> None:
    """Which is no error; the time is the interval's."""
    with standing(cloud_watch({"MetricDataResults": []}, seconds=1800)) as server:
        found, _ = await _measured(server, interval="30m")
    assert (found.value, found.shown, found.metadata) == ([], "[]", {})


async def test_a_project_may_have_credentials_of_its_own() -> None:
    """By a Secret, whose region is asked."""
    secret = {
        "access-key-id": "AKIDOWN",
        "secret-access-key": "own-secret\n",
        "region": "us-east-1",
    }
    with standing(cloud_watch({"MetricDataResults": [SERIES]}, credentials=OWN)) as server:
        _, urls = await _measured(server, secret)
    assert urls == ["https://monitoring.us-east-1.amazonaws.com/"]


async def test_numbers_that_are_none_come_as_texts() -> None:
    """As AWS' protocol writes them."""
    with standing(cloud_watch({"MetricDataResults": [SERIES | {"Values": ["NaN"]}]})) as server:
        found, _ = await _measured(server)
    assert math.isnan(found.value[0]["Values"][0])
    assert found.shown == "[[NaN]]"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "not of CloudWatch"),
        ({}, "no MetricDataResults"),
        ({"MetricDataResults": [1]}, "a series is no object"),
        ({"MetricDataResults": [{"Values": {"a": 1}}]}, "the values of a series are no list"),
        ({"MetricDataResults": [{"Values": ["x"]}]}, "a value is no number"),
        ({"MetricDataResults": [{"Values": [1] * 100_801}]}, "more than 100,800 values"),
    ],
)
async def test_json_of_somebody_else_is_an_error(body: Any, said: str) -> None:
    """JSON of somebody else is an error."""
    with standing(lambda _: as_json(body)) as server, pytest.raises(TowpathError, match=said):
        await _measured(server)


EXPIRED = (
    400,
    {"Content-Type": "application/x-amz-json-1.0"},
    b'{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"The security token is expired"}',
)


@pytest.mark.parametrize("fault", [*(FAULTS | NO_JSON), "expired"])
async def test_a_fault_is_an_error_that_says_what_came(fault: str) -> None:
    """Without the key."""
    more = {"expired": (EXPIRED, "HTTP 400: .*The security token is expired")}
    answer, said = (FAULTS | NO_JSON | more)[fault]
    with standing(cloud_watch({"MetricDataResults": [SERIES]})) as server:
        server.fault = answer
        with pytest.raises(TowpathError) as caught:
            await _measured(server)
    assert re.search(said, caught.value.message, re.DOTALL), caught.value.message
    assert AWS.secret_key not in caught.value.message


STAT = {"metric": {"namespace": "a", "metricName": "b"}, "period": 60, "stat": "Sum"}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"expression": "a"}, "[0].id: write one"),
        ({"id": "a"}, "write expression or metricStat"),
        ({"id": "a", "expression": "b", "metricStat": STAT}, "one of them"),
        ({"id": "a", "expression": "b", "period": "1m"}, "[0].period: '1m' is no number"),
        ({"id": "a", "metricStat": {}}, "metricStat.metric: write namespace"),
        ({"id": "a", "metricStat": STAT | {"period": 0}}, "metricStat.period: '0'"),
        ({"id": "a", "metricStat": STAT | {"stat": ""}}, "metricStat.stat: write a text"),
        (
            {"id": "a", "metricStat": STAT | {"metric": {"namespace": "a"}}},
            "metric.metricName: write a text",
        ),
        (
            {"id": "a", "metricStat": STAT | {"metric": STAT["metric"] | {"dimensions": [{}]}}},  # type: ignore[operator]
            "dimensions[0].name: write a text",
        ),
    ],
)
async def test_a_query_that_is_incomplete_is_named(query: dict[str, Any], said: str) -> None:
    """By its place."""
    async with measuring(aws=GivenAws()) as context:
        config = view(CloudWatchMetric, {"metricDataQueries": [query]})
        with pytest.raises(BadRequest, match=re.escape(said)):
            await CloudWatch().measure(context, config)


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ({"region": "eu-west-1"}, "Secret shop/cloudwatch: it has no access-key-id, secret-access"),
        (
            {"access-key-id": "a", "secret-access-key": "b", "region": "evil.example/"},
            "the region 'evil.example/' is none",
        ),
    ],
)
async def test_a_secret_that_is_incomplete_is_named(secret: dict[str, str], said: str) -> None:
    """And the server's credentials are not taken instead."""
    async with measuring(aws=GivenAws(), secrets={"cloudwatch": secret}) as context:
        with pytest.raises(BadRequest, match=said):
            await CloudWatch().measure(
                context, view(CloudWatchMetric, {"metricDataQueries": QUERIES})
            )


async def test_a_server_without_credentials_says_so() -> None:
    """And one without a region."""
    config = view(CloudWatchMetric, {"metricDataQueries": QUERIES})
    async with measuring() as context:
        with pytest.raises(Unavailable, match="no AWS credentials"):
            await CloudWatch().measure(context, config)

        class Nowhere(GivenAws):
            async def credentials(self, **_: str) -> AwsCredentials:
                return replace(AWS, region="")

        with pytest.raises(BadRequest, match=r"no region is known.*AWS_REGION"):
            await CloudWatch().measure(replace(context, aws=Nowhere()), config)
