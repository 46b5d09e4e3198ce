"""`datadog`: the last point of a query (API v1), or what queries and a formula come to (API v2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlencode

import msgspec

from towpath import messages
from towpath.errors import BadRequest, Unavailable
from towpath.expressions import gotext
from towpath.resources.analysis_template import DatadogMetric
from towpath.verification import json_answer, number_texts, request, service_secret
from towpath.verification.provider import BaseProvider, Measured
from towpath.verification.request import MeasuringRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.fields import Struct
    from towpath.verification.provider import Answer, MeasureContext
    from towpath.verification.service_secret import ServiceSecret

SECRET: Final = "datadog"  # noqa: S105 - the name of one
"""Where the template names none."""
_ADDRESS: Final = "https://api.datadoghq.com"
_KEYS: Final = ("api-key", "app-key")
_SECONDS: Final = 10.0
_INTERVAL_SECONDS: Final = 300.0
_LONGEST_INTERVAL: Final = 366 * 24 * 3600.0
_AGGREGATOR: Final = "last"
_AGGREGATORS: Final = ("avg", "min", "max", "sum", "last", "percentile", "mean", "l2norm", "area")
_ONE: Final = "query"
"""How a query is named that stands alone."""
_MOST_GROUPS: Final = 50_000
_NOTED_GROUPS: Final = 100
"""Of an answer by groups, in the measurement's metadata."""


class Datadog(BaseProvider):
    """Asks Datadog."""

    name: ClassVar[str] = "datadog"
    config: ClassVar[type[Struct]] = DatadogMetric

    async def measure(self, context: MeasureContext, config: DatadogMetric) -> Answer:
        """Ask; the result is a number, a list of them where the answer is by groups, or nil where it is empty."""
        check(config)
        seconds = request.span(config.request_timeout, _SECONDS, field="datadog.requestTimeout")
        interval = request.span(
            config.interval, _INTERVAL_SECONDS, field="datadog.interval", most=_LONGEST_INTERVAL
        )
        to = int(context.now.timestamp())
        secret = await _secret(context, config)
        asked = _first if config.api_version != "v2" else _second
        asking = asked(config, secret, to - int(interval), to, seconds)
        answer = await asking.succeed(context, statuses=request.OK)
        reading = first_result if config.api_version != "v2" else second_result
        return await json_answer.read(context, answer, reading, what=asking.shown)


def check(config: DatadogMetric) -> None:
    """Raise BadRequest for queries that contradict one another, or the version of the API."""
    if config.query and config.queries:
        raise BadRequest("datadog: write query or queries, not both")
    if not config.query and not config.queries:
        raise BadRequest("datadog.query: write a query, such as avg:system.load.1{*}")
    if config.api_version != "v2":
        if not config.query:
            raise BadRequest("datadog.queries: they need apiVersion: v2; version 1 takes one query")
        if config.aggregator:
            raise BadRequest("datadog.aggregator: it needs apiVersion: v2")
    if config.formula and not config.queries:
        raise BadRequest("datadog.formula: it needs queries, whose names stand in it")
    if len(config.queries) > 1 and not config.formula:
        raise BadRequest("datadog.formula: several queries need one that makes a number of them")
    if config.aggregator and config.aggregator not in _AGGREGATORS:
        raise BadRequest(
            f"datadog.aggregator: {messages.cut(messages.plain(config.aggregator), 40)!r} is none of "
            f"{', '.join(_AGGREGATORS)}"
        )


async def _secret(context: MeasureContext, config: DatadogMetric) -> ServiceSecret:
    given = config.secret_ref
    if given is None:
        return await service_secret.opened(context, SECRET, keys=_KEYS)
    return await service_secret.opened(
        context, given.name or SECRET, keys=_KEYS, is_own=given.namespaced
    )


def _headers(secret: ServiceSecret) -> list[tuple[str, str]]:
    api, app = secret.need(*_KEYS)
    return [
        ("Content-Type", "application/json"),
        ("DD-API-KEY", api),
        ("DD-APPLICATION-KEY", app),
    ]


def _first(
    config: DatadogMetric, secret: ServiceSecret, start: int, end: int, seconds: float
) -> MeasuringRequest:
    """Return the request of version 1. `start`, `end`: in seconds since 1970."""
    url = secret.address("api/v1/query", usual=_ADDRESS)
    asked = urlencode({"from": start, "query": config.query, "to": end})
    return MeasuringRequest(
        url=f"{url}{'&' if '?' in url else '?'}{asked}",
        headers=_headers(secret),
        seconds=seconds,
        follows=False,
    )


def _second(
    config: DatadogMetric, secret: ServiceSecret, start: int, end: int, seconds: float
) -> MeasuringRequest:
    """Return the request of version 2, which counts in milliseconds."""
    queries = config.queries or {_ONE: config.query}
    asked = {
        "data": {
            "type": "scalar_request",
            "attributes": {
                "from": start * 1000,
                "to": end * 1000,
                "queries": [
                    {
                        "aggregator": config.aggregator or _AGGREGATOR,
                        "data_source": "metrics",
                        "name": name,
                        "query": query,
                    }
                    for name, query in sorted(queries.items())
                ],
                "formulas": [{"formula": config.formula}] if config.formula else [],
            },
        }
    }
    return MeasuringRequest(
        url=secret.address("api/v2/query/scalar", usual=_ADDRESS),
        method="POST",
        headers=_headers(secret),
        body=msgspec.json.encode(asked),
        seconds=seconds,
        follows=False,
    )


# --- answers -------------------------------------------------------------------------------------------


def first_result(body: bytes) -> Measured:
    """Return the measurement that an answer of version 1 is. Raises Unavailable for what is none."""
    found = _object(json_answer.value(body), "it is no object")
    if found.get("status") == "error" or found.get("error"):
        raise Unavailable(f"Datadog refuses the query: {_said(found.get('error'))}")
    series = found.get("series")
    if series is not None and not isinstance(series, list):
        raise _no_datadog("series is no list")
    if not series:
        return Measured(value=None, shown="null" if series is None else "[]")
    points = _object(series[0], "a series is no object").get("pointlist")
    if points is not None and not isinstance(points, list):
        raise _no_datadog("a pointlist is no list")
    if not points:
        return Measured(value=None, shown=gotext.json_text([{"pointlist": points}]))
    match points[-1]:
        case [_, None]:
            return Measured(value=None, shown="null")
        case [_, float() as number]:
            return Measured(value=number, shown=number_texts.plain(number))
        case _:
            raise _no_datadog("a point is no pair of a time and a number")


def second_result(body: bytes) -> Measured:
    """Return the measurement that an answer of version 2 is. Raises Unavailable for what is none."""
    found = _object(json_answer.value(body), "it is no object")
    data = found.get("data")
    told = found.get("errors") or (data.get("errors") if isinstance(data, dict) else None)
    if told:
        raise Unavailable(f"Datadog refuses the query: {_said(told)}")
    attributes = (_object(data, "data is no object") if data is not None else {}).get("attributes")
    columns = _object(attributes, "attributes is no object").get("columns") if attributes else None
    if columns is not None and not isinstance(columns, list):
        raise _no_datadog("columns is no list")
    groups, numbers = [], None
    for column in columns or ():
        kind = _object(column, "a column is no object").get("type")
        values = column.get("values")
        if values is not None and not isinstance(values, list):
            raise _no_datadog("the values of a column are no list")
        if kind == "group":
            groups.append(values or [])
        elif kind in (None, "", "number"):
            numbers = (values or []) if numbers is None else numbers
    rows = _numbers(numbers or [])
    if not groups:
        first = next((number for number in rows if number is not None), None)
        shown = "null" if first is None else number_texts.plain(first)
        return Measured(value=first, shown=shown)
    return _by_groups(rows, groups)


def _numbers(values: list[Any]) -> list[float | None]:
    if len(values) > _MOST_GROUPS:
        raise Unavailable(
            f"the query gives {len(values):,} groups, and {_MOST_GROUPS:,} may be; group by fewer tags"
        )
    if not all(each is None or isinstance(each, float) for each in values):
        raise _no_datadog("a value is no number")
    return values


def _by_groups(rows: list[float | None], groups: list[list[Any]]) -> Measured:
    """Return the measurement of an answer by groups, with the groups named."""
    named = [
        (_group(groups, place), number) for place, number in enumerate(rows) if number is not None
    ]
    if not named:
        return Measured(value=None, shown="null")
    values = [number for _, number in named]
    noted: dict[str, str] = {}
    if len(named) > _NOTED_GROUPS:
        ranked = sorted(named, key=lambda each: each[1])
        half = _NOTED_GROUPS // 2
        named = ranked[:half] + ranked[-half:]
        noted["groups_truncated"] = "true"
    return Measured(
        value=values,
        shown=number_texts.listed(number_texts.plain(number) for number in values),
        metadata={
            "groups": gotext.json_text([{"name": name, "value": number} for name, number in named]),
            **noted,
        },
    )


def _group(groups: list[list[Any]], place: int) -> str:
    """Return the name of a group: its tags, as each column of groups has them."""
    found: list[str] = []
    for column in groups:
        tags = column[place] if place < len(column) else ()
        found += [str(tag) for tag in (tags if isinstance(tags, list) else (tags,))]
    return messages.cut(messages.plain(",".join(found)), messages.FOREIGN_BYTES)


def _object(value: Any, wrong: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _no_datadog(wrong)
    return value


def _no_datadog(wrong: str) -> Unavailable:
    return Unavailable(f"the answer is JSON, but not of Datadog: {wrong}")


def _said(told: Any) -> str:
    texts = told if isinstance(told, list) else [told]
    words = "; ".join(each for each in texts if isinstance(each, str))
    return messages.cut(messages.plain(words), messages.FOREIGN_BYTES) or "it does not say why"
