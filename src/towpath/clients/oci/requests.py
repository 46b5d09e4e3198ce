"""One caller's requests to a registry: what goes into `Authorization`, and which error an answer is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from towpath import errors
from towpath.masking import mask
from towpath.messages import foreign

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.clients.http import Egress, Response
    from towpath.clients.oci.address import ImageAddress
    from towpath.clients.oci.authentication import RegistryCredential, RegistryLogin

_SECONDS: Final = 30.0
"""For one answer, tries and redirects included."""
_MOST_SAID: Final = 64 << 10
"""Bytes of an answer that is looked at for an error's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRequests:
    """Requests about one repository with one credential."""

    egress: Egress
    login: RegistryLogin
    address: ImageAddress
    credential: RegistryCredential
    insecure: bool

    def __str__(self) -> str:
        return self.address.text

    async def get(
        self,
        base: str,
        url: str,
        headers: dict[str, str],
        most_bytes: int,
        what: str,
    ) -> Response:
        """Ask the registry; return an answer of success, or 304."""
        response, sent = await self.ask(base, url, headers, most_bytes)
        if response.status in (200, 304):
            return response
        raise self.failure(response, what, sent)

    async def ask(
        self, base: str, url: str, headers: dict[str, str], most_bytes: int, *, method: str = "GET"
    ) -> tuple[Response, str]:
        """Ask the registry with what it wants in `Authorization`; return its answer, and what was sent there."""
        login, name = self.login, self.address.name
        known = login.header(base, name, self.credential)
        response = await self._send(method, url, headers, known, most_bytes)
        if response.status == 401:
            challenge = response.headers.get("www-authenticate", "")
            try:
                given = await login.answer(
                    challenge, base, name, self.credential, insecure=self.insecure
                )
            except errors.TowpathError as error:
                raise error.saying(f"{self}: {error.message}") from error
            if given is not None:
                known = given
                response = await self._send(method, url, headers, given, most_bytes)
        return response, known or ""

    async def _send(
        self, method: str, url: str, headers: dict[str, str], given: str | None, most_bytes: int
    ) -> Response:
        sent = {**headers, "Authorization": given} if given else headers
        try:
            return await self.egress.request(
                method,
                url,
                headers=sent,
                most_bytes=most_bytes,
                seconds=_SECONDS,
                insecure=self.insecure,
                account=self.credential.account,
                rests=True,
            )
        except errors.TooManyRequests as error:
            raise error.saying(f"{self}: {error.message}; {self._less()}") from error
        except errors.TowpathError as error:
            raise error.saying(f"{self}: {error.message}") from error

    def _less(self) -> str:
        """Return what helps against a rate limit."""
        who = (
            f"the account in {self.credential.source}"
            if self.credential.source
            else "an anonymous caller (a Secret with a credential for this repository usually raises it)"
        )
        return (
            f"it holds for {who}; a longer interval of the Warehouse, cacheByTag or a mirror in the operator's "
            "configuration ask less often"
        )

    def failure(self, response: Response, what: str, sent: str) -> errors.TowpathError:
        """Return the error for an answer that does not tell of success. `sent`: what went in `Authorization`."""
        said = _said(response.body, (self.credential.password, sent.partition(" ")[2]))
        where = urlsplit(response.url).netloc
        begin = f"{self}: {what}: {where} answered {response.status}{said}"
        match response.status:
            case 401 | 403:
                source = self.credential.source
                remedy = (
                    f"check the credential in {source}"
                    if source
                    else "no Secret matches this repository, so it was asked anonymously"
                )
                return errors.Forbidden(f"{begin}; {remedy}")
            case 429:
                return errors.TooManyRequests(
                    f"{begin}: its rate limit is used up; {self._less()}",
                    seconds=response.retry_seconds,
                )
            case 404:
                return errors.NotFound(f"{begin}; check the name of the repository")
            case _:
                return errors.Unavailable(begin)

    def secrets(self, bases: Iterable[str]) -> tuple[str, ...]:
        """Return what registries were told in confidence, which they may repeat where they are quoted."""
        header = self.login.header
        sent = [header(base, self.address.name, self.credential) or "" for base in bases]
        return (self.credential.password, *(each.partition(" ")[2] for each in sent))


def _said(body: bytes, secrets: Iterable[str]) -> str:
    """Return what a registry says of an error, in its own words, should it repeat what it was sent without that."""
    if len(body) > _MOST_SAID:
        return ""
    try:
        found = json.loads(body)["errors"][0]
        said = mask(f"{found.get('code', '')}: {found.get('message', '')}", secrets)
        return f" ({foreign(said)})"
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return ""
