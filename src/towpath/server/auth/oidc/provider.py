"""The identity provider: where its endpoints are, and the keys by which it signs.

Both are asked for when they are needed and kept. A key that is not known is looked for once more, but not again and again:
who sends tokens of made-up keys does not have us ask the provider each time.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.clients.http import urls
from towpath.errors import TowpathError, Unavailable

if TYPE_CHECKING:
    from towpath.clients.http import Egress
    from towpath.clock import Clock

KEPT_SECONDS: Final = 3_600.0
AGAIN_SECONDS: Final = 30.0
"""After a look that did not find a key, or failed, before there is another."""
PAUSE_SECONDS: Final = 2.0
"""After it could not be asked where its endpoints are: anybody may have us ask, without signing in."""
_SECONDS: Final = 10.0
_LARGEST: Final = 1 << 20
_MOST_KEYS: Final = 100


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the provider is asked."""

    authorization: str
    token: str
    keys: str
    device: str = ""


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """A public key of the provider's."""

    key: Any
    """As `cryptography` has it."""
    algorithm: str
    """The only one it is for; empty: any that its kind can."""


class IdentityProvider:
    """Asks the provider."""

    def __init__(self, issuer: str, egress: Egress, clock: Clock) -> None:
        self._issuer = issuer
        self._egress = egress
        self._clock = clock
        self._endpoints: tuple[float, Endpoints] | None = None
        self._keys: dict[str, ProviderKey] = {}
        self._looked = float("-inf")
        self._failure: TowpathError | None = None
        self._turn = asyncio.Lock()
        self._asking = asyncio.Lock()
        self._refusal: tuple[float, str] | None = None
        """Until when it is not asked again for its endpoints, and why."""
        self.generation = 0
        """Counts how often the keys were read: what was checked by others is to be checked again."""

    async def endpoints(self) -> Endpoints:
        """Return where it is asked. Raises Unavailable, which says what is wrong with its answer."""
        found = self._known_endpoints()
        if found is None:
            async with self._asking:  # whoever signs in at once has the provider asked once
                found = self._known_endpoints()
                if found is None:
                    found = await self._read_endpoints()
        return found

    def _known_endpoints(self) -> Endpoints | None:
        """Return them; None where they are to be asked for. Raises Unavailable where that has failed just now."""
        now = self._clock.monotonic()
        if self._endpoints is not None and now < self._endpoints[0]:
            return self._endpoints[1]
        if self._refusal is not None and now < self._refusal[0]:
            raise Unavailable(self._refusal[1])
        return None

    async def _read_endpoints(self) -> Endpoints:
        try:
            endpoints = await self._discovered()
        except TowpathError as error:
            self._refusal = (self._clock.monotonic() + PAUSE_SECONDS, error.message)
            raise
        self._endpoints = (self._clock.monotonic() + KEPT_SECONDS, endpoints)
        return endpoints

    async def _discovered(self) -> Endpoints:
        where = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await self._json(where)
        if found.get("issuer") != self._issuer:
            raise self._wrong(f"it calls itself {str(found.get('issuer'))[:200]!r}")
        named = [
            self._url(found, f"{name}", is_required=name != "device_authorization_endpoint")
            for name in (
                "authorization_endpoint", "token_endpoint", "jwks_uri", "device_authorization_endpoint",
            )
        ]  # fmt: skip
        return Endpoints(*named)

    async def key(self, name: str) -> ProviderKey | None:
        """Return a key by its name (`kid`); None for one that the provider does not have. Raises Unavailable."""
        found = self._find(name)
        if found is not None and self._clock.monotonic() - self._looked < KEPT_SECONDS:
            return found  # nobody who shows a key that is known waits for those who show others
        async with self._turn:
            since = self._clock.monotonic() - self._looked
            found = self._find(name)
            due = since >= (KEPT_SECONDS if found is not None else AGAIN_SECONDS)
            if due:
                try:
                    await self._read()
                except TowpathError as error:
                    self._failure = error
                    if found is None:
                        raise
            elif found is None and self._failure is not None:
                raise self._failure
            return self._find(name)

    def _find(self, name: str) -> ProviderKey | None:
        if not name and len(self._keys) == 1:  # one key need not be named
            return next(iter(self._keys.values()))
        return self._keys.get(name)

    async def _read(self) -> None:
        self._looked = self._clock.monotonic()
        from jwt import PyJWK, PyJWTError

        found = (await self._json((await self.endpoints()).keys)).get("keys")
        keys: dict[str, ProviderKey] = {}
        for each in found[:_MOST_KEYS] if isinstance(found, list) else ():
            try:
                if (
                    isinstance(each, dict)
                    and each.get("use", "sig") == "sig"
                    and each.get("kty") != "oct"
                ):
                    keys[str(each.get("kid", ""))] = ProviderKey(
                        PyJWK(each).key, str(each.get("alg", ""))
                    )
            except (PyJWTError, ValueError, TypeError):
                continue  # of a kind that we cannot check by
        if not keys:
            raise self._wrong("it names no key by which tokens can be checked")
        self._keys, self._failure = keys, None
        self.generation += 1

    async def _json(self, url: str) -> dict[str, Any]:
        try:
            answer = await self._egress.request(
                "GET",
                url,
                headers={"accept": "application/json"},
                seconds=_SECONDS,
                most_bytes=_LARGEST,
            )
        except TowpathError as error:
            raise self._wrong(error.message) from error
        if answer.status != 200:
            raise self._wrong(f"{answer.url} answers {answer.status}")
        try:
            found = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise self._wrong(f"{answer.url} answers no JSON") from error
        if not isinstance(found, dict):
            raise self._wrong(f"{answer.url} answers no JSON object")
        return found

    def _url(self, found: dict[str, Any], key: str, *, is_required: bool) -> str:
        """Return the URL of an endpoint. Raises Unavailable for none, and for one without TLS where the issuer has it."""
        said = found.get(key)
        if said is None and not is_required:
            return ""
        schemes = ("https",) if self._issuer.startswith("https:") else ("https", "http")
        try:
            place = urls.split(str(said))
        except urls.Unacceptable as error:
            raise self._wrong(f"{key}: {error}") from error
        if place.scheme not in schemes or place.has_user:
            raise self._wrong(f"{key}: it must be a URL of {' or '.join(schemes)}")
        return str(said)

    def _wrong(self, why: str) -> Unavailable:
        return Unavailable(f"the identity provider {self._issuer} cannot be asked: {why}")
