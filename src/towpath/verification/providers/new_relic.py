"""`newRelic`: the rows of a query in NRQL, by NerdGraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from towpath import messages
from towpath.errors import BadRequest, Unavailable
from towpath.expressions import gotext
from towpath.resources.analysis_template import NewRelicMetric
from towpath.verification import graphql, json_answer, request, service_secret
from towpath.verification.provider import BaseProvider, Measured

if TYPE_CHECKING:
    from towpath.resources.fields import Struct
    from towpath.verification.provider import Answer, MeasureContext
    from towpath.verification.service_secret import ServiceSecret

SECRET: Final = "newrelic"  # noqa: S105 - the name of one
"""Where the template names no profile."""
_KEYS: Final = ("personal-api-key", "account-id")
_REGIONS: Final = {
    "us": "https://api.newrelic.com/graphql",
    "eu": "https://api.eu.newrelic.com/graphql",
    "jp": "https://api.jp.newrelic.com/graphql",
}
_SECONDS: Final = 5.0
"""That a query may take there."""
_MORE_SECONDS: Final = 10.0
"""For the way there and back."""
_QUERY: Final = (
    "query($accountId: Int!, $query: Nrql!, $timeout: Seconds) "
    "{ actor { account(id: $accountId) { nrql(query: $query, timeout: $timeout) { results } } } }"
)
_MOST_ROWS: Final = 50_000


class NewRelic(BaseProvider):
    """Asks New Relic."""

    name: ClassVar[str] = "newRelic"
    config: ClassVar[type[Struct]] = NewRelicMetric

    async def measure(self, context: MeasureContext, config: NewRelicMetric) -> Answer:
        """Ask; the result is the row, an object, or the list of rows where there are several."""
        seconds = request.seconds(config.timeout, _SECONDS, field="newRelic.timeout")
        if not config.query.strip():
            raise BadRequest(
                "newRelic.query: write a query, such as SELECT average(duration) FROM Transaction"
            )
        secret = await service_secret.opened(context, config.profile or SECRET, keys=_KEYS)
        key, account = secret.need(*_KEYS)
        asking = graphql.asking(
            _url(secret),
            _QUERY,
            {
                "accountId": _number(account, secret),
                "query": config.query,
                "timeout": max(1, round(seconds)),
            },
            headers=[("Api-Key", key)],
            seconds=min(seconds + _MORE_SECONDS, request.LONGEST_SECONDS),
        )
        answer = await asking.succeed(context, statuses=request.OK)
        return await json_answer.read(context, answer, result, what=asking.shown)


def _url(secret: ServiceSecret) -> str:
    if secret.get("base-url-nerdgraph"):
        return secret.address("", key="base-url-nerdgraph").replace("/?", "?").rstrip("/")
    region = secret.get("region").lower() or "us"
    if region not in _REGIONS:
        raise BadRequest(
            f"Secret {secret.place}, key region: {messages.cut(messages.plain(region), 40)!r} is none of us, eu, jp"
        )
    return _REGIONS[region]


def _number(account: str, secret: ServiceSecret) -> int:
    if not (account.isascii() and account.isdigit() and len(account) <= 18):
        raise BadRequest(f"Secret {secret.place}, key account-id: it is no number")
    return int(account)


def result(body: bytes) -> Measured:
    """Return the measurement that an answer is. Raises Unavailable for what is none."""
    found = graphql.data(body)
    for name in ("actor", "account", "nrql", "results"):
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, list):
        raise Unavailable("the answer is JSON, but not of NerdGraph: it has no results of a query")
    if not all(isinstance(row, dict) for row in found):
        raise Unavailable("the answer is JSON, but not of NerdGraph: a row is no object")
    if not found or found == [{}]:
        raise Unavailable("the query gives no row")
    if len(found) > _MOST_ROWS:
        raise Unavailable(
            f"the query gives {len(found):,} rows, and {_MOST_ROWS:,} may be; aggregate in the query"
        )
    value = found[0] if len(found) == 1 else found
    return Measured(value=value, shown=gotext.json_text(value))
