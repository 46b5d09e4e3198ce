"""The providers that ask services of others keep the contract, as the kit for authors of providers checks it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cloud_metrics import DATADOG, INFLUXDB, NEW_RELIC, GivenAws, judged, scalar
from towpath.testing.providers import ProviderConformance, ProviderExample
from towpath.verification.provider import HttpAnswer, InFlight, Measured
from towpath.verification.registry import ProviderRegistry

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.testing.providers import AskedRequest

PAGES = Path(__file__).resolve().parents[3] / "docs/reference/metric-providers"
REGISTRY = ProviderRegistry.installed()


def _answers(value: Any) -> Callable[[AskedRequest], HttpAnswer]:
    answer = HttpAnswer(status=200, headers={}, body=json.dumps(value).encode())
    return lambda _: answer


def _kayenta(asked: AskedRequest) -> HttpAnswer:
    path = asked.url.partition("?")[0]
    value: Any = judged(95.5)
    if path.endswith("/canaryConfig"):
        value = [{"id": "1", "name": "shop"}]
    elif asked.method == "POST":
        value = {"canaryExecutionId": "run-1"}
    return HttpAnswer(status=200, headers={}, body=json.dumps(value).encode())


_SCOPE = {"scope": "a", "region": "eu", "step": 60}
_CSV = b"#datatype,string,long,double\n#default,_result,,\n,result,table,_value\n,,0,0.5\n"
EXAMPLES: dict[str, list[ProviderExample]] = {
    "datadog": [
        ProviderExample(
            config={"query": "avg:a{*}"},
            respond=_answers({"series": [{"pointlist": [[1000, 0.5]]}]}),
            secrets={"shared/datadog": DATADOG},
            outcome=Measured,
            value=0.5,
        ),
        ProviderExample(
            config={"apiVersion": "v2", "query": "avg:a{*} by {host}"},
            respond=_answers(
                scalar({"type": "group", "values": [["a"]]}, {"type": "number", "values": [2]})
            ),
            secrets={"datadog": DATADOG},
            outcome=Measured,
            value=[2.0],
        ),
    ],
    "cloudWatch": [
        ProviderExample(
            config={"metricDataQueries": [{"id": "a", "expression": "b / c"}]},
            respond=_answers({"MetricDataResults": [{"Id": "a", "Values": [0.5]}]}),
            outcome=Measured,
            aws=GivenAws(),
        )
    ],
    "influxdb": [
        ProviderExample(
            config={"query": "from()"},
            respond=lambda _: HttpAnswer(status=200, headers={}, body=_CSV),
            secrets={"influxdb": INFLUXDB | {"address": "https://influxdb.example.com"}},
            outcome=Measured,
            value=[0.5],
        )
    ],
    "kayenta": [
        ProviderExample(
            config={
                "address": "https://kayenta.example.com",
                "application": "shop",
                "canaryConfigName": "shop",
                "metricsAccountName": "metrics",
                "configurationAccountName": "config",
                "storageAccountName": "storage",
                "threshold": {"pass": 90, "marginal": 75},
                "scopes": [{"name": "a", "controlScope": _SCOPE, "experimentScope": _SCOPE}],
            },
            respond=_kayenta,
            outcome=InFlight,
        )
    ],
    "newRelic": [
        ProviderExample(
            config={"query": "SELECT count(*) FROM Transaction"},
            respond=_answers({"data": {"actor": {"account": {"nrql": {"results": [{"a": 1}]}}}}}),
            secrets={"newrelic": NEW_RELIC},
            outcome=Measured,
            value={"a": 1.0},
        )
    ],
    "skywalking": [
        ProviderExample(
            config={"address": "https://s.example", "query": "{ a }"},
            respond=_answers({"data": {"a": [1]}}),
            outcome=Measured,
            value={"a": [1.0]},
        )
    ],
    "wavefront": [
        ProviderExample(
            config={"address": "w.example", "query": "ts(a)"},
            respond=_answers({"timeseries": [{"data": [[1767323045, 3]]}]}),
            secrets={"wavefront-api-tokens": {"w.example": "wf-token-1"}},
            outcome=Measured,
            value=3.0,
        )
    ],
}


@pytest.mark.parametrize("name", EXAMPLES)
async def test_the_kit_finds_nothing(name: str) -> None:
    """With its page."""
    provider = REGISTRY.find(name)
    assert provider is not None
    kit = ProviderConformance(type(provider), EXAMPLES[name], page=PAGES / f"{name}.md")
    assert await kit.problems() == []
