"""One connection's requests: who asks, for how long, and which error an answer is.

Every error names the connection, what was asked about, the cause, and what helps.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import msgspec

from towpath import errors
from towpath.clients.argocd import decoding, statuses
from towpath.clients.argocd.list_items import UnreadableAnswerError
from towpath.clients.http import streams
from towpath.clients.http.places import shown_url
from towpath.masking import mask
from towpath.messages import foreign

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from towpath.clients.argocd.bearers import Bearers
    from towpath.clients.argocd.server_access import ServerAccess
    from towpath.clients.http import Egress, Response
    from towpath.clock import Clock

CALL_SECONDS: Final = 30.0
"""For one call, retries included."""
_MOST_BYTES: Final = 8 << 20
"""Of one object: clusters keep none of more than some 3 MB."""
_NO_NAME: Final = frozenset("/%")
"""Characters that no name has."""
_CODES: Final = {5: 404, 7: 403, 8: 429, 9: 409, 10: 409, 16: 401}
"""gRPC's codes that say more than the status they are answered with: a precondition that does not hold comes as 400."""


@dataclass(frozen=True, slots=True)
class Remedies:
    """What helps where an API refuses, as the one of the two says it."""

    unauthenticated: str
    forbidden: str
    missing: str


def path(*parts: str) -> str:
    """Return parts as a path, each of them one segment.

    Raises Invalid for a part that no name is, as client-go does (`IsValidPathSegmentName`): servers decode a path before they
    tidy it up, so that a name of dots and slashes would lead to other objects.
    """
    for part in parts:
        if part in ("", ".", "..") or not _NO_NAME.isdisjoint(part):
            raise errors.Invalid(
                f"{part[:100]!r} is no name or namespace of an object in Kubernetes; check how it is spelt"
            )
    return "/" + "/".join(quote(part, safe="") for part in parts)


class ServerRequests:
    """Requests to the server of a connection."""

    def __init__(
        self,
        name: str,
        access: ServerAccess,
        *,
        egress: Egress,
        bearers: Bearers,
        clock: Clock,
        remedies: Remedies,
        told: str = "Argo CD connection",
    ) -> None:
        self.name = name
        self._told = told
        self._access = access
        self._egress = egress
        self._bearers = bearers
        self._clock = clock
        self._remedies = remedies
        self._last_shown = ""

    def about(self, what: str) -> str:
        """Return how messages begin."""
        return f"{self._told} {self.name}: {what}"

    def quoted(self, said: str) -> str:
        """Return what the server said, as messages may have it: it may repeat what it was shown."""
        return foreign(mask(said, (self._last_shown,)))

    async def call(
        self,
        method: str,
        where: str,
        what: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
        seconds: float = CALL_SECONDS,
    ) -> dict[str, Any]:
        """Send a request about something and return the object it is answered with.

        Raises NotFound, Conflict, and what the protocol says.
        """
        response = await self._sent(method, where, what, query, body, content_type, seconds)
        if not 200 <= response.status < 300:
            raise self.failure(response, what)
        try:
            # Some are of megabytes, and this reader holds up the event loop least.
            found = decoding.decoded(response.body) if response.body else {}
        except UnreadableAnswerError as error:
            raise errors.TooLarge(
                self.about(f"{what}: {response.url}: {error}; check the address")
            ) from error
        except (msgspec.DecodeError, RecursionError) as error:
            raise errors.Unavailable(
                self.about(
                    f"{what}: {response.url} answers with what is no JSON that can be read; check the address"
                )
            ) from error
        if not isinstance(found, dict):
            raise errors.Unavailable(
                self.about(
                    f"{what}: {response.url} answers with what is no object; check the address"
                )
            )
        return found

    async def stream(
        self,
        where: str,
        what: str,
        *,
        query: Mapping[str, Any],
        seconds: float,
        quiet_seconds: float,
    ) -> AsyncGenerator[bytes]:
        """Yield the body of an answer while it comes; see `streams.pieces`. Raises as `call` does."""
        shown = await self._shown(what)
        body = streams.pieces(
            self._egress,
            self._url(where, query),
            headers=_headers(shown, "application/json"),
            clock=self._clock,
            seconds=seconds,
            quiet_seconds=quiet_seconds,
            account=self.name,
            proxy=self._access.proxy,
            follows=False,
        )
        try:
            async for piece in body:
                yield piece
        except streams.RefusedStreamError as refused:
            if refused.response.status == 401:
                self._bearers.forget()
            raise self.failure(refused.response, what) from refused
        except errors.TowpathError as error:
            raise self._reworded(error, what) from error
        finally:
            await body.aclose()

    async def _sent(
        self,
        method: str,
        where: str,
        what: str,
        query: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        content_type: str,
        seconds: float,
    ) -> Response:
        sent = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        for is_last in (False, True):
            shown = await self._shown(what)
            headers = _headers(shown, "application/json")
            if sent is not None:
                headers["Content-Type"] = content_type
            try:
                response = await self._egress.request(
                    method,
                    self._url(where, query or {}),
                    headers=headers,
                    body=sent,
                    seconds=seconds,
                    most_bytes=_MOST_BYTES,
                    account=self.name,
                    proxy=self._access.proxy,
                    follows=False,
                )
            except errors.TowpathError as error:
                raise self._reworded(error, what) from error
            if response.status == 401 and self._bearers.is_renewed and not is_last:
                self._bearers.forget()
                continue
            return response
        raise AssertionError("the last try returns or raises")

    async def _shown(self, what: str) -> str:
        try:
            self._last_shown = (await self._bearers.shown()).token
        except errors.TowpathError as error:
            told = type(error)(self.about(f"{what}: {error.message}"))
            told.place = error.place
            raise told from error
        return self._last_shown

    def _url(self, where: str, query: Mapping[str, Any]) -> str:
        url = f"{self._access.server}{where}"
        return f"{url}?{urlencode(query, doseq=True)}" if query else url

    def _reworded(self, error: errors.TowpathError, what: str) -> errors.TowpathError:
        """Return what happened on the way there, with what helps."""
        said = error.message
        if ": TLS: " in said:
            said += f"; name the authority that signs its certificate ({self._access.source}), or correct the server's name"
        elif isinstance(error, errors.Timeout | errors.Unavailable):
            said += f"; check the address in {self._access.source}, and the way there"
        return type(error)(self.about(f"{what}: {said}"))

    def failure(self, response: Response, what: str) -> errors.TowpathError:
        """Return the error for an answer that does not tell of success."""
        status_said = statuses.read(response.body)
        code, text = _said(status_said)
        status = _CODES.get(code, response.status)
        said = f" ({self.quoted(text)})" if text else ""
        begin = self.about(f"{what}: answered {response.status}{said}")
        source = self._access.source
        match status:
            case 301 | 302 | 303 | 307 | 308:
                target = response.headers.get("location", "")
                return errors.Unavailable(
                    self.about(
                        f"{what}: answered {response.status}: it redirects to {self.quoted(shown_url(target))}, which is not "
                        f"followed: neither API does so, and what is sent is for this server alone; name the server's own "
                        f"address in {source}, with https where it wants it"
                    )
                )
            case 500 | 504 if statuses.is_ahead(status_said):
                return errors.Expired(begin)
            case 401:
                return errors.Unauthenticated(
                    f"{begin}; {self._remedies.unauthenticated} ({source})"
                )
            case 403:
                return errors.Forbidden(f"{begin}; {self._remedies.forbidden}")
            case 404:
                return errors.NotFound(f"{begin}; {self._remedies.missing}")
            case 409:
                return errors.Conflict(begin)
            case 410:
                return errors.Expired(begin)
            case 413:
                return errors.TooLarge(begin)
            case 429:
                return errors.TooManyRequests(f"{begin}; it is asked again later")
            case 400 | 405 | 415 | 422:
                return errors.BadRequest(begin)
            case _:
                return errors.Unavailable(begin)


def _headers(token: str, accept: str) -> dict[str, str]:
    headers = {"Accept": accept}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _said(status: Mapping[str, Any]) -> tuple[int, str]:
    """Return the gRPC code of an error and what the server says of it (`runtimeError` of Argo CD, `Status` of Kubernetes)."""
    text = status.get("message") or status.get("error") or ""
    code = status.get("code") if "kind" not in status else 0
    return code if isinstance(code, int) else 0, text if isinstance(text, str) else ""
