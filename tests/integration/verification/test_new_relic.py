"""The provider `newRelic`, against a stand-in that speaks NerdGraph."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from tests.support.cloud_metrics import NEW_RELIC, OneServer, nerdgraph
from tests.support.measure_context import measuring
from tests.support.metric_servers import FAULTS, NO_JSON, as_json, standing
from towpath.errors import TowpathError
from towpath.resources.analysis_template import NewRelicMetric
from towpath.resources.structs import view
from towpath.verification.provider import Measured
from towpath.verification.providers.new_relic import NewRelic

QUERY = "SELECT percentage(count(*), WHERE error IS true) AS 'rate' FROM Transaction"


def _config(**more: Any) -> NewRelicMetric:
    return view(NewRelicMetric, {"query": QUERY} | more)


def _secrets(url: str) -> dict[str, dict[str, str]]:
    return {"newrelic": NEW_RELIC | {"base-url-nerdgraph": f"{url}/graphql"}}


@pytest.mark.parametrize(
    ("rows", "value", "shown"),
    [
        ([{"rate": 5, "name": "a<b"}], {"rate": 5.0, "name": "a<b"}, '{"name":"a\\u003cb","rate":5}'),
        ([{"rate": 0.5}, {"rate": None}], [{"rate": 0.5}, {"rate": None}], '[{"rate":0.5},{"rate":null}]'),
        ([{}, {}], [{}, {}], "[{},{}]"),
    ],
)  # fmt: skip
async def test_one_row_is_an_object_and_more_are_a_list(
    rows: list[Any], value: Any, shown: str
) -> None:
    """Their numbers are floats."""
    with standing(nerdgraph(rows)) as server:
        async with measuring(server.url, secrets=_secrets(server.url)) as context:
            found = await NewRelic().measure(context, _config())
    assert isinstance(found, Measured)
    assert (found.value, found.shown) == (value, shown)
    assert json.loads(server.asked[0].body)["variables"]["query"] == QUERY


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([], "no row"),
        ([{}], "no row"),
        ({"errors": [{"message": "NRQL Syntax Error"}]}, "the query is refused: NRQL Syntax Error"),
        (
            {"data": {"actor": {"account": {"nrql": None}}}, "errors": [{"message": "slow"}]},
            "refused: slow",
        ),
        ({"data": {"actor": {"account": {"nrql": None}}}}, "no results"),
        ({"data": {"actor": {}}}, "no results"),
    ],
)
async def test_a_refusal_inside_of_a_200_is_an_error(answer: Any, said: str) -> None:
    """And so is a query without a row."""
    with standing(nerdgraph(answer)) as server:
        async with measuring(server.url, secrets=_secrets(server.url)) as context:
            with pytest.raises(TowpathError, match=f"POST .*/graphql: .*{said}"):
                await NewRelic().measure(context, _config())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "not of GraphQL"),
        ({"status": "ok"}, "not of GraphQL"),
        ({"errors": "no"}, "does not say why"),
        ({"data": {"actor": {"account": {"nrql": {"results": [1]}}}}}, "a row is no object"),
        (
            {"data": {"actor": {"account": {"nrql": {"results": [{}] * 60_000}}}}},
            "50,000 may be",
        ),
    ],
)
async def test_json_of_somebody_else_is_an_error(body: Any, said: str) -> None:
    """JSON of somebody else is an error."""
    with standing(lambda _: as_json(body)) as server:
        async with measuring(server.url, secrets=_secrets(server.url)) as context:
            with pytest.raises(TowpathError, match=said):
                await NewRelic().measure(context, _config())


@pytest.mark.parametrize("fault", FAULTS | NO_JSON)
async def test_a_fault_is_an_error_that_says_what_came(fault: str) -> None:
    """A fault is an error that says what came, without the key."""
    answer, said = (FAULTS | NO_JSON)[fault]
    with standing(nerdgraph([{"a": 1}])) as server:
        server.fault = answer
        async with measuring(server.url, secrets=_secrets(server.url)) as context:
            with pytest.raises(TowpathError) as caught:
                await NewRelic().measure(context, _config())
    assert re.search(said, caught.value.message, re.DOTALL), caught.value.message
    assert NEW_RELIC["personal-api-key"] not in caught.value.message


async def test_no_key_goes_where_a_server_redirects_to() -> None:
    """The address is named, and not asked."""
    with standing(lambda _: as_json({})) as other, standing(lambda _: as_json({})) as server:
        server.fault = (308, {"Location": other.url}, b"")
        async with measuring(server.url, other.url, secrets=_secrets(server.url)) as context:
            with pytest.raises(TowpathError, match=f"it redirects to {other.url}"):
                await NewRelic().measure(context, _config())
    assert other.asked == []


@pytest.mark.parametrize(
    ("region", "url"),
    [
        ({}, "https://api.newrelic.com/graphql"),
        ({"region": "EU"}, "https://api.eu.newrelic.com/graphql"),
        ({"region": "jp"}, "https://api.jp.newrelic.com/graphql"),
    ],
)
async def test_the_region_says_who_is_asked(region: dict[str, str], url: str) -> None:
    """By a Secret that the profile names; the timeout goes along."""
    with standing(nerdgraph([{"a": 1}], seconds=30)) as server:
        async with measuring(server.url, secrets={"other": NEW_RELIC | region}) as context:
            one = OneServer(context.http, server.url)
            told = replace(context, http=one)
            await NewRelic().measure(told, _config(profile="other", timeout="30"))
    assert one.urls == [url]


@pytest.mark.parametrize(
    ("secret", "config", "said"),
    [
        ({}, {}, "Secret shop/newrelic: it has no personal-api-key, account-id"),
        (NEW_RELIC | {"account-id": "x"}, {}, "key account-id: it is no number"),
        (NEW_RELIC | {"region": "mars"}, {}, "key region: 'mars' is none of us, eu, jp"),
        (NEW_RELIC, {"profile": "other"}, "Secret shop/other does not exist"),
        (NEW_RELIC, {"timeout": "soon"}, "newRelic.timeout: 'soon' is no number"),
        (NEW_RELIC, {"query": " "}, "newRelic.query: write a query"),
    ],
)
async def test_what_cannot_be_asked_is_named(
    secret: dict[str, str], config: dict[str, Any], said: str
) -> None:
    """What cannot be asked is named."""
    async with measuring(secrets={"newrelic": secret}) as context:
        with pytest.raises(TowpathError, match=said):
            await NewRelic().measure(context, _config(**config))
