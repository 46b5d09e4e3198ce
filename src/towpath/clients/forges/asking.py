"""Requests to the REST interface of one forge: who asks, for how long, and which error an answer is.

Every error names the repository, what was asked about, the cause, and what helps. Redirects are not followed: what is sent is for
this server alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import msgspec

from towpath import errors, messages
from towpath.clients.forges.known_answers import KnownAnswers
from towpath.clients.http import json_answers
from towpath.clients.http.limits import retry_after
from towpath.masking import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clients.http import Egress, Response
    from towpath.clock import Clock

_SECONDS: Final = 30.0
"""For one request, with its retries."""
_MOST_BYTES: Final = 1 << 20
"""Of an answer: a page of ten pull requests with what people have written. The host is the Project's choice, and an answer is
decoded where everybody else waits."""
_MOST_NO_BYTES: Final = 64 << 10
"""Of an answer that says no: of a longer one nothing is told but its status."""
_MOST_NODES: Final = 200
"""Of such an answer that are looked at for words."""
_MOST_TOLD: Final = 5
_ANSWERED: Final = frozenset({405, 409, 422, 423})
"""Answers that say no to what was asked for, each forge in its own way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeAccess:
    """Where a forge is, and in whose name it is asked."""

    api: str
    """Base URL of its REST interface, without a slash at the end."""
    headers: Mapping[str, str] = field(repr=False)
    """What proves who asks."""
    secret: str = field(repr=False)
    """What of that nobody else may read."""
    source: str
    """The Secret that it comes from, for people; empty: it is asked as anybody."""
    insecure: bool = False

    def key(self, url: str) -> str:
        """Return what tells an address, as this credential sees it, from others, without saying it."""
        whole = f"{url}\0{self.source}\0{self.secret}\0{self.insecure}"
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class ForgeAnswer:
    """What a forge answered."""

    status: int
    document: Any
    """As JSON; None where there is none, or where it says no."""
    said: str
    """Its words, where it says no."""


@dataclass(frozen=True, slots=True)
class ForgeRequests:
    """Requests about one repository."""

    name: str
    access: ForgeAccess
    egress: Egress
    clock: Clock
    known: KnownAnswers = field(default_factory=KnownAnswers)
    """What was answered to GET before; whoever has many requests of one forge shares it."""

    async def ask(
        self,
        method: str,
        path: str,
        what: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> ForgeAnswer:
        """Send a request about something; return an answer of success, or one that says no (405, 409, 422, 423).

        Raises BadRequest, Unauthenticated, Forbidden, NotFound, TooManyRequests (with the seconds that it asks for),
        Unavailable, Timeout.
        """
        url = f"{self.access.api}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json", **self.access.headers}
        known = self.known.find(self.access.key(url)) if method == "GET" else None
        if known is not None:
            headers["If-None-Match"] = known.etag
        sent = None
        if body is not None:
            sent = msgspec.json.encode(body)
            headers["Content-Type"] = "application/json"
        try:
            response = await self.egress.request(
                method,
                url,
                headers=headers,
                body=sent,
                seconds=_SECONDS,
                most_bytes=_MOST_BYTES,
                insecure=self.access.insecure,
                account=self.access.source,
                follows=False,
            )
        except errors.TowpathError as error:
            said = mask(error.message, (self.access.secret,))
            raise error.saying(f"{self.name}: {what}: {said}") from error
        if known is not None and response.status == HTTPStatus.NOT_MODIFIED:
            return ForgeAnswer(HTTPStatus.OK, known.document, "")
        if 200 <= response.status < 300:
            document = self._document(response, what)
            if method == "GET" and response.status == HTTPStatus.OK:
                etag = response.headers.get("etag", "")
                self.known.keep(self.access.key(url), etag, document, len(response.body))
            return ForgeAnswer(response.status, document, "")
        said = self._said(response)
        if response.status in _ANSWERED:
            return ForgeAnswer(response.status, None, said)
        raise self._failure(response, what, said)

    async def answered(
        self, method: str, path: str, what: str, *, body: Mapping[str, Any] | None = None
    ) -> Any:
        """Send a request that is only ever answered with success (200); return the document. Raises as `ask`, and BadRequest."""
        answer = await self.ask(method, path, what, body=body)
        if answer.status != HTTPStatus.OK:
            raise self.refused(answer, what)
        return answer.document

    def refused(self, answer: ForgeAnswer, what: str) -> errors.BadRequest:
        """Return the error for an answer that says no."""
        return errors.BadRequest(
            f"{self.name}: {what}: answered {answer.status}"
            + (f" ({answer.said})" if answer.said else "")
        )

    def _document(self, response: Response, what: str) -> Any:
        if not response.body.strip():
            return None
        try:
            return json_answers.read(response.body)
        except json_answers.UnreadableAnswer as error:
            raise errors.Unavailable(
                f"{self.name}: {what}: answered with {error}; check that the repository's address is that of the forge "
                "itself, and that no sign-in stands before it"
            ) from error

    def _said(self, response: Response) -> str:
        """Return what an answer says is wrong, plain and short; forges may repeat what they were sent."""
        told = words(_decoded(response.body))
        return messages.foreign(mask("; ".join(told), (self.access.secret,)))

    def _failure(self, response: Response, what: str, said: str) -> errors.TowpathError:
        begin = f"{self.name}: {what}: answered {response.status}" + (f" ({said})" if said else "")
        source = self.access.source
        whose = (
            f"the credential in {source}"
            if source
            else "no Secret of type git matches this repository, so it was asked anonymously"
        )
        status = response.status
        is_used_up = response.headers.get("x-ratelimit-remaining") == "0"
        if status == 429 or (status == 403 and (is_used_up or "retry-after" in response.headers)):
            seconds = retry_after(response.headers.get("retry-after"), self.clock.now())
            return errors.TooManyRequests(f"{begin}: its rate limit is used up", seconds=seconds)
        if status == 401:
            return errors.Unauthenticated(f"{begin}; check {whose}")
        if status == 403:
            return errors.Forbidden(
                f"{begin}; {whose}: it needs the right to read and write pull requests"
                if source
                else f"{begin}; {whose}"
            )
        if status == 404:
            return errors.NotFound(
                f"{begin}: it is not there, or not for this caller; check {whose}"
            )
        if 300 <= status < 400:
            return errors.BadRequest(
                f"{begin}: it redirects, which is not followed; name the repository by its present address"
            )
        if status >= 500:
            return errors.Unavailable(f"{begin}: it does not work at the moment")
        return errors.BadRequest(begin)


def _decoded(body: bytes) -> Any:
    if len(body) > _MOST_NO_BYTES:
        return None
    try:
        return json_answers.read(body)
    except json_answers.UnreadableAnswer:
        return None


def words(answer: Any) -> list[str]:
    """Return up to five texts of an answer that says no, of which forges have many forms: a text, a list, texts by field.

    Whoever answers decides how much there is and how deep: a limited number of values is looked at, in their order.
    """
    if not isinstance(answer, dict):
        return []
    told: list[str] = []
    waiting = [answer.get(key) for key in ("errors", "error", "message")]
    left = _MOST_NODES
    while waiting and left and len(told) < _MOST_TOLD:
        left -= 1
        value = waiting.pop()
        if isinstance(value, str) and value:
            told.append(value)
        elif isinstance(value, list):
            waiting += reversed(value[:left])
        elif isinstance(value, dict):
            own = [value[key] for key in ("message", "code") if isinstance(value.get(key), str)]
            waiting += own[:1] or reversed(list(islice(value.values(), left)))
    return told
