"""A request on its way: what is sent where, and what holds for it wherever it is redirected to."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.http import places

if TYPE_CHECKING:
    from towpath.clients.http.urls import ParsedUrl

Save = Callable[[AsyncIterator[bytes]], Awaitable[object]]
"""Is given the body of an answer piece by piece."""

_GOES_ALONG: Final = frozenset(
    {
        "accept", "accept-encoding", "accept-language", "cache-control", "content-encoding", "content-language",
        "content-type", "git-protocol", "if-match", "if-modified-since", "if-none-match", "if-unmodified-since", "pragma",
        "range", "user-agent",
    }
)  # fmt: skip
"""Headers that say nothing of who asks: others may hold a key, and go to no other place."""
_SAFE: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressTerms:
    """What a caller wants to hold for a request."""

    most_bytes: int
    """Of the answer."""
    insecure: bool
    """Whether the server's certificate is not looked at."""
    account: str
    """In whose name it is sent."""
    proxy: str
    """The caller's own; empty: as the operator says."""
    save: Save | None
    """Takes the body of a successful answer."""
    follows: bool
    """Whether it goes where the server points to."""
    repeats: bool
    """Whether it is sent again after a failure that may pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressRequest:
    """A request on its way."""

    method: str
    place: ParsedUrl
    """Where it goes now."""
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    terms: EgressTerms
    secrets: tuple[str, ...] = field(repr=False)
    """What was sent in confidence: a server may repeat it, wherever it is quoted."""
    waits: set[str] = field(default_factory=set)
    """For whose turn it waits now, and what to do about it, in words, one at most: of all that it becomes on its way."""

    @property
    def doing(self) -> str:
        """What is being done, as messages say it."""
        return f"{self.method} {places.shown_place(self.place)}"

    @property
    def where(self) -> str:
        """`HOST:PORT` that it goes to."""
        host, port = self.place.where
        return f"{host}:{port}"

    @property
    def may_repeat(self) -> bool:
        """Whether sending it again changes nothing, and is wanted."""
        return self.terms.repeats and self.method in _SAFE and self.terms.save is None

    @property
    def too_large(self) -> errors.TooLarge:
        """The error for an answer that is larger than it may be."""
        return errors.TooLarge(
            f"{self.doing}: the answer is larger than {self.terms.most_bytes:,} bytes"
        )

    def with_headers(self, more: Mapping[str, str]) -> EgressRequest:
        """Return it with headers besides those that it has."""
        given = {name.lower() for name in self.headers}
        added = {name: value for name, value in more.items() if name not in given}
        return replace(self, headers={**self.headers, **added})

    def redirected(self, status: int, target: str) -> EgressRequest:
        """Return what it becomes where its answer had this status and this `Location`. Raises Forbidden."""
        place = places.redirected(self.doing, self.place, target)
        headers = self.headers
        if place.origin != self.place.origin:
            headers = {
                name: value for name, value in headers.items() if name.lower() in _GOES_ALONG
            }
        if status == 303 or (status in (301, 302) and self.method == "POST"):
            return replace(self, method="GET", body=None, place=place, headers=headers)
        return replace(self, place=place, headers=headers)


def secrets_of(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return what of a request's headers is nobody else's business, as it is and decoded."""
    found: list[str] = []
    for name, value in headers.items():
        if name.lower() == "authorization":
            scheme, _, credential = value.partition(" ")
            found.append(credential)
            if scheme.lower() == "basic":
                with contextlib.suppress(ValueError):
                    login = base64.b64decode(credential).decode("utf-8", "replace")
                    found.append(login.partition(":")[2])
    return tuple(filter(None, found))
