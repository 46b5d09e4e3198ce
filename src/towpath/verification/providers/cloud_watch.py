"""`cloudWatch`: series of AWS CloudWatch, by GetMetricData in AWS' JSON protocol."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec

from towpath import messages
from towpath.errors import BadRequest, NotFound, Unavailable
from towpath.expressions import gotext
from towpath.resources import moments
from towpath.resources.analysis_template import CloudWatchMetric
from towpath.verification import authentication, json_answer, number_texts, request
from towpath.verification.aws_access import AwsCredentials
from towpath.verification.provider import BaseProvider, Measured
from towpath.verification.request import MeasuringRequest
from towpath.verification.service_secret import ServiceSecret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.analysis_template import CloudWatchQuery
    from towpath.resources.fields import Struct
    from towpath.verification.provider import Answer, MeasureContext

SECRET: Final = "cloudwatch"  # noqa: S105 - the name of one
"""Of a Project that has credentials of its own."""
_SERVICE: Final = "monitoring"
_TARGET: Final = "GraniteServiceVersion20100801.GetMetricData"
_SECONDS: Final = 30.0
_INTERVAL_SECONDS: Final = 300.0
_LONGEST_INTERVAL: Final = 455 * 24 * 3600.0
"""So long AWS keeps metrics."""
_REGION: Final = re.compile(r"[a-z]{2}[a-z0-9-]{1,38}", re.ASCII)
_MOST_QUERIES: Final = 500
"""That AWS takes."""
_COST: Final = 5
"""As many times that of JSON: every number is looked at and written, and every time."""
_MOST_VALUES: Final = 100_800
"""That AWS answers."""


class CloudWatch(BaseProvider):
    """Asks AWS CloudWatch."""

    name: ClassVar[str] = "cloudWatch"
    config: ClassVar[type[Struct]] = CloudWatchMetric

    async def measure(self, context: MeasureContext, config: CloudWatchMetric) -> Answer:
        """Ask for the time up to now; the result is the list of series, with capital letters as AWS writes their fields."""
        queries = written(config)
        interval = request.span(
            config.interval, _INTERVAL_SECONDS, field="cloudWatch.interval", most=_LONGEST_INTERVAL
        )
        credentials = await _credentials(context)
        end = context.now.timestamp()
        asking = MeasuringRequest(
            url=_url(credentials.region),
            method="POST",
            headers=[("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", _TARGET)],
            body=msgspec.json.encode(
                {"StartTime": end - interval, "EndTime": end, "MetricDataQueries": queries}
            ),
            seconds=_SECONDS,
            follows=False,
        )
        signed = authentication.signed_with(credentials, asking, _SERVICE, context.now)
        answer = await signed.succeed(context, statuses=request.OK)
        return await json_answer.read(context, answer, result, what=asking.shown, cost=_COST)


async def _credentials(context: MeasureContext) -> AwsCredentials:
    """Return those of the Project's own Secret, or else the server's."""
    try:
        values = await context.secrets.read(SECRET)
    except NotFound:
        return await context.aws.credentials()
    secret = ServiceSecret(place=f"{context.project}/{SECRET}", values=values)
    key_id, secret_key, region = secret.need("access-key-id", "secret-access-key", "region")
    return AwsCredentials(
        key_id=key_id, secret_key=secret_key, token=secret.get("session-token"), region=region
    )


def _url(region: str) -> str:
    """Return where CloudWatch is in a region."""
    if not region:
        raise BadRequest(
            "cloudWatch: no region is known: the server's operator sets AWS_REGION, or the Project's Secret "
            f"{SECRET} has the key region"
        )
    if not _REGION.fullmatch(region):
        raise BadRequest(
            f"cloudWatch: the region {messages.cut(messages.plain(region), 60)!r} is none, such as eu-central-1"
        )
    ending = ".cn" if region.startswith("cn-") else ""
    return f"https://{_SERVICE}.{region}.amazonaws.com{ending}/"


# --- queries -------------------------------------------------------------------------------------------


def written(config: CloudWatchMetric) -> list[dict[str, Any]]:
    """Return the queries as AWS has them. Raises BadRequest for what is incomplete."""
    given = config.metric_data_queries
    if not given:
        raise BadRequest("cloudWatch.metricDataQueries: write one")
    if len(given) > _MOST_QUERIES:
        raise BadRequest(f"cloudWatch.metricDataQueries: at most {_MOST_QUERIES} are taken")
    return [
        _query(query, f"cloudWatch.metricDataQueries[{place}]") for place, query in enumerate(given)
    ]


def _query(query: CloudWatchQuery, field: str) -> dict[str, Any]:
    if not query.id:
        raise BadRequest(f"{field}.id: write one, such as rate: a small letter first")
    if bool(query.expression) == (query.metric_stat is not None):
        raise BadRequest(f"{field}: write expression or metricStat, one of them")
    found: dict[str, Any] = {"Id": query.id}
    if query.expression:
        found["Expression"] = query.expression
    if query.label:
        found["Label"] = query.label
    if query.metric_stat is not None:
        found["MetricStat"] = _stat(query.metric_stat, f"{field}.metricStat")
    if query.period is not None:
        found["Period"] = _whole(query.period, f"{field}.period")
    if query.return_data is not None:
        found["ReturnData"] = query.return_data
    return found


def _stat(given: Mapping[str, Any], field: str) -> dict[str, Any]:
    metric = given.get("metric")
    if not isinstance(metric, dict):
        raise BadRequest(f"{field}.metric: write namespace and metricName")
    told: dict[str, Any] = {
        name: _text(metric, key, f"{field}.metric")
        for name, key in (("Namespace", "namespace"), ("MetricName", "metricName"))
    }
    dimensions = metric.get("dimensions")
    if dimensions is not None:
        if not isinstance(dimensions, list) or not all(isinstance(d, dict) for d in dimensions):
            raise BadRequest(f"{field}.metric.dimensions: they must be a list of name and value")
        told["Dimensions"] = [
            {
                "Name": _text(each, "name", f"{field}.metric.dimensions[{place}]"),
                "Value": _text(each, "value", f"{field}.metric.dimensions[{place}]"),
            }
            for place, each in enumerate(dimensions)
        ]
    found = {
        "Metric": told,
        "Period": _whole(given.get("period"), f"{field}.period"),
        "Stat": _text(given, "stat", field),
    }
    if given.get("unit"):
        found["Unit"] = _text(given, "unit", field)
    return found


def _text(given: Mapping[str, Any], key: str, field: str) -> str:
    value = given.get(key)
    if not isinstance(value, str) or not value:
        raise BadRequest(f"{field}.{key}: write a text")
    return value


def _whole(value: Any, field: str) -> int:
    """Return seconds that are written as a number, or as a text of one."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if (
        isinstance(value, bool)
        or not (text.isascii() and text.isdigit())
        or not 0 < len(text) <= 7
        or int(text) < 1
    ):
        raise BadRequest(f"{field}: {text[:40]!r} is no number of seconds, such as 60")
    return int(text)


# --- answers -------------------------------------------------------------------------------------------


def result(body: bytes) -> Measured:
    """Return the measurement that an answer is. Raises Unavailable for what is none."""
    found = json_answer.value(body)
    if not isinstance(found, dict) or not isinstance(found.get("MetricDataResults"), list):
        raise _no_aws("it has no MetricDataResults")
    series = [_series(each) for each in found["MetricDataResults"]]
    if sum(len(each["Values"]) for each in series) > _MOST_VALUES:
        raise Unavailable(
            f"the answer has more than {_MOST_VALUES:,} values; ask for a longer period"
        )
    shown = number_texts.listed(
        (
            number_texts.listed((number_texts.general(v) for v in each["Values"]), between=" ")
            for each in series
        ),
        between=" ",
    )
    noted: dict[str, str] = {}
    if told := _messages(found.get("Messages")):
        noted["messages"] = messages.cut(gotext.json_text(told), 4 * messages.FOREIGN_BYTES)
    if found.get("NextToken"):
        noted["incomplete"] = "true"
    return Measured(value=series, shown=shown, metadata=noted)


def _series(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _no_aws("a series is no object")
    values, times = given.get("Values") or [], given.get("Timestamps") or []
    if not isinstance(values, list) or not isinstance(times, list):
        raise _no_aws("the values of a series are no list")
    return {
        "Id": given.get("Id"),
        "Label": given.get("Label"),
        "StatusCode": given.get("StatusCode") or "",
        "Timestamps": [_moment(each) for each in times],
        "Values": [_number(each) for each in values],
        "Messages": _messages(given.get("Messages")),
    }


def _messages(given: Any) -> list[dict[str, Any]]:
    return [
        {"Code": each.get("Code"), "Value": each.get("Value")}
        for each in (given if isinstance(given, list) else ())
        if isinstance(each, dict)
    ]


def _number(given: Any) -> float:
    try:
        return given if isinstance(given, float) else number_texts.number(str(given))
    except ValueError as error:
        raise _no_aws(f"a value is no number: {error}") from error


def _moment(given: Any) -> str:
    """Return a moment as a text, from seconds since 1970."""
    try:
        return moments.written(datetime.fromtimestamp(given, UTC)) if given is not None else ""
    except (TypeError, ValueError, OverflowError, OSError):
        return messages.cut(messages.plain(str(given)), 40)


def _no_aws(wrong: str) -> Unavailable:
    return Unavailable(f"the answer is JSON, but not of CloudWatch: {wrong}")
