"""`wavefront`: the points of series that are nearest to now, by Wavefront's chart API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlencode

from towpath import messages
from towpath.errors import BadRequest, NotFound, Unavailable
from towpath.resources.analysis_template import QueryMetric
from towpath.verification import json_answer, number_texts, request, service_secret
from towpath.verification.provider import BaseProvider, Measured
from towpath.verification.request import MeasuringRequest

if TYPE_CHECKING:
    from towpath.resources.fields import Struct
    from towpath.verification.provider import Answer, MeasureContext

SECRET: Final = "wavefront-api-tokens"  # noqa: S105 - the name of one
"""Its keys are addresses, its values tokens."""
_SECONDS: Final = 10.0
_SECURE: Final = "https://"
_MOST_SERIES: Final = 10_000
_DIGITS: Final = 2


class Wavefront(BaseProvider):
    """Asks Wavefront."""

    name: ClassVar[str] = "wavefront"
    config: ClassVar[type[Struct]] = QueryMetric

    async def measure(self, context: MeasureContext, config: QueryMetric) -> Answer:
        """Ask; the result is a number, or a list of numbers where the query gives several series."""
        if not config.query.strip():
            raise BadRequest("wavefront.query: write a query, such as ts(errors.rate)")
        host = config.address.strip().removeprefix(_SECURE).rstrip("/")
        if not host or any(mark in host for mark in "/?#@\\"):
            raise BadRequest(
                "wavefront.address: write the host alone, such as shop.wavefront.com; it is asked by HTTPS"
            )
        secret = await service_secret.opened(context, SECRET, keys=[host])
        if host not in secret.values:
            raise NotFound(
                f"Secret {secret.place}: it has no token for {messages.cut(messages.plain(host), 200)}; add it under this key"
            )
        (token,) = secret.need(host)
        moment = int(context.now.timestamp())
        asked = {
            "q": config.query,
            "s": moment * 1000,
            "e": moment * 1000,
            "g": "s",
            "p": 1,
            "i": "true",
            "autoEvents": "false",
            "listmode": "false",
            "strict": "false",
            "includeObsoleteMetrics": "false",
        }
        url = request.joined(_SECURE + host, "api/v2/chart/api", field="wavefront.address")
        asking = MeasuringRequest(
            url=f"{url}?{urlencode(asked)}",
            headers=[("Authorization", f"Bearer {token}"), ("Accept", "application/json")],
            seconds=_SECONDS,
            follows=False,
        )
        answer = await asking.succeed(context, statuses=request.OK)
        return await json_answer.read(context, answer, result, moment, what=asking.shown)


@dataclass(frozen=True, slots=True)
class _Point:
    """The point of a series that counts; without any it is 0, as with Argo Rollouts."""

    value: float = 0.0
    seconds: int = 0
    drift: str = "none"
    """How many seconds it is later than the measurement."""


def result(body: bytes, moment: int) -> Measured:
    """Return the measurement that an answer is. `moment`: now, in seconds since 1970. Raises Unavailable for what is none."""
    found = json_answer.value(body)
    if not isinstance(found, dict):
        raise Unavailable("the answer is JSON, but not of Wavefront: it is no object")
    if found.get("errorType") or found.get("errorMessage"):
        told = [found.get("errorType"), found.get("errorMessage")]
        said = ": ".join(each for each in told if isinstance(each, str))
        raise Unavailable(
            f"Wavefront refuses the query: {messages.cut(messages.plain(said), messages.FOREIGN_BYTES)}"
        )
    series = found.get("timeseries")
    if series is not None and not isinstance(series, list):
        raise Unavailable("the answer is JSON, but not of Wavefront: timeseries is no list")
    if not series:
        raise Unavailable("the query gives no series")
    if len(series) > _MOST_SERIES:
        raise Unavailable(
            f"the query gives {len(series):,} series, and {_MOST_SERIES:,} may be; aggregate in the query"
        )
    points = [_nearest(each, moment) for each in series]
    values = [point.value for point in points]
    texts = [number_texts.fixed(value, _DIGITS) for value in values]
    times, drifts = [str(point.seconds) for point in points], [point.drift for point in points]
    is_one = len(points) == 1
    noted = {
        "timestamps": times[0] if is_one else number_texts.listed(times),
        "drift": drifts[0] if is_one else number_texts.listed(drifts),
    }
    warnings = found.get("warnings")
    if isinstance(warnings, str) and warnings:
        noted["warnings"] = messages.cut(messages.plain(warnings), messages.FOREIGN_BYTES)
    return Measured(
        value=values[0] if is_one else values,
        shown=texts[0] if is_one else number_texts.listed(texts),
        metadata=noted,
    )


def _nearest(series: Any, moment: int) -> _Point:
    points = series.get("data") if isinstance(series, dict) else ()
    if points is not None and not isinstance(points, list):
        raise Unavailable("the answer is JSON, but not of Wavefront: a series has no data")
    found: list[tuple[float, float]] = []
    for point in points or ():
        match point:
            case [float() as at, float() as value]:
                found.append((at, value))
            case _:
                raise Unavailable("a series has a point that is no pair of a time and a number")
    if not found:
        return _Point()
    at, value = min(found, key=lambda each: abs(each[0] - moment))
    return _Point(value, int(at), str(int(at - moment)))
