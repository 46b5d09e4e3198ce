"""One request of a provider, and the words for an answer that is no success."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from towpath import messages
from towpath.errors import BadRequest, Unavailable
from towpath.resources import durations
from towpath.verification.provider import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from towpath.resources.analysis_template import Header
    from towpath.verification.provider import HttpAnswer, MeasureContext

LONGEST_SECONDS: Final = 300.0
"""That a template may give one request."""
_LONGEST_URL: Final = 16 << 10
_SAID_BYTES: Final = 500
"""Of what a server said, in a message."""
SUCCESSES: Final = range(200, 300)
OK: Final = (200,)
"""For services that know no other success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuringRequest:
    """What is sent, and what the answer may take."""

    url: str
    method: str = "GET"
    headers: Sequence[tuple[str, str]] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)
    seconds: float = 10.0
    most_bytes: int = MOST_BYTES
    insecure: bool = False
    follows: bool = True
    """Whether it is sent on where the server redirects to; not what is meant for one service alone."""

    @property
    def shown(self) -> str:
        """The request as messages name it, without what a URL may hold in confidence."""
        return f"{self.method} {shown_url(self.url)}"

    def with_headers(self, *more: tuple[str, str]) -> MeasuringRequest:
        """Return it with headers that take the place of those of their names."""
        names = {name.lower() for name, _ in more}
        kept = [each for each in self.headers if each[0].lower() not in names]
        return replace(self, headers=(*kept, *more))

    async def send(self, context: MeasureContext) -> HttpAnswer:
        """Return the answer, whatever its status. Raises what `MeasuringHttp.request` raises, and BadRequest for a long URL."""
        if len(self.url) > _LONGEST_URL:
            raise BadRequest(f"{self.shown}: the URL is longer than {_LONGEST_URL:,} characters")
        return await context.http.request(
            self.method,
            self.url,
            headers=self.headers,
            body=self.body,
            seconds=self.seconds,
            most_bytes=self.most_bytes,
            insecure=self.insecure,
            follows=self.follows,
        )

    async def succeed(
        self, context: MeasureContext, *, statuses: Container[int] = SUCCESSES
    ) -> HttpAnswer:
        """Return a successful answer. Raises Unavailable for one of another status, in the server's words."""
        answer = await self.send(context)
        if answer.status not in statuses:
            raise Unavailable(f"{self.shown}: {refusal(answer)}")
        return answer


def refusal(answer: HttpAnswer) -> str:
    """Return what an answer is that is no success: its status, what that means, and what the server said."""
    told = f"HTTP {answer.status}"
    match answer.status:
        case 401:
            told += (
                ", the server does not know who asks: the credential is missing, wrong or expired"
            )
        case 403:
            told += ", the server knows who asks and refuses it"
        case 429:
            told += ", the server wants to be asked less often"
        case status if 300 <= status < 400:
            place = shown_url(answer.headers.get("location", "")) or "nowhere"
            told += f", it redirects to {place}, where no key is sent; write that address, if it is right"
        case _:
            pass
    if (wait := answer.headers.get("retry-after")) and answer.status in (429, 503):
        told += f" (Retry-After: {messages.cut(messages.plain(wait), 40)})"
    said = said_by(answer.body)
    return f"{told}: {said}" if said else told


def said_by(body: bytes) -> str:
    """Return what a server said, for a message: short, plain, a page of HTML as its text."""
    return messages.cut(" ".join(messages.foreign(body).split()), _SAID_BYTES)


def shown_url(url: str) -> str:
    """Return a URL without user, query and fragment."""
    plain = url.partition("?")[0].partition("#")[0]
    scheme, mark, rest = plain.partition("://")
    authority, slash, path = rest.partition("/")
    shown = f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}" if mark else plain
    return messages.cut(messages.plain(shown), _SAID_BYTES)


def joined(address: str, path: str, *, field: str = "address") -> str:
    """Return the URL of a path below an address, whose own query stays. Raises BadRequest for what is no address."""
    address = address.strip()
    if not address:
        raise BadRequest(f"{field}: write the address of the server, such as https://HOST:PORT")
    try:
        parts = urlsplit(address)
        known = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        known = False
        parts = urlsplit("")
    if not known:
        raise BadRequest(
            f"{field}: {messages.cut(shown_url(address), 200)!r} is no address; write https://HOST:PORT"
        )
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/{path}{query}"


def pairs(headers: Sequence[Header]) -> list[tuple[str, str]]:
    """Return headers as they are sent."""
    return [(header.key, header.value) for header in headers]


def seconds(value: int | str | None, usual: float, *, field: str) -> float:
    """Return a deadline that is written as a number of seconds, or as a text of one. Raises BadRequest."""
    if value in (None, "", 0, "0"):
        return usual
    try:
        found = float(str(value))
    except ValueError:
        found = 0.0
    if not 0 < found <= LONGEST_SECONDS:
        raise BadRequest(
            f"{field}: {str(value)[:40]!r} is no number of seconds from 1 to {LONGEST_SECONDS:g}"
        )
    return found


def span(value: str, usual: float, *, field: str, most: float = LONGEST_SECONDS) -> float:
    """Return a time that is written as Go writes it, in seconds. Raises BadRequest."""
    if not value:
        return usual
    try:
        found = durations.parse(value) / durations.SECOND
    except ValueError as error:
        raise BadRequest(f"{field}: {error}; write {durations.RIGHT_FORM}") from error
    if not 0 < found <= most:
        raise BadRequest(f"{field}: {value!r} is not more than no time and at most {most:g} s")
    return found
