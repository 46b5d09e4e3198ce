"""The provider `influxdb`, against a stand-in that is held to InfluxDB's own description."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cloud_metrics import INFLUXDB, influxdb
from tests.support.measure_context import measuring
from tests.support.metric_servers import FAULTS, standing
from towpath.errors import TowpathError
from towpath.resources.analysis_template import InfluxdbMetric
from towpath.resources.structs import view
from towpath.runtime.aside import LIGHT
from towpath.verification.provider import Measured
from towpath.verification.providers.influxdb import Influxdb, result

if TYPE_CHECKING:
    from towpath.demo.loopback import Answer

QUERY = 'from(bucket: "app_istio") |> range(start: -15m) |> mean()'


def table(kind: str, *cells: str, default: str = "") -> str:
    """Return a table in annotated CSV as InfluxDB writes it."""
    lines = [
        f"#datatype,string,long,dateTime:RFC3339,{kind},string",
        "#group,false,false,true,false,true",
        f"#default,_result,,,{default},",
        ",result,table,_time,_value,host",
        *(f",,0,2026-03-01T12:00:00Z,{cell},web-1" for cell in cells),
    ]
    return "\r\n".join((*lines, "", ""))


TEXT = "text/plain"
NO_CSV: dict[str, tuple[Answer, str]] = {
    "text": ((200, {"Content-Type": TEXT}, b"all is well"), "no annotated CSV.*all is well"),
    "HTML": ((200, {"Content-Type": "text/html"}, b"<html><p>Log in</p>"), "no annotated.*Log in"),
    "JSON": ((200, {}, b'{"a": [1, 2]}'), "no annotated CSV"),
    "nothing": ((200, {}, b""), "gives no row"),
    "empty lines": ((200, {}, b"\r\n\r\n"), "gives no row"),
    "bytes": ((200, {}, b"\xff\x00\x80,\r,"), "no annotated CSV"),
}


def _secrets(url: str) -> dict[str, dict[str, str]]:
    return {"influxdb": INFLUXDB | {"address": f"{url}/"}}


async def _measured(server: Any, **config: Any) -> Measured:
    async with measuring(server.url, secrets=_secrets(server.url)) as context:
        metric = view(InfluxdbMetric, {"query": QUERY} | config)
        found = await Influxdb().measure(context, metric)
    assert isinstance(found, Measured)
    return found


@pytest.mark.parametrize(
    ("answer", "value", "shown"),
    [
        (table("double", "0.05", "1000000", "1e-07"), [0.05, 1e6, 1e-7], "[0.05 1e+06 1e-07]"),
        (table("long", "3", "-4"), [3, -4], "[3 -4]"),
        (table("unsignedLong", "18446744073709551615"), [2**64 - 1], "[18446744073709551615]"),
        (table("boolean", "true", "false"), [True, False], "[true false]"),
        (table("string", '"a, ""b"""', "c"), ['a, "b"', "c"], '[a, "b" c]'),
        (table("double", "", "2"), [None, 2.0], "[<nil> 2]"),
        (table("double", "", "2", default="7"), [7.0, 2.0], "[7 2]"),
        (table("double", "1") + table("long", "2") + table("string", "x"), [1.0, 2, "x"], "[1 2 x]"),
        (table("double", "1").strip() + "\n" + table("double", "2"), [1.0, 2.0], "[1 2]"),
        (table("double", "+Inf", "-Inf"), [math.inf, -math.inf], "[+Inf -Inf]"),
    ],
)  # fmt: skip
async def test_the_result_is_the_list_of_all_values_in_order(
    answer: str, value: list[Any], shown: str
) -> None:
    """Each of its kind, over all tables."""
    with standing(influxdb(answer)) as server:
        found = await _measured(server)
    assert (found.value, found.shown) == (value, shown)
    assert list(map(type, found.value)) == list(map(type, value))
    assert json.loads(server.asked[0].body)["query"] == QUERY


async def test_nan_is_a_number() -> None:
    """Conditions ask for it by isNaN."""
    with standing(influxdb(table("double", "NaN"))) as server:
        found = await _measured(server)
    assert math.isnan(found.value[0])
    assert found.shown == "[NaN]"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (table("double"), "gives no row"),
        (
            table("double", "1")
            + "#datatype,string,string\n#group,true,true\n#default,,\n,error,reference\n,out of memory,897\n",
            "the query fails: out of memory",
        ),
        ("error,reference\nfailed to parse query,897\n", "the query fails: failed to parse query"),
        (table("double", "1").replace("_value", "mean"), "rows that have no _value"),
        (table("double", "many"), "a double that is none: 'many'"),
        (table("long", "1.5"), "a long that is none: '1.5'"),
        (",result,table,_value\n,,0,1\n", "no annotated CSV.*no #datatype"),
        (table("double", *["1"] * 50_001), "more than 50,000 values"),
    ],
)
async def test_a_failure_inside_of_a_200_is_an_error(answer: str, said: str) -> None:
    """And so is what has no value."""
    with standing(influxdb(answer)) as server, pytest.raises(TowpathError) as caught:
        await _measured(server)
    assert re.search(f"POST .*/api/v2/query: .*{said}", caught.value.message, re.DOTALL), (
        caught.value.message
    )


@pytest.mark.parametrize("fault", FAULTS | NO_CSV)
async def test_a_fault_is_an_error_that_says_what_came(fault: str) -> None:
    """Without the token."""
    answer, said = (FAULTS | NO_CSV)[fault]
    with standing(influxdb(table("double", "1"))) as server:
        server.fault = answer
        with pytest.raises(TowpathError) as caught:
            await _measured(server)
    assert re.search(said, caught.value.message, re.DOTALL), caught.value.message
    assert INFLUXDB["authToken"] not in caught.value.message


async def test_a_large_answer_is_read_all_the_same() -> None:
    """In a process of its own."""
    with standing(influxdb(table("double", *["0.25"] * 30_000))) as server:
        found = await _measured(server)
    assert found.value == [0.25] * 30_000


@given(st.text(max_size=300) | st.text(alphabet=',"#\r\n_valueor1', max_size=60))
def test_whatever_comes_is_a_measurement_or_an_error(text: str) -> None:
    """Never anything else."""
    body = text.encode("utf-8", "replace")
    try:
        found = result(body)
    except TowpathError:
        return
    assert found.value


@pytest.mark.parametrize(
    ("secret", "config", "said"),
    [
        ({}, {}, "Secret shop/influxdb: it has no address, authToken, org"),
        (INFLUXDB, {}, "Secret shop/influxdb: it has no address"),
        (INFLUXDB | {"address": "influx"}, {}, "key address: 'influx' is no address"),
        (INFLUXDB, {"profile": "other"}, "Secret shop/other does not exist"),
        (INFLUXDB, {"query": "\n"}, "influxdb.query: write a query"),
    ],
)
async def test_what_cannot_be_asked_is_named(
    secret: dict[str, str], config: dict[str, str], said: str
) -> None:
    """What cannot be asked is named."""
    async with measuring(secrets={"influxdb": secret}) as context:
        with pytest.raises(TowpathError, match=said):
            await Influxdb().measure(context, view(InfluxdbMetric, {"query": QUERY} | config))


async def test_what_takes_longer_than_ten_milliseconds_is_not_read_at_once() -> None:
    """Rows cost more than JSON does, so fewer bytes of them are read where others wait."""
    weights: list[int] = []

    class Weighing:
        async def run(self, work: Any, *given: Any, weight: int, **_: Any) -> Any:
            weights.append(weight)
            return work(*given)

    answer = table("double", *["0.25"] * 400)
    with standing(influxdb(answer)) as server:
        async with measuring(server.url, secrets=_secrets(server.url)) as context:
            weighing: Any = Weighing()
            told = replace(context, aside=weighing)
            await Influxdb().measure(told, view(InfluxdbMetric, {"query": QUERY}))
    assert weights[0] > LIGHT
