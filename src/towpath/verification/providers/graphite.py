"""`graphite`: the points of one target, by Graphite's render API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from towpath.errors import BadRequest, Unavailable
from towpath.resources.analysis_template import QueryMetric
from towpath.verification import json_answer, number_texts, request
from towpath.verification.provider import BaseProvider, Measured
from towpath.verification.request import MeasuringRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.fields import Struct
    from towpath.verification.provider import Answer, MeasureContext

_SECONDS: Final = 10.0
_BLANKS: Final = re.compile(r"\s+")
_MOST_POINTS: Final = 50_000


class Graphite(BaseProvider):
    """Asks a Graphite server."""

    name: ClassVar[str] = "graphite"
    config: ClassVar[type[Struct]] = QueryMetric

    def described(self, config: QueryMetric) -> Mapping[str, str]:
        """Return the query with its arguments put in."""
        return {"ResolvedGraphiteQuery": config.query} if config.query else {}

    async def measure(self, context: MeasureContext, config: QueryMetric) -> Answer:
        """Ask; the result is the list of the first target's values, without those that are null."""
        asking = MeasuringRequest(url=rendered_url(config), seconds=_SECONDS)
        answer = await asking.succeed(context)
        return await json_answer.read(context, answer, result, what=asking.shown)


def rendered_url(config: QueryMetric) -> str:
    """Return the URL: the query is the query string, without blanks, and JSON is asked for. Raises BadRequest."""
    query = _BLANKS.sub("", config.query)
    if not query:
        raise BadRequest("graphite.query: write a query, such as target=stats.errors&from=-5min")
    address = urlsplit(request.joined(config.address, "render", field="graphite.address"))
    asked = [each for each in parse_qsl(query, keep_blank_values=True) if each[0] != "format"]
    if "target" not in dict(asked):
        raise BadRequest(
            "graphite.query: it names no target; the query is the query string, such as target=stats.errors&from=-5min"
        )
    # In the order of their names, as Go writes them.
    encoded = urlencode(sorted([*asked, ("format", "json")], key=lambda each: each[0]))
    return urlunsplit((address.scheme, address.netloc, address.path, encoded, ""))


def result(body: bytes) -> Measured:
    """Return the measurement that an answer is. Raises Unavailable for what is none."""
    found = json_answer.value(body)
    if not isinstance(found, list):
        raise Unavailable("the answer is JSON, but not of Graphite: it is no list")
    first = found[0] if found else None
    if first is None:
        raise Unavailable("the query has no target that is known: the answer is empty")
    points = first.get("datapoints") if isinstance(first, dict) else None
    if not isinstance(points, list):
        raise Unavailable("the answer is JSON, but not of Graphite: a target has no datapoints")
    if not points:
        raise Unavailable("the first target has no point in that time")
    if len(points) > _MOST_POINTS:
        raise Unavailable(
            f"the first target has {len(points):,} points, and {_MOST_POINTS:,} may be; ask for a shorter time"
        )
    numbers = [_value(point) for point in points]
    kept = [number for number in numbers if number is not None]
    return Measured(value=kept, shown=number_texts.listed(number_texts.fixed(n) for n in kept))


def _value(point: Any) -> float | None:
    match point:
        case [None, _]:
            return None
        case [bool(), _]:
            pass
        case [int() | float() as number, _]:
            return float(number)
        case [str() as text, _]:
            try:
                return number_texts.number(text)
            except ValueError as error:
                raise Unavailable(
                    f"the first target has a point that is no number: {error}"
                ) from error
        case _:
            pass
    raise Unavailable("the first target has a point that is no pair of a value and a time")
