"""Chart repositories over HTTP: their index, and the archives that it names."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.http import urls
from towpath.clients.http.places import shown_url
from towpath.documents import chart_archive
from towpath.masking import mask

if TYPE_CHECKING:
    from towpath.clients.http import Egress
    from towpath.clients.http.egress import Response
    from towpath.clients.http.egress_request import Save

INDEX_BYTES: Final = 64 << 20
_SECONDS: Final = 120.0
_LONGEST_MARK: Final = 512
"""Characters of what a server calls a version of its index; a longer one is not remembered."""


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

    @property
    def secrets(self) -> tuple[str, ...]:
        """What is sent in confidence."""
        return self.password, self.header

    @property
    def account(self) -> str:
        """In whose name requests are sent, without saying it: another user or password is another account."""
        pair = f"{self.username}\0{self.password}".encode("utf-8", "surrogatepass")
        return hashlib.sha256(pair).hexdigest()


@dataclass(frozen=True, slots=True)
class IndexMark:
    """By what a repository tells whether its index is still the one that was sent."""

    etag: str = ""
    modified: str = ""
    """`Last-Modified`, as it was sent."""

    def __bool__(self) -> bool:
        return bool(self.etag or self.modified)


@dataclass(frozen=True, slots=True)
class ChartRepository:
    """One repository as one credential sees it."""

    egress: Egress
    url: str
    credential: ChartCredential | None = None
    insecure: bool = False
    """Whether any certificate will do."""

    def hidden(self, text: str) -> str:
        """Return a text without what the repository repeats of the credential: it decides what its index holds."""
        return mask(text, self.credential.secrets) if self.credential is not None else text

    async def index_into(
        self, save: Save, known: IndexMark | None = None, *, rests: bool = True
    ) -> IndexMark | None:
        """Hand over the index piece by piece, and return its mark; None if it is still the one that `known` is of.

        `rests`: whether a host that does not answer is left alone, as by looks, which come again. Raises NotFound, Forbidden,
        TooManyRequests, Unavailable, Timeout, TooLarge, BadRequest.
        """
        headers = {}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.modified:
            headers["If-Modified-Since"] = known.modified
        place = self._at("index.yaml")
        answer = await self._ask(place, INDEX_BYTES, headers, save, rests=rests)
        if answer.status == 304 and headers:
            return None
        if answer.status != 200:
            raise self._failure(answer, "its index")
        etag, modified = (
            said if len(said := answer.headers.get(name, "")) <= _LONGEST_MARK else ""
            for name in ("etag", "last-modified")
        )
        return IndexMark(etag, modified)

    async def archive(self, url: str) -> bytes:
        """Return the archive at a URL of the index, which may be relative. Raises as `index_into`."""
        what = f"the archive {self.hidden(url)[:200]}"
        return await self._get(self._at(url), chart_archive.MOST_BYTES, what)

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
            raise errors.BadRequest(
                f"chart repository {shown_url(self.url)}: {self.hidden(str(error))}"
            ) from error
        if base.scheme == "https" and there.scheme != "https":
            named = self.hidden(f"{there.scheme}://{there.authority}")
            raise errors.Forbidden(
                f"chart repository {shown_url(self.url)}: its index names {named}, which is not encrypted"
            )
        return there

    async def _get(self, place: urls.ParsedUrl, most_bytes: int, what: str) -> bytes:
        answer = await self._ask(place, most_bytes, {})
        if answer.status != 200:
            raise self._failure(answer, what)
        return answer.body

    async def _ask(
        self,
        place: urls.ParsedUrl,
        most_bytes: int,
        headers: dict[str, str],
        save: Save | None = None,
        *,
        rests: bool = False,
    ) -> Response:
        account = ""
        if self.credential is not None and place.origin == urls.split(self.url).origin:
            headers = {**headers, "Authorization": self.credential.header}
            account = self.credential.account
        return await self.egress.request(
            "GET",
            place.url,
            headers=headers,
            rests=rests,
            seconds=_SECONDS,
            most_bytes=most_bytes,
            insecure=self.insecure,
            account=account,
            save=save,
        )

    def _failure(self, answer: Response, what: str) -> errors.TowpathError:
        begin = f"chart repository {shown_url(self.url)}: {what}: it answered {answer.status}"
        match answer.status:
            case 401 | 403:
                told = (
                    f"check the credential in {self.credential.source}"
                    if self.credential is not None
                    else "no Secret of type helm matches this repository, so it was asked anonymously"
                )
                return errors.Forbidden(f"{begin}; {told}")
            case 404:
                return errors.NotFound(f"{begin}; check the repository's address")
            case 429:
                return errors.TooManyRequests(
                    f"{begin}: its rate limit is used up", seconds=answer.retry_seconds
                )
            case _:
                return errors.Unavailable(begin)
