"""Signing in through the provider's pages: authorization code with PKCE.

What belongs to a sign-in that has begun lies in the browser that began it, in a cookie that no script reads and nobody else
can make: the code that comes back is taken from this browser alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from towpath.errors import BadRequest, Forbidden, TowpathError, Unavailable

if TYPE_CHECKING:
    from towpath.clients.http import Egress
    from towpath.clock import Clock
    from towpath.server.auth.login_key import LoginKey
    from towpath.server.auth.oidc.id_tokens import IdTokens
    from towpath.server.auth.oidc.provider import IdentityProvider
    from towpath.server.auth.oidc.terms import OidcTerms

SECONDS: Final = 600
_AGAIN: Final = "begin the sign-in again"
_LONGEST: Final = 4_096
_LONGEST_WAY: Final = 1_000


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun."""

    url: str
    """Of the provider's page."""
    kept: str = field(repr=False)
    """What the browser keeps and shows when it comes back."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody has signed in at the provider."""

    claims: dict[str, Any]
    redirect_to: str
    """The page of ours that they came from."""


class CodeFlow:
    """Begins sign-ins and ends them."""

    def __init__(
        self,
        terms: OidcTerms,
        provider: IdentityProvider,
        tokens: IdTokens,
        *,
        egress: Egress,
        key: LoginKey,
        clock: Clock,
    ) -> None:
        self._terms = terms
        self._provider = provider
        self._tokens = tokens
        self._egress = egress
        self._key = key
        self._clock = clock

    async def begin(self, redirect_uri: str, redirect_to: str) -> Begun:
        """Begin one that comes back to `redirect_uri`. Raises BadRequest for a `redirect_to` that is no page of ours."""
        way = local_page(redirect_to)
        endpoint = (await self._provider.endpoints()).authorization
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(
            b"="
        )
        asked = {
            "response_type": "code",
            "client_id": self._terms.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self._terms.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        kept = {
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "uri": redirect_uri,
            "way": way,
            "until": int(self._clock.now().timestamp()) + SECONDS,
        }
        joined = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"
        return Begun(joined, self._sealed(kept))

    async def finish(self, code: str, state: str, kept: str) -> SignedIn:
        """End one. `kept`: what the browser shows.

        Raises BadRequest for a code that belongs to no sign-in of this browser, Forbidden for one that the provider does not
        take, Unauthenticated for a token of the provider's that does not hold, Unavailable.
        """
        begun = self._opened(kept)
        if not hmac.compare_digest(str(begun["state"]).encode(), state.encode("utf-8", "replace")):
            raise BadRequest(
                f"state: it belongs to no sign-in that this browser has begun; {_AGAIN}"
            )
        endpoints = await self._provider.endpoints()
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun["uri"],
            "client_id": self._terms.client_id,
            "code_verifier": begun["verifier"],
        }
        if self._terms.client_secret:
            asked["client_secret"] = self._terms.client_secret
        token = await self._exchanged(endpoints.token, asked)
        claims = await self._tokens.claims(token, nonce=str(begun["nonce"]))
        return SignedIn(claims, str(begun["way"]))

    async def _exchanged(self, endpoint: str, asked: dict[str, str]) -> str:
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        body = urlencode(asked).encode()
        try:
            answer = await self._egress.request(
                "POST",
                endpoint,
                headers=headers,
                body=body,
                seconds=15.0,
                most_bytes=1 << 20,
                follows=False,
            )
        except TowpathError as error:
            raise Unavailable(
                f"the identity provider {self._terms.issuer} cannot be asked: {error.message}"
            ) from error
        try:
            found = json.loads(answer.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or answer.status >= 500:
            raise Unavailable(
                f"the identity provider {self._terms.issuer} answers {answer.status} where a code is exchanged"
            )
        token = found.get("id_token")
        if answer.status != 200 or not isinstance(token, str):
            why = "".join(
                each for each in str(found.get("error", "no ID token"))[:100] if each.isprintable()
            )
            raise Forbidden(f"the identity provider does not take the code: {why}; {_AGAIN}")
        return token

    def _sealed(self, kept: dict[str, Any]) -> str:
        told = (
            base64.urlsafe_b64encode(json.dumps(kept, separators=(",", ":")).encode())
            .decode()
            .rstrip("=")
        )
        return f"{told}.{self._mac(told)}"

    def _opened(self, kept: str) -> dict[str, Any]:
        told, _, mac = kept.rpartition(".")
        is_ours = hmac.compare_digest(self._mac(told).encode(), mac.encode("utf-8", "replace"))
        if not told or len(kept) > _LONGEST or not is_ours:
            raise BadRequest(
                f"this browser has begun no sign-in, or does not keep cookies; {_AGAIN}"
            )
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(told + "=" * (-len(told) % 4)))
        if self._clock.now().timestamp() >= found["until"]:
            raise BadRequest(f"the sign-in took more than {SECONDS // 60} minutes; {_AGAIN}")
        return found

    def _mac(self, told: str) -> str:
        key = self._key.derive("oidc sign-in")
        return hmac.new(key, told.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def local_page(way: str) -> str:
    """Return a path of ours with its query; `/` for none. Raises BadRequest for what leads elsewhere."""
    if not way:
        return "/"
    is_ours = (
        way.startswith("/") and not way.startswith("//") and "\\" not in way and way.isprintable()
    )
    if not is_ours or " " in way or len(way) > _LONGEST_WAY:
        raise BadRequest("redirectTo: it must be a path of this server, such as /projects/shop")
    return way
