"""The provider `wavefront`, against a stand-in that speaks its chart API."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.support.cloud_metrics import NOW_SECONDS, OneServer, wavefront
from tests.support.measure_context import measuring
from tests.support.metric_servers import FAULTS, NO_JSON, as_json, standing
from towpath.errors import TowpathError
from towpath.resources.analysis_template import QueryMetric
from towpath.resources.structs import view
from towpath.verification.provider import Answer, Measured
from towpath.verification.providers.wavefront import Wavefront

HOST = "shop.wavefront.com"
TOKEN = "wf-token-1"
SECRETS = {"wavefront-api-tokens": {HOST: TOKEN, "other.wavefront.com": "wf-token-2"}}
GOOD = {"timeseries": [{"label": "a", "data": [[NOW_SECONDS, 1]]}]}


async def _measured(server: Any, address: str = HOST) -> tuple[Answer, list[str]]:
    async with measuring(server.url, secrets=SECRETS) as context:
        one = OneServer(context.http, server.url)
        config = view(QueryMetric, {"address": address, "query": "ts(errors)"})
        return await Wavefront().measure(replace(context, http=one), config), one.urls


@pytest.mark.parametrize(
    ("series", "value", "shown", "noted"),
    [
        ([[[NOW_SECONDS - 60, 0.126]]], 0.126, "0.13", {"timestamps": "1772366340", "drift": "-60"}),
        (
            [[[NOW_SECONDS - 60, 5], [NOW_SECONDS + 30, 7], [NOW_SECONDS + 90, 9]]],
            7.0,
            "7.00",
            {"timestamps": "1772366430", "drift": "30"},
        ),
        (
            [[[NOW_SECONDS, 1]], [[NOW_SECONDS - 1, 2.5]]],
            [1.0, 2.5],
            "[1.00,2.50]",
            {"timestamps": "[1772366400,1772366399]", "drift": "[0,-1]"},
        ),
        ([[]], 0.0, "0.00", {"timestamps": "0", "drift": "none"}),
    ],
)  # fmt: skip
async def test_of_each_series_the_point_nearest_to_now_counts(
    series: list[Any], value: Any, shown: str, noted: dict[str, str]
) -> None:
    """One series is a number, several are a list."""
    answer = {"timeseries": [{"data": data} for data in series], "warnings": "slow query"}
    with standing(wavefront(answer, token=TOKEN)) as server:
        found, urls = await _measured(server)
    assert isinstance(found, Measured)
    assert (found.value, found.shown) == (value, shown)
    assert found.metadata == noted | {"warnings": "slow query"}
    assert urls[0].startswith(f"https://{HOST}/api/v2/chart/api?q=ts%28errors%29&")


async def test_the_token_is_the_one_of_the_address() -> None:
    """Whether it is written with https:// or not."""
    with standing(wavefront(GOOD, token="wf-token-2")) as server:
        await _measured(server, "https://other.wavefront.com/")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"timeseries": []}, "gives no series"),
        ({"query": "ts(errors)"}, "gives no series"),
        ({"errorType": "QuerySyntaxError", "errorMessage": "at 3"}, "QuerySyntaxError: at 3"),
        ([], "not of Wavefront"),
        ({"timeseries": {"a": 1}}, "not of Wavefront"),
        ({"timeseries": [{"data": {"a": 1}}]}, "not of Wavefront"),
        ({"timeseries": [{"data": [[1]]}]}, "no pair"),
        ({"timeseries": [{"data": [[1, None]]}]}, "no pair"),
        ({"timeseries": [{}] * 20_000}, "10,000 may be"),
    ],
)
async def test_what_has_no_number_is_an_error(answer: Any, said: str) -> None:
    """What has no number is an error."""
    refused = pytest.raises(TowpathError, match=f"GET .*/chart/api: .*{said}")
    with standing(lambda _: as_json(answer)) as server, refused:
        await _measured(server)


@pytest.mark.parametrize("fault", FAULTS | NO_JSON)
async def test_a_fault_is_an_error_that_says_what_came(fault: str) -> None:
    """A fault is an error that says what came."""
    answer, said = (FAULTS | NO_JSON)[fault]
    with standing(wavefront(GOOD, token=TOKEN)) as server:
        server.fault = answer
        with pytest.raises(TowpathError) as caught:
            await _measured(server)
    assert re.search(said, caught.value.message, re.DOTALL), caught.value.message
    assert TOKEN not in caught.value.message


@pytest.mark.parametrize(
    ("address", "query", "said"),
    [
        ("", "q", "wavefront.address: write the host alone"),
        ("http://shop.wavefront.com", "q", "asked by HTTPS"),
        ("evil.example/shop.wavefront.com", "q", "write the host alone"),
        ("third.wavefront.com", "q", "wavefront-api-tokens: it has no token for third.wavefront.com"),
        (HOST, "", "wavefront.query: write a query"),
    ],
)  # fmt: skip
async def test_what_cannot_be_asked_is_named(address: str, query: str, said: str) -> None:
    """And no token goes to an address that it is not for."""
    async with measuring(secrets=SECRETS) as context:
        with pytest.raises(TowpathError, match=re.escape(said)):
            await Wavefront().measure(
                context, view(QueryMetric, {"address": address, "query": query})
            )
