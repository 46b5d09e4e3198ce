"""`skywalking`: what a GraphQL query of SkyWalking gives."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from towpath.errors import BadRequest, Unavailable
from towpath.expressions import gotext
from towpath.resources.analysis_template import SkywalkingMetric
from towpath.verification import graphql, json_answer, request
from towpath.verification.provider import BaseProvider, Measured

if TYPE_CHECKING:
    from towpath.resources.fields import Struct
    from towpath.verification.provider import Answer, MeasureContext

_SECONDS: Final = 30.0
_INTERVAL_SECONDS: Final = 300.0
_LONGEST_INTERVAL: Final = 366 * 24 * 3600.0
_MINUTE: Final = "%Y-%m-%d %H%M"


class Skywalking(BaseProvider):
    """Asks SkyWalking."""

    name: ClassVar[str] = "skywalking"
    config: ClassVar[type[Struct]] = SkywalkingMetric

    async def measure(self, context: MeasureContext, config: SkywalkingMetric) -> Answer:
        """Ask for the time up to now; the result is all that the answer has as `data`."""
        if not config.query.strip():
            raise BadRequest("skywalking.query: write a query in GraphQL")
        interval = request.span(
            config.interval, _INTERVAL_SECONDS, field="skywalking.interval", most=_LONGEST_INTERVAL
        )
        start = context.now - timedelta(seconds=interval)
        duration = {
            "start": start.strftime(_MINUTE),
            "end": context.now.strftime(_MINUTE),
            "step": "MINUTE",
        }
        asking = graphql.asking(
            request.joined(config.address, "graphql", field="skywalking.address"),
            config.query,
            {"duration": duration},
            seconds=_SECONDS,
        )
        answer = await asking.succeed(context, statuses=request.OK)
        return await json_answer.read(context, answer, result, what=asking.shown)


def result(body: bytes) -> Measured:
    """Return the measurement that an answer is. Raises Unavailable for what is none."""
    found = graphql.data(body)
    if found is None:
        raise Unavailable("the query gives nothing: the answer has no data")
    return Measured(value=found, shown=gotext.json_text(found))
