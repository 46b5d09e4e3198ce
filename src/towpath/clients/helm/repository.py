"""Chart repositories over HTTP: their index, and the archives that it names."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.http import urls
from towpath.clients.http.egress import shown_url
from towpath.documents import chart_archive

if TYPE_CHECKING:
    from towpath.clients.http import Egress

_INDEX_BYTES: Final = 64 << 20
_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartCredential:
    """User and password for one repository. `repr` shows no secret."""

    username: str
    password: str = field(repr=False)
    source: str
    """The Secret it came from, for messages."""

    @property
    def header(self) -> str:
        """What goes into `Authorization`."""
        pair = f"{self.username}:{self.password}".encode()
        return f"Basic {base64.b64encode(pair).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class ChartRepository:
    """One repository as one credential sees it."""

    egress: Egress
    url: str
    credential: ChartCredential | None = None

    async def index(self) -> bytes:
        """Return the index as it was sent. Raises NotFound, Forbidden, Unavailable, Timeout, TooLarge, BadRequest."""
        return await self._get(self._at("index.yaml"), _INDEX_BYTES, "its index")

    async def archive(self, url: str) -> bytes:
        """Return the archive at a URL of the index, which may be relative. Raises as `index`."""
        return await self._get(self._at(url), chart_archive.MOST_BYTES, f"the archive {url[:200]}")

    def _at(self, url: str) -> urls.ParsedUrl:
        """Return where a URL leads that is written in the index; what the repository's own asks for goes along."""
        try:
            base = urls.split(self.url)
            place, _, query = self.url.partition("?")
            within = urls.split(f"{place.rstrip('/')}/")
            if query and "://" not in url and "?" not in url:
                url = f"{url}?{query}"
            there = urls.joined(within, url)
        except urls.Unacceptable as error:
            raise errors.BadRequest(f"chart repository {shown_url(self.url)}: {error}") from error
        if base.scheme == "https" and there.scheme != "https":
            raise errors.Forbidden(
                f"chart repository {shown_url(self.url)}: its index names {there.scheme}://{there.authority}, which is not encrypted"
            )
        return there

    async def _get(self, place: urls.ParsedUrl, most_bytes: int, what: str) -> bytes:
        headers = {}
        own = urls.split(self.url)
        if self.credential is not None and place.origin == own.origin:
            headers["Authorization"] = self.credential.header
        answer = await self.egress.request(
            "GET", place.url, headers=headers, seconds=_SECONDS, most_bytes=most_bytes
        )
        if answer.status == 200:
            return answer.body
        begin = f"chart repository {shown_url(self.url)}: {what}: it answered {answer.status}"
        match answer.status:
            case 401 | 403:
                told = (
                    f"check the credential in {self.credential.source}"
                    if self.credential is not None
                    else "no Secret of type helm matches this repository, so it was asked anonymously"
                )
                raise errors.Forbidden(f"{begin}; {told}")
            case 404:
                raise errors.NotFound(f"{begin}; check the repository's address")
            case 429:
                raise errors.TooManyRequests(f"{begin}: its rate limit is used up")
            case _:
                raise errors.Unavailable(begin)
