"""`prometheus`: a PromQL query, of a moment or a range of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlencode

from towpath import expressions, messages
from towpath.errors import BadRequest, TowpathError, Unavailable
from towpath.expressions import ExpressionError, gotime
from towpath.expressions.budget import Heavy
from towpath.resources import durations
from towpath.resources.analysis_template import PrometheusMetric
from towpath.verification import authentication, json_answer, number_texts, request
from towpath.verification.provider import BaseProvider, Measured
from towpath.verification.request import SUCCESSES, MeasuringRequest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from towpath.resources.analysis_template import PrometheusRange
    from towpath.resources.fields import Struct
    from towpath.verification.provider import Answer, HttpAnswer, MeasureContext

_SECONDS: Final = 30.0
_NOT_BY_POST: Final = frozenset({405, 501})
_FORM: Final = ("Content-Type", "application/x-www-form-urlencoded")
_OF_AMAZON: Final = "aps-workspaces"
"""What stands in the addresses of Amazon's service: requests to it are signed."""
_SERVICE: Final = "aps"
_MOST_SAMPLES: Final = 50_000
"""Of one answer."""
_LONGEST_MOMENT: Final = 1_000
"""Characters of the expression of one."""
_NANOSECONDS: Final = 1e9


class Prometheus(BaseProvider):
    """Asks a server that speaks the HTTP API of Prometheus."""

    name: ClassVar[str] = "prometheus"
    config: ClassVar[type[Struct]] = PrometheusMetric

    def described(self, config: PrometheusMetric) -> Mapping[str, str]:
        """Return the query with its arguments put in, under the name that Argo Rollouts has for it."""
        return {"ResolvedPrometheusQuery": config.query} if config.query else {}

    async def measure(self, context: MeasureContext, config: PrometheusMetric) -> Answer:
        """Ask; the result is a number, or the list of the numbers of all series."""
        if not config.query.strip():
            raise BadRequest("prometheus.query: write a query")
        path, parameters = _parameters(config, context.now)
        asking = MeasuringRequest(
            url=request.joined(config.address, path, field="prometheus.address"),
            method="POST",
            headers=[*request.pairs(config.headers), _FORM],
            body=urlencode(parameters).encode(),
            seconds=request.seconds(config.timeout, _SECONDS, field="prometheus.timeout"),
            insecure=config.insecure,
        )
        answer = await (await _identified(context, asking, config)).send(context)
        if answer.status in _NOT_BY_POST:
            asking = MeasuringRequest(
                url=f"{asking.url}{'&' if '?' in asking.url else '?'}{urlencode(parameters)}",
                headers=request.pairs(config.headers),
                seconds=asking.seconds,
                insecure=asking.insecure,
            )
            answer = await (await _identified(context, asking, config)).send(context)
        if answer.status not in SUCCESSES:
            raise await _refused(context, asking, answer)
        return await json_answer.read(context, answer, result, what=asking.shown)


async def _identified(
    context: MeasureContext, asking: MeasuringRequest, config: PrometheusMetric
) -> MeasuringRequest:
    asking = await authentication.authenticated(context, asking, config.authentication)
    given = config.authentication
    if given is not None and given.sigv4 is not None and _OF_AMAZON in config.address:
        return await authentication.signed(context, asking, given.sigv4, _SERVICE)
    return asking


def _parameters(config: PrometheusMetric, now: datetime) -> tuple[str, dict[str, str]]:
    """Return the path below the address, and what is asked."""
    asked = {"query": config.query}
    if config.range_query is None:
        return "api/v1/query", asked | {"time": _unix(now.timestamp())}
    start, end = (
        _moment(text, now, field=f"prometheus.rangeQuery.{name}")
        for name, text in (("start", config.range_query.start), ("end", config.range_query.end))
    )
    if end < start:
        raise BadRequest("prometheus.rangeQuery: it ends before it starts")
    step = _step(config.range_query)
    return "api/v1/query_range", asked | {
        "start": _unix(start),
        "end": _unix(end),
        "step": _unix(step),
    }


def _moment(text: str, now: datetime, *, field: str) -> float:
    """Return the moment that an expression is, in seconds since 1970."""
    if not text.strip():
        raise BadRequest(f'{field}: write an expression, such as now() - duration("1h")')
    if len(text) > _LONGEST_MOMENT:
        raise BadRequest(f"{field}: it is longer than {_LONGEST_MOMENT} characters")
    try:
        found = expressions.compile(text).evaluate({}, now=now, light=True)
    except ExpressionError as error:
        raise BadRequest(f"{field}: {error}") from error
    except Heavy as error:
        raise BadRequest(f"{field}: the expression is too much work for a moment") from error
    if not isinstance(found, gotime.Time):
        raise BadRequest(f'{field}: it is no moment; write one such as now() - duration("1h")')
    return found.ns / _NANOSECONDS


def _step(range_query: PrometheusRange) -> float:
    try:
        step = durations.parse(range_query.step) / durations.SECOND
    except ValueError as error:
        raise BadRequest(
            f"prometheus.rangeQuery.step: {error}; write {durations.RIGHT_FORM}"
        ) from error
    if step <= 0:
        raise BadRequest("prometheus.rangeQuery.step: it must be more than no time")
    return step


def _unix(seconds: float) -> str:
    return number_texts.plain(round(seconds, 3))


async def _refused(
    context: MeasureContext, asking: MeasuringRequest, answer: HttpAnswer
) -> Unavailable:
    """Return the error of an answer that is no success: in the API's words where it has some."""
    try:
        said = await json_answer.read(context, answer, _error, what=asking.shown)
    except TowpathError:
        said = ""
    told = f"HTTP {answer.status}: {said}" if said else request.refusal(answer)
    return Unavailable(f"{asking.shown}: {told}")


def _error(body: bytes) -> str:
    found = json_answer.value(body)
    if not isinstance(found, dict) or found.get("status") != "error":
        return ""
    kind, said = found.get("errorType"), found.get("error")
    words = [each for each in (kind, said) if isinstance(each, str) and each]
    return messages.cut(messages.plain(": ".join(words)), messages.FOREIGN_BYTES)


def result(body: bytes) -> Measured:
    """Return the measurement that a successful answer is. Raises Unavailable for what is none."""
    found = json_answer.value(body)
    if not isinstance(found, dict):
        raise Unavailable("the answer is JSON, but not of Prometheus: it is no object")
    if found.get("status") != "success":
        raise Unavailable(_error(body) or "the answer is JSON, but not of Prometheus: no status")
    data = found.get("data")
    kind, given = (
        (data.get("resultType"), data.get("result")) if isinstance(data, dict) else ("", 0)
    )
    noted = _warnings(found.get("warnings"))
    match kind, given:
        case "scalar", [_, _]:
            number = _sample(given)
            return Measured(value=number, shown=number_texts.plain(number), metadata=noted)
        case "vector", list():
            samples = [_value(series, "value") for series in given]
        case "matrix", list():
            samples = [each for series in given for each in _value(series, "values", is_list=True)]
        case "string", _:
            raise Unavailable("the query gives a text; a metric needs one that gives numbers")
        case _:
            raise Unavailable(f"the answer has a result of an unknown type {str(kind)[:40]!r}")
    if len(samples) > _MOST_SAMPLES:
        raise Unavailable(
            f"the query gives {len(samples):,} numbers, and {_MOST_SAMPLES:,} may be; aggregate in the query"
        )
    numbers = [_sample(each) for each in samples]
    shown = number_texts.listed(number_texts.plain(number) for number in numbers)
    return Measured(value=numbers, shown=shown, metadata=noted)


def _value(series: Any, key: str, *, is_list: bool = False) -> Any:
    """Return the sample of a series, or its samples."""
    if not isinstance(series, dict) or not isinstance(series.get(key), list):
        if isinstance(series, dict) and ("histogram" in series or "histograms" in series):
            raise Unavailable(
                "the query gives histograms; take a number of them, such as by histogram_quantile"
            )
        if is_list and isinstance(series, dict):
            return []
        raise Unavailable(f"a series of the answer has no {key}")
    return series[key]


def _sample(sample: Any) -> float:
    match sample:
        case [_, str() as text]:
            try:
                return number_texts.number(text)
            except ValueError as error:
                raise Unavailable(f"the answer has a sample that is no number: {error}") from error
        case _:
            raise Unavailable("the answer has a sample that is no pair of a time and a text")


def _warnings(given: Any) -> dict[str, str]:
    told = [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
    shown = messages.statements(told, 10)
    return {"warnings": messages.cut(messages.plain(shown), messages.FOREIGN_BYTES)} if told else {}
