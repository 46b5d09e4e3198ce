"""One question to a cloud's service of identities, and its answer in JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, messages
from towpath.clients.http import urls
from towpath.masking import mask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from towpath.clients.http import Egress
    from towpath.clients.http.egress import Response

FORM: Final = "application/x-www-form-urlencoded"
SECONDS: Final = 15.0
_MOST_BYTES: Final = 256 << 10
_SAID_BYTES: Final = 300
_LONGEST_LIFE_SECONDS: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request, and what of it is nobody else's business."""

    what: str
    """What is asked for, as messages call it."""
    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    secrets: Sequence[str] = field(default=(), repr=False)
    """Values that were sent: a server may repeat them in what it says."""
    seconds: float = SECONDS
    account: str = ""


async def ask(egress: Egress, question: Question) -> dict[str, Any]:
    """Return the answer's JSON object. The question is not sent on to where a server redirects.

    Raises Forbidden for what somebody has to mend, TooManyRequests, Unavailable, Timeout, and what the egress raises.
    """
    answer = await egress.request(
        question.method,
        question.url,
        headers=question.headers,
        body=question.body,
        seconds=question.seconds,
        most_bytes=_MOST_BYTES,
        follows=False,
        account=question.account,
    )
    if answer.status != 200:
        raise _refusal(question, answer)
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise errors.Unavailable(f"{question.what}: {answer.url} answered with no JSON") from error
    if not isinstance(found, dict):
        raise errors.Unavailable(f"{question.what}: {answer.url} answered with no JSON object")
    return found


def _refusal(question: Question, answer: Response) -> errors.TowpathError:
    said = messages.foreign(answer.body, most_bytes=_SAID_BYTES)
    told = f"{question.what}: {answer.url} answered {answer.status}"
    if said:
        told += f" ({mask(said, tuple(filter(None, question.secrets)))})"
    if answer.status == 429:
        return errors.TooManyRequests(f"{told}: its rate limit is used up; try later")
    if 300 <= answer.status < 500:
        return errors.Forbidden(told)
    return errors.Unavailable(told)


def text(found: Mapping[str, Any], key: str, question: Question) -> str:
    """Return a token of an answer. Raises Unavailable where there is none that could be sent."""
    value = found.get(key)
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise errors.Unavailable(f"{question.what}: the answer has no {key}")
    return value


def ends(found: Mapping[str, Any], now: datetime, key: str = "expires_in") -> datetime | None:
    """Return when a token ends whose seconds are told; None where they are not."""
    try:
        seconds = float(found[key])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if not seconds >= 0:  # nor is NaN
        return None
    return now + timedelta(seconds=min(seconds, _LONGEST_LIFE_SECONDS))


def refuse_plain(egress: Egress, url: str, what: str) -> None:
    """Raise Forbidden for a place that is not encrypted, unless the operator has named it."""
    try:
        place = urls.split(url)
    except urls.Unacceptable as error:
        raise errors.Forbidden(f"{what}: {error}") from error
    if place.scheme != "https" and not egress.guard.allows(*place.where):
        raise errors.Forbidden(
            f"{what}: {place.scheme}://{place.authority} is not encrypted; an operator allows it with egress.allow"
        )
