"""The provider `datadog`, against a stand-in that holds requests against both versions of the API."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from tests.support.cloud_metrics import DATADOG, OneServer, datadog, scalar
from tests.support.measure_context import measuring
from tests.support.metric_servers import FAULTS, NO_JSON, as_json, standing
from towpath.errors import BadRequest, NotFound, Timeout, TowpathError
from towpath.resources.analysis_template import DatadogMetric
from towpath.resources.structs import view
from towpath.verification.provider import Measured
from towpath.verification.providers.datadog import Datadog

QUERY = "avg:errors{service:shop} by {host}&x=1"
V2 = {"apiVersion": "v2"}


async def _measured(
    answer: dict[str, Any], config: dict[str, Any], *, seconds: int = 300
) -> tuple[Measured, list[Any]]:
    with standing(datadog(answer, seconds=seconds)) as server:
        secrets = {"datadog": DATADOG | {"address": server.url}}
        async with measuring(server.url, secrets=secrets) as context:
            found = await Datadog().measure(context, view(DatadogMetric, config))
    assert isinstance(found, Measured)
    return found, server.asked


@pytest.mark.parametrize(
    ("answer", "value", "shown"),
    [
        ({"series": [{"pointlist": [[1000, 5], [2000, 0.05]]}, {"pointlist": [[3000, 9]]}]}, 0.05, "0.05"),
        ({"status": "ok", "series": [{"pointlist": [[1000, 1000000]]}]}, 1e6, "1000000"),
        ({"series": [{"pointlist": [[1000, 5], [2000, None]]}]}, None, "null"),
        ({"series": []}, None, "[]"),
        ({"status": "ok"}, None, "null"),
        ({"series": [{"pointlist": []}]}, None, '[{"pointlist":[]}]'),
    ],
)  # fmt: skip
async def test_version_1_gives_the_last_point_of_the_first_series(
    answer: dict[str, Any], value: Any, shown: str
) -> None:
    """And nil where there is none."""
    found, asked = await _measured(answer, {"query": QUERY})
    assert (found.value, found.shown) == (value, shown)
    assert asked[0].query.startswith("from=1772366100&query=avg%3Aerrors%7Bservice%3Ashop%7D+by+")
    assert "%26x%3D1" in asked[0].query


@pytest.mark.parametrize(
    ("columns", "value", "shown"),
    [
        ([{"name": "query", "type": "number", "values": [0.05]}], 0.05, "0.05"),
        ([{"name": "query", "type": "number", "values": [None, 3]}], 3.0, "3"),
        ([{"name": "query", "type": "number", "values": [None]}], None, "null"),
        ([], None, "null"),
        (
            [
                {"name": "host", "type": "group", "values": [["a"], ["b"], ["c"]]},
                {"name": "query", "type": "number", "values": [1, None, 2.5]},
            ],
            [1.0, 2.5],
            "[1,2.5]",
        ),
    ],
)
async def test_version_2_gives_a_number_or_a_list_by_groups(
    columns: list[Any], value: Any, shown: str
) -> None:
    """Null does not count."""
    found, asked = await _measured(
        scalar(*columns), {"query": QUERY, "interval": "90s"} | V2, seconds=90
    )
    assert (found.value, found.shown) == (value, shown)
    sent = json.loads(asked[0].body)["data"]["attributes"]
    assert sent["queries"] == [
        {"aggregator": "last", "data_source": "metrics", "name": "query", "query": QUERY}
    ]
    assert sent["formulas"] == []
    if isinstance(value, list):
        named = [{"name": "a", "value": 1}, {"name": "c", "value": 2.5}]
        assert json.loads(found.metadata["groups"]) == named
        assert "groups_truncated" not in found.metadata


async def test_a_column_without_a_type_is_one_of_numbers() -> None:
    """As with Argo Rollouts."""
    with standing(lambda _: as_json(scalar({"values": [7]}))) as server:
        secrets = {"datadog": DATADOG | {"address": server.url}}
        async with measuring(server.url, secrets=secrets) as context:
            config = view(DatadogMetric, {"query": QUERY} | V2)
            found = await Datadog().measure(context, config)
    assert isinstance(found, Measured)
    assert found.value == 7.0


async def test_queries_and_a_formula_are_sent() -> None:
    """With the aggregator."""
    config = {
        "queries": {"b": "sum:hits{*}", "a": "sum:errors{*}"},
        "formula": "a / b",
        "aggregator": "sum",
    }
    _, asked = await _measured(scalar({"type": "number", "values": [1]}), config | V2)
    sent = json.loads(asked[0].body)["data"]["attributes"]
    assert sent["formulas"] == [{"formula": "a / b"}]
    assert [(each["name"], each["aggregator"]) for each in sent["queries"]] == [
        ("a", "sum"),
        ("b", "sum"),
    ]


async def test_of_many_groups_the_lowest_and_highest_are_noted() -> None:
    """Fifty of each; the result has them all."""
    values = [(place * 37) % 101 for place in range(101)]
    names = [[f"host-{value:03}", "eu"] for value in values]
    columns = (
        {"type": "group", "values": names},
        {"type": "number", "values": values},
    )
    found, _ = await _measured(scalar(*columns), {"query": QUERY} | V2)
    assert found.value == values
    noted = json.loads(found.metadata["groups"])
    assert found.metadata["groups_truncated"] == "true"
    assert [each["value"] for each in noted] == [*range(50), *range(51, 101)]
    assert noted[0]["name"] == "host-000,eu"


@pytest.mark.parametrize(
    ("config", "body", "said"),
    [
        ({}, {"status": "error", "error": "no such metric"}, "refuses the query: no such metric"),
        (V2, {"errors": "bad formula"}, "refuses the query: bad formula"),
        (V2, {"data": {"errors": "bad query"}}, "refuses the query: bad query"),
        ({}, [1], "not of Datadog"),
        ({}, {"series": {}}, "not of Datadog"),
        ({}, {"series": [{"pointlist": [[1]]}]}, "no pair"),
        ({}, {"series": [{"pointlist": [[1, "x"]]}]}, "no pair"),
        (V2, {"data": [1]}, "not of Datadog"),
        (V2, scalar({"type": "number", "values": ["x"]}), "a value is no number"),
        (V2, scalar({"type": "number", "values": [1] * 60_000}), "50,000 may be"),
    ],
)
async def test_a_refusal_inside_of_a_200_is_an_error(
    config: dict[str, Any], body: Any, said: str
) -> None:
    """And so is JSON of somebody else."""
    with standing(lambda _: as_json(body)) as server:
        secrets = {"datadog": DATADOG | {"address": server.url}}
        async with measuring(server.url, secrets=secrets) as context:
            with pytest.raises(TowpathError, match=said):
                await Datadog().measure(context, view(DatadogMetric, {"query": QUERY} | config))


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("fault", FAULTS | NO_JSON)
async def test_a_fault_is_an_error_that_says_what_came(fault: str, version: str) -> None:
    """In both versions; no message has a key."""
    answer, said = (FAULTS | NO_JSON)[fault]
    good = {"series": []} if version == "v1" else scalar()
    with standing(datadog(good)) as server:
        server.fault = answer
        secrets = {"datadog": DATADOG | {"address": server.url}}
        async with measuring(server.url, secrets=secrets) as context:
            config = view(DatadogMetric, {"query": QUERY, "apiVersion": version})
            with pytest.raises(TowpathError) as caught:
                await Datadog().measure(context, config)
    assert re.search(said, caught.value.message, re.DOTALL), caught.value.message
    assert not any(key in caught.value.message for key in DATADOG.values())


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_no_key_goes_where_a_server_redirects_to(version: str) -> None:
    """The address is named, and not asked."""
    with (
        standing(lambda _: as_json({"series": []})) as other,
        standing(lambda _: as_json({})) as server,
    ):
        server.fault = (307, {"Location": f"{other.url}/there?a=b"}, b"")
        secrets = {"datadog": DATADOG | {"address": server.url}}
        async with measuring(server.url, other.url, secrets=secrets) as context:
            config = view(DatadogMetric, {"query": QUERY, "apiVersion": version})
            with pytest.raises(
                TowpathError, match=f"it redirects to {other.url}/there, where no key"
            ):
                await Datadog().measure(context, config)
    assert other.asked == []


async def test_without_an_address_datadog_itself_is_asked() -> None:
    """In the United States, as with Argo Rollouts."""
    with standing(datadog({"series": []})) as server:
        async with measuring(server.url, secrets={"datadog": DATADOG}) as context:
            one = OneServer(context.http, server.url)
            await Datadog().measure(
                replace(context, http=one), view(DatadogMetric, {"query": QUERY})
            )
    assert one.urls[0].startswith("https://api.datadoghq.com/api/v1/query?")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, "datadog.query: write a query"),
        ({"query": "a", "queries": {"a": "b"}} | V2, "not both"),
        ({"queries": {"a": "b"}}, "apiVersion: v2"),
        ({"query": "a", "aggregator": "sum"}, "aggregator: it needs apiVersion: v2"),
        ({"query": "a", "formula": "a"} | V2, "formula: it needs queries"),
        ({"queries": {"a": "x", "b": "y"}} | V2, "several queries need one"),
        ({"query": "a", "aggregator": "median"} | V2, "'median' is none of avg"),
        ({"query": "a", "interval": "-5m"}, "datadog.interval"),
        ({"query": "a", "requestTimeout": "1h"}, "datadog.requestTimeout"),
    ],
)
async def test_what_contradicts_itself_is_named(config: dict[str, Any], said: str) -> None:
    """Before anybody is asked."""
    async with measuring(secrets={"datadog": DATADOG}) as context:
        with pytest.raises(BadRequest, match=re.escape(said)):
            await Datadog().measure(context, view(DatadogMetric, config))


class _TwoPlaces:
    """Secrets of the Project and of the shared namespace."""

    def __init__(self, own: dict[str, Any], shared: dict[str, Any]) -> None:
        self._own, self._shared = own, shared

    async def read(self, name: str, *, is_shared: bool = False) -> dict[str, str]:
        """Return one."""
        values: dict[str, dict[str, str]] = self._shared if is_shared else self._own
        if name not in values:
            raise NotFound(f"Secret {name} does not exist")
        return values[name]


@pytest.mark.parametrize(
    ("own", "shared", "ref", "key"),
    [
        ({"datadog": "own"}, {"datadog": "all"}, {}, "own"),
        ({}, {"datadog": "all"}, {}, "all"),
        ({"other": "mine"}, {"datadog": "all"}, {"secretRef": {"name": "other"}}, "mine"),
        ({"datadog": "own"}, {"other": "all"}, {"secretRef": {"name": "other"}}, "all"),
        ({"datadog": "own"}, {"datadog": "all"}, {"secretRef": {"namespaced": True}}, "own"),
    ],
)
async def test_the_secret_is_the_projects_or_else_the_shared_one(
    own: dict[str, str], shared: dict[str, str], ref: dict[str, Any], key: str
) -> None:
    """By the name that the template says."""
    with standing(lambda _: as_json({"series": []})) as server:

        def made(keys: dict[str, str]) -> dict[str, Any]:
            more = {"app-key": "x", "address": server.url}
            return {name: {"api-key": f"{value}\n"} | more for name, value in keys.items()}

        async with measuring(server.url) as context:
            told = replace(context, secrets=_TwoPlaces(made(own), made(shared)))
            await Datadog().measure(told, view(DatadogMetric, {"query": QUERY} | ref))
    assert server.asked[0].headers["DD-API-KEY"] == key


@pytest.mark.parametrize(
    ("own", "shared", "ref", "said"),
    [
        ({}, {}, {}, "Secret shop/datadog does not exist, nor does kargo-shared-resources/datadog"),
        (
            {},
            {"datadog": DATADOG},
            {"secretRef": {"namespaced": True}},
            "Secret shop/datadog does not exist; create it with api-key, app-key",
        ),
        (
            {"datadog": {"api-key": "x"}},
            {"datadog": DATADOG},
            {},
            "Secret shop/datadog: it has no app-key",
        ),
        ({}, {"datadog": {}}, {}, "kargo-shared-resources/datadog: it has no api-key, app-key"),
        (
            {"datadog": {"api-key": "a\nb", "app-key": "c"}},
            {},
            {},
            "key api-key holds more than one line",
        ),
        (
            {"datadog": DATADOG | {"address": "datadoghq.eu"}},
            {},
            {},
            "Secret shop/datadog, key address: 'datadoghq.eu' is no address",
        ),
        ({}, {}, {"secretRef": {"name": "../x"}}, "is no name of a Secret"),
    ],
)
async def test_what_is_missing_of_a_secret_is_named(
    own: dict[str, Any], shared: dict[str, Any], ref: dict[str, Any], said: str
) -> None:
    """With the Secret and the key."""
    async with measuring() as context:
        told = replace(context, secrets=_TwoPlaces(own, shared))
        with pytest.raises(TowpathError, match=re.escape(said)):
            await Datadog().measure(told, view(DatadogMetric, {"query": QUERY} | ref))


async def test_a_server_that_says_nothing_is_waited_for_so_long() -> None:
    """As long as the template says."""
    with standing(datadog({"series": []})) as server:
        server.holds = True
        secrets = {"datadog": DATADOG | {"address": server.url}}
        async with measuring(server.url, secrets=secrets) as context:
            config = view(DatadogMetric, {"query": QUERY, "requestTimeout": "50ms"})
            with pytest.raises(Timeout, match=r"no answer within 0\.05 s"):
                await Datadog().measure(context, config)


async def test_a_large_answer_is_read_all_the_same() -> None:
    """In a process of its own."""
    points = [[place, 0.25] for place in range(50_000)]
    found, _ = await _measured({"series": [{"pointlist": points}]}, {"query": QUERY})
    assert (found.value, found.shown) == (0.25, "0.25")
