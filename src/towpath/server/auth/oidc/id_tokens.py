"""ID tokens: whether the provider made one, for us, and whether it holds; and who it is about."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from towpath.errors import Unauthenticated
from towpath.rules.rbac import AUTHENTICATED, User
from towpath.server.auth import jwt_peek
from towpath.server.auth.authenticator import CallerIdentity, Means

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clock import Clock
    from towpath.server.auth.authenticator import Presented
    from towpath.server.auth.oidc.provider import IdentityProvider
    from towpath.server.auth.oidc.terms import OidcTerms

ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
"""Those with a public key: none by which somebody who knows that could sign."""
LEEWAY_SECONDS: Final = 30.0
"""By which the provider's clock may differ from ours."""
_INVALID: Final = "invalid token"
_MOST_VERIFIED: Final = 1_000
_MOST_CLAIMS: Final = 200
_MOST_VALUES: Final = 1_000
_EMAIL: Final = "email"
_LATEST: Final = 1e12
"""Seconds since 1970: no time of a token lies beyond."""


class IdTokens:
    """Knows people by their ID tokens."""

    def __init__(self, terms: OidcTerms, provider: IdentityProvider, clock: Clock) -> None:
        self._terms = terms
        self._provider = provider
        self._clock = clock
        self._verified: OrderedDict[tuple[bytes, int], dict[str, Any]] = OrderedDict()
        """Claims of tokens whose signature was checked, by digest and the keys by which it was."""

    async def identify(self, shown: Presented) -> CallerIdentity | None:
        """See `Authenticator`."""
        if jwt_peek.issuer(shown.bearer) != self._terms.issuer:
            return None
        return CallerIdentity(user=self.user(await self.claims(shown.bearer)), means=Means.OIDC)

    async def claims(self, token: str, *, nonce: str | None = None) -> dict[str, Any]:
        """Return what a token says that the provider made for us, and that holds now.

        `nonce`: what it has to repeat. Raises Unauthenticated; Unavailable where the provider cannot be asked.
        """
        if len(token) > jwt_peek.LONGEST:
            raise Unauthenticated(_INVALID)
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        found = self._verified.get((digest, self._provider.generation))
        if found is None:
            found = await self._checked(token)
            self._verified[digest, self._provider.generation] = found
            if len(self._verified) > _MOST_VERIFIED:
                self._verified.popitem(last=False)
        self._check_times(found)
        if nonce is not None:
            said = found.get("nonce")
            if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
                raise Unauthenticated(
                    "the identity provider's answer belongs to another sign-in; begin again"
                )
        return found

    def ends(self, claims: Mapping[str, Any]) -> float:
        """Return the seconds for which a token still holds."""
        return float(claims["exp"]) - self._clock.now().timestamp()

    def user(self, claims: Mapping[str, Any]) -> User:
        """Return who a token is about. Raises Unauthenticated where it does not say, or the address is not verified."""
        claim = self._terms.username_claim
        name = claims.get(claim)
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            raise Unauthenticated(
                f"the identity provider says no {claim}: have it put the claim {claim!r} into its ID tokens, or "
                "configure another oidc.usernameClaim"
            )
        is_verified = claims.get("email_verified", True) in (True, "true")
        if claim == _EMAIL and not is_verified:
            raise Unauthenticated(
                "the identity provider says that the email address is not verified"
            )
        # Anybody may write the address of somebody else where nobody looks whether it is theirs: no right comes of it.
        said = {
            name: each for name, each in _texts(claims).items() if is_verified or name != _EMAIL
        }
        return User(f"{claim}:{name}", (AUTHENTICATED,), claims=said)

    async def _checked(self, token: str) -> dict[str, Any]:
        import jwt

        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise Unauthenticated(_INVALID) from error
        algorithm, name = header.get("alg"), header.get("kid", "")
        if algorithm not in ALGORITHMS or not isinstance(name, str):
            raise Unauthenticated(_INVALID)
        key = await self._provider.key(name)
        if key is None or key.algorithm not in ("", algorithm):
            raise Unauthenticated(_INVALID)
        try:
            found: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=[algorithm],
                issuer=self._terms.issuer,
                audience=list(self._terms.audiences),
                options={  # times are checked against our own clock
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "require": ["iss", "sub", "aud", "exp", "iat"],
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise Unauthenticated(_INVALID) from error
        for_several = isinstance(found["aud"], list) and len(found["aud"]) > 1
        if (for_several or "azp" in found) and found.get("azp") not in self._terms.audiences:
            raise Unauthenticated(_INVALID)
        return found

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._clock.now().timestamp()
        times = {key: claims.get(key, now) for key in ("exp", "nbf", "iat")}
        if not all(map(_is_time, times.values())):
            raise Unauthenticated(_INVALID)
        if now >= times["exp"] + LEEWAY_SECONDS:
            raise Unauthenticated("the token has expired; sign in again")
        if max(times["nbf"], times["iat"]) > now + LEEWAY_SECONDS:
            raise Unauthenticated("the token does not hold yet: see whether the clocks are right")


def _is_time(value: object) -> bool:
    """Whether a value is a number of seconds since 1970; what is no number, or has no end, is not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LATEST


def _is_text(value: object) -> TypeGuard[str]:
    """Whether a value is a text that can be looked up and answered: JSON can escape half of a character."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _texts(claims: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return claims that are texts, and the texts of those that are lists."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in list(claims.items())[:_MOST_CLAIMS]:
        values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        texts = tuple(each for each in values[:_MOST_VALUES] if _is_text(each))
        if texts and _is_text(name):
            found[name] = texts
    return found
