"""The provider `graphite`, against a stand-in that speaks the contract."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.measure_context import measuring
from tests.support.metric_servers import FAULTS, NO_JSON, as_json, graphite, standing
from towpath.errors import BadRequest, TowpathError
from towpath.resources.analysis_template import QueryMetric
from towpath.resources.structs import view
from towpath.verification.provider import Measured
from towpath.verification.providers.graphite import Graphite

QUERY = "target=sumSeries(errors.*, hits)\n  &from=-5min&format=png"


def _config(url: str, query: str = QUERY) -> QueryMetric:
    return view(QueryMetric, {"address": url, "query": query})


@pytest.mark.parametrize(
    ("points", "value", "shown"),
    [
        ([[1, 10], [2.5, 20]], [1.0, 2.5], "[1.000000,2.500000]"),
        ([[None, 10], [3, 20], [None, 30]], [3.0], "[3.000000]"),
        ([[None, 10]], [], "[]"),
        ([["0.05", "10"]], [0.05], "[0.050000]"),
    ],
)
async def test_the_result_is_the_list_of_the_first_targets_values(
    points: list[Any], value: list[float], shown: str
) -> None:
    """Null is left out; other targets do not count."""
    targets = ({"target": "a", "datapoints": points}, {"target": "b", "datapoints": [[9, 9]]})
    with standing(graphite(*targets)) as server:
        async with measuring(server.url) as context:
            found = await Graphite().measure(context, _config(f"{server.url}/graphite/"))
    assert isinstance(found, Measured)
    assert (found.value, found.shown) == (value, shown)
    asked = server.asked[0]
    assert asked.path == "/graphite/render"
    assert asked.query == "format=json&from=-5min&target=sumSeries%28errors.%2A%2Chits%29"


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ((), "no target that is known"),
        (({"target": "a", "datapoints": []},), "no point in that time"),
        (({"target": "a", "datapoints": [["x", 1]]},), "'x' is no number"),
    ],
)
async def test_what_has_no_value_is_an_error(targets: Any, said: str) -> None:
    """What has no value is an error."""
    with standing(graphite(*targets)) as server:
        async with measuring(server.url) as context:
            with pytest.raises(TowpathError, match=f"GET .*/render: .*{said}"):
                await Graphite().measure(context, _config(server.url))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "not of Graphite"),
        ([1], "not of Graphite"),
        ([{"datapoints": {}}], "not of Graphite"),
        ([{"datapoints": [[1]]}], "no pair"),
        ([{"datapoints": [[True, 1]]}], "no pair"),
        ([{"datapoints": [[1, 1]] * 60_000}], "50,000 may be"),
    ],
)
async def test_json_of_somebody_else_is_an_error(body: Any, said: str) -> None:
    """JSON of somebody else is an error."""
    with standing(lambda _: as_json(body)) as server:
        async with measuring(server.url) as context:
            with pytest.raises(TowpathError, match=said):
                await Graphite().measure(context, _config(server.url))


@pytest.mark.parametrize("fault", FAULTS | NO_JSON)
async def test_a_fault_is_an_error_that_says_what_came(fault: str) -> None:
    """A fault is an error that says what came."""
    answer, said = (FAULTS | NO_JSON)[fault]
    with standing(graphite({"target": "a", "datapoints": [[1, 1]]})) as server:
        server.fault = answer
        async with measuring(server.url) as context:
            with pytest.raises(TowpathError) as caught:
                await Graphite().measure(context, _config(server.url))
    assert re.search(said, caught.value.message, re.DOTALL), caught.value.message


@pytest.mark.parametrize(
    ("address", "query", "said"),
    [
        ("", QUERY, "graphite.address: write the address"),
        ("ftp://x", QUERY, "is no address"),
        ("http://g", " ", "graphite.query: write a query"),
        ("http://g", "sumSeries(a)", "names no target"),
    ],
)
async def test_what_cannot_be_asked_is_named(address: str, query: str, said: str) -> None:
    """What cannot be asked is named."""
    async with measuring() as context:
        with pytest.raises(BadRequest, match=said):
            await Graphite().measure(context, _config(address, query))
    assert Graphite().described(_config(address, "q")) == {"ResolvedGraphiteQuery": "q"}
