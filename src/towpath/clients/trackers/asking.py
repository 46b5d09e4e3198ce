"""Requests to one tracker: who asks, for how long, and which error an answer is.

Every error names the tracker, what was asked about, the cause, and what helps. Answers have a bound, and redirects are not
followed: they lead to pages where people sign in, and what is sent is for this server alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import msgspec

from towpath import errors, messages
from towpath.clients.http import json_answers
from towpath.clients.http.limits import retry_after
from towpath.clients.http.places import shown_url
from towpath.masking import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.clients.http import Egress, Response
    from towpath.clock import Clock

CALL_SECONDS: Final = 30.0
"""For one request, with its retries."""
MOST_BYTES: Final = 1 << 20
"""Of an answer: it is read in a few milliseconds, and no issue is of that size."""
MOST_SENT_BYTES: Final = 512 << 10
_MOST_FIELDS: Final = 10
_FIELD_BYTES: Final = 300


class RefusedFieldsError(errors.BadRequest):
    """The tracker does not take what was sent; `fields` has what is wrong with which of them."""

    def __init__(self, message: str, fields: Mapping[str, str]) -> None:
        super().__init__(message)
        self.fields = fields


@dataclass(frozen=True, slots=True)
class TrackerProblem:
    """What a tracker says is wrong: in general, and by field."""

    said: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerAccess:
    """Where a tracker is, and in whose name it is asked."""

    name: str
    """As messages name it: `Jira shop.atlassian.net`."""
    base: str
    """Its address, without a slash at the end."""
    headers: Mapping[str, str] = field(repr=False)
    """What proves who asks."""
    secrets: tuple[str, ...] = field(repr=False)
    """What of that nobody else may read."""
    source: str
    """Where it comes from, for people: `Secret shop/jira`."""
    key: str
    """Under which the address stands there: `domain`."""


class TrackerRequests:
    """Requests to a tracker."""

    def __init__(
        self,
        access: TrackerAccess,
        *,
        egress: Egress,
        clock: Clock,
        problem: Callable[[Any], TrackerProblem],
    ) -> None:
        """`problem` reads what an answer says is wrong, from its JSON."""
        self.access = access
        self._egress = egress
        self._clock = clock
        self._problem = problem

    async def ask(
        self,
        method: str,
        path: str,
        what: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Send a request about something and return the JSON that it is answered with; None if there is none.

        Raises BadRequest before anything is sent; where the tracker says no RefusedFieldsError, Unauthenticated, Forbidden,
        NotFound, Conflict, TooManyRequests (with the seconds that it asks for); Unavailable and Timeout for what may be otherwise
        a moment later; Unsupported and TooLarge for an answer that is not read: what was asked for may have been done.
        """
        url = f"{self.access.base}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json", **self.access.headers}
        sent = None
        if body is not None:
            sent = _encoded(body, self.about(what))
            headers["Content-Type"] = "application/json"
        try:
            response = await self._egress.request(
                method,
                url,
                headers=headers,
                body=sent,
                seconds=CALL_SECONDS,
                most_bytes=MOST_BYTES,
                account=self.access.source,
                follows=False,
            )
        except errors.TooManyRequests as error:
            raise errors.TooManyRequests(
                self.about(what, error.message), seconds=error.seconds
            ) from error
        except errors.TowpathError as error:
            said = self._quoted(error.message)
            if isinstance(error, errors.NoSuchHost):
                said += f"; correct {self.access.key} in {self.access.source}"
            elif isinstance(error, errors.Unavailable | errors.Timeout):
                said += f"; check the address in {self.access.source}, and the way there"
            raise type(error)(self.about(what, said)) from error
        if 200 <= response.status < 300:
            return self._read(response, what)
        raise self._failure(response, what)

    def about(self, what: str, said: str = "") -> str:
        """Return how messages begin, or a whole one."""
        begin = f"{self.access.name}: {what}"
        return f"{begin}: {said}" if said else begin

    def _quoted(self, said: str | bytes) -> str:
        """Return what the tracker said, as messages may have it: it may repeat what it was shown."""
        if isinstance(said, bytes):
            said = said[: messages.FOREIGN_BYTES * 8].decode("utf-8", "replace")
        return messages.foreign(mask(said, self.access.secrets))

    def _read(self, response: Response, what: str) -> Any:
        if not response.body.strip():
            return None
        if _is_page(response):
            raise errors.Unsupported(
                self.about(
                    what,
                    f"answered with a page for people ({self._quoted(response.body)[:200]!r}), not with JSON; check that the "
                    f"address in {self.access.source} is that of the API, and that no sign-in stands before it",
                )
            )
        try:
            return json_answers.read(response.body)
        except json_answers.UnreadableAnswer as error:
            raise errors.Unsupported(
                self.about(
                    what,
                    f"answered with {error}; check that the address in {self.access.source} is that of the API",
                )
            ) from error

    def _failure(self, response: Response, what: str) -> errors.TowpathError:
        """Return the error for an answer that does not tell of success."""
        problem = (
            TrackerProblem() if _is_page(response) else self._problem(_document(response.body))
        )
        fields = {
            name: self._quoted(said[: _FIELD_BYTES * 2])[:_FIELD_BYTES]
            for name, said in list(problem.fields.items())[:_MOST_FIELDS]
        }
        told = "; ".join(
            filter(None, [self._quoted(problem.said), *map(": ".join, fields.items())])
        )
        begin = self.about(what, f"answered {response.status}" + (f" ({told})" if told else ""))
        source = self.access.source
        match response.status:
            case 301 | 302 | 303 | 307 | 308:
                target = self._quoted(shown_url(response.headers.get("location", "")))
                return errors.BadRequest(
                    f"{begin}: it redirects to {target}, which is not followed; name the address of the API in {source}"
                )
            case 401:
                return errors.Unauthenticated(
                    f"{begin}: it does not accept the credential; a token that has expired or was revoked has to be replaced "
                    f"in {source}"
                )
            case 403:
                denied = self._quoted(response.headers.get("x-authentication-denied-reason", ""))
                reason = f" ({denied})" if denied else ""
                return errors.Forbidden(
                    f"{begin}{reason}: the account of {source} may not do that; give it the permission"
                )
            case 404:
                return errors.NotFound(
                    f"{begin}: it does not exist, or the account of {source} may not see it"
                )
            case 409:
                return errors.Conflict(begin)
            case 429:
                seconds = retry_after(response.headers.get("retry-after"), self._clock.now())
                for_ = f" for {seconds:.0f} s" if seconds is not None else ""
                return errors.TooManyRequests(
                    f"{begin}: its rate limit is used up, it wants to be left alone{for_}",
                    seconds=seconds,
                )
            case status if status >= 500:
                return errors.Unavailable(f"{begin}: it does not work at the moment")
            case _:
                return RefusedFieldsError(begin, fields)


def part(text: str) -> str:
    """Return a text as one part of a path. Raises BadRequest for what would lead elsewhere."""
    if text in ("", ".", "..") or "/" in text or "\\" in text:
        raise errors.BadRequest(f"{text[:100]!r} is no name or number of anything in a tracker")
    return quote(text, safe="")


def _encoded(body: Mapping[str, Any], about: str) -> bytes:
    try:
        sent = msgspec.json.encode(body)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise errors.BadRequest(f"{about}: what is to be sent is no JSON: {error}") from error
    if len(sent) > MOST_SENT_BYTES:
        raise errors.BadRequest(
            f"{about}: what is to be sent has {len(sent):,} bytes; at most {MOST_SENT_BYTES:,} are"
        )
    return sent


def _is_page(response: Response) -> bool:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml") or response.body.lstrip()[:1] == b"<"


def _document(body: bytes) -> Any:
    try:
        return json_answers.read(body)
    except json_answers.UnreadableAnswer:
        return None
