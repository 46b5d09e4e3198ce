"""Tokens of ServiceAccounts: signed JWTs that end by themselves, and with their account (Kubernetes' TokenRequest).

API tokens are such as well, bound to a Secret that stands for them (`api_tokens`): they end with it too, and need no end
of their own.

The key lies in the data directory beside the administrator's token. A token names its account's uid: one that was
deleted and made anew under the same name is another, and the token is refused.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.disk import private_file
from towpath.errors import NotFound, Unauthenticated, Unavailable
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules import rbac
from towpath.server.auth import jwt_peek
from towpath.server.auth.authenticator import CallerIdentity, Means

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from towpath.clock import Clock
    from towpath.rules.rbac import User
    from towpath.server.auth.authenticator import Presented
    from towpath.store.contract import Store

FILE: Final = "account-key"
AUDIENCE: Final = "towpath"
"""Whom tokens are for that name nobody else: this server."""
ISSUER: Final = "towpath"
_ALGORITHM: Final = "ES256"
_INVALID: Final = "invalid token"
_MOST_VERIFIED: Final = 1_000
_LONGEST_VERIFIED: Final = 2048
"""Characters; those that we issue have a few hundred."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token."""

    token: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class TokenSays:
    """What a token of ours says that holds."""

    user: User
    secret: tuple[str, str, str] | None = None
    """Namespace, name and uid of the Secret that it is bound to."""


class AccountTokens:
    """Issues and checks tokens of ServiceAccounts."""

    def __init__(self, store: Store, clock: Clock, key: bytes) -> None:
        """`key`: an EC private key in PEM, as `new_key` makes it. Raises Unavailable for any other text."""
        self._store = store
        self._clock = clock
        self._pem = key
        self._loaded: EllipticCurvePrivateKey | None = None
        self._verified: OrderedDict[tuple[bytes, tuple[str, ...]], dict[str, Any]] = OrderedDict()
        """The claims of tokens whose signature was checked, by the digest of the token and the audience asked for."""

    @classmethod
    def load_or_create(cls, path: Path, store: Store, clock: Clock) -> AccountTokens:
        """Read the key of a file, making it (0600) if there is none. Raises Unavailable."""
        what = "the key that signs the tokens of ServiceAccounts"
        return cls(store, clock, private_file.load_or_create(path, what, new_key))

    def issue(self, account: Ref, uid: str, *, audiences: Sequence[str], seconds: int) -> Issued:
        """Return a token of an account that holds for so many seconds."""
        import jwt

        now = self._clock.now()
        expires = now + timedelta(seconds=seconds)
        claims = {
            "iss": ISSUER,
            "sub": f"{rbac.ACCOUNT_PREFIX}{account.namespace}:{account.name}",
            "aud": list(audiences),
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int(expires.timestamp()),
            "jti": secrets.token_hex(16),
            "kubernetes.io": {
                "namespace": account.namespace,
                "serviceaccount": {"name": account.name, "uid": uid},
            },
        }
        token = jwt.encode(claims, self._key(), algorithm=_ALGORITHM)
        return Issued(token, datetime.fromtimestamp(int(expires.timestamp()), UTC))

    def issue_bound(
        self, account: Ref, uid: str, *, secret: str, secret_uid: str, seconds: int | None = None
    ) -> str:
        """Return a token of an account that holds as long as a Secret beside it does; `seconds`: at most so long."""
        import jwt

        now = int(self._clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": f"{rbac.ACCOUNT_PREFIX}{account.namespace}:{account.name}",
            "aud": [AUDIENCE],
            "iat": now,
            "nbf": now,
            "jti": secrets.token_hex(16),
            "kubernetes.io": {
                "namespace": account.namespace,
                "serviceaccount": {"name": account.name, "uid": uid},
                "secret": {"name": secret, "uid": secret_uid},
            },
        }
        if seconds is not None:
            claims["exp"] = now + seconds
        return jwt.encode(claims, self._key(), algorithm=_ALGORITHM)

    async def identify(self, shown: Presented) -> CallerIdentity | None:
        """See `Authenticator`: tokens that are bound to no Secret."""
        if jwt_peek.issuer(shown.bearer) != ISSUER:
            return None
        told = await self.told(shown.bearer)
        if told.secret is not None:
            return None
        return CallerIdentity(user=told.user, means=Means.SERVICE_ACCOUNT)

    async def user(self, token: str, audiences: Sequence[str] = (AUDIENCE,)) -> User:
        """Return the account that a token is of, as the user it is.

        Raises Unauthenticated for a token that we have not made, that is for others, has ended, or whose account or Secret is
        gone.
        """
        return (await self.told(token, audiences)).user

    async def told(self, token: str, audiences: Sequence[str] = (AUDIENCE,)) -> TokenSays:
        """Return what a token says. Raises Unauthenticated as `user` does."""
        claims = self._known_claims(token, tuple(audiences))
        try:
            told = claims["kubernetes.io"]
            namespace, named = told["namespace"], told["serviceaccount"]
            name, uid = named["name"], named["uid"]
            bound = told.get("secret")
            secret = (namespace, bound["name"], bound["uid"]) if bound is not None else None
            ends = float(claims["exp"] if secret is None or "exp" in claims else "inf")
        except (KeyError, TypeError, ValueError) as error:
            raise Unauthenticated(_INVALID) from error
        # `nbf` is when we issued it: only a clock that was set back since can lie before that.
        if self._clock.now().timestamp() >= ends:
            raise Unauthenticated("the token has expired; ask for a new one")
        try:
            stored = await self._store.get(Ref(scheme.SERVICE_ACCOUNT, namespace, name), fresh=True)
        except NotFound as error:
            raise Unauthenticated("the token's ServiceAccount does not exist any more") from error
        if stored.uid != uid or stored.document["metadata"].get("deletionTimestamp"):
            raise Unauthenticated("the token's ServiceAccount does not exist any more")
        if secret is not None:
            await self._require_secret(*secret)
        return TokenSays(rbac.account(namespace, name, uid), secret)

    async def _require_secret(self, namespace: str, name: str, uid: str) -> None:
        try:
            stored = await self._store.get(Ref(scheme.SECRET, namespace, name), fresh=True)
        except NotFound as error:
            raise Unauthenticated(
                "the token was revoked: its Secret does not exist any more"
            ) from error
        if stored.uid != uid or stored.document["metadata"].get("deletionTimestamp"):
            raise Unauthenticated("the token was revoked: its Secret does not exist any more")

    def _known_claims(self, token: str, audiences: tuple[str, ...]) -> dict[str, Any]:
        """Return what a token says. That it is ours is found out once: whether it still holds, each time."""
        key = (hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest(), audiences)
        found = self._verified.get(key)
        if found is None:
            found = self._claims(token, audiences)
            if len(token) + sum(map(len, audiences)) <= _LONGEST_VERIFIED:
                self._verified[key] = found
                if len(self._verified) > _MOST_VERIFIED:
                    self._verified.popitem(last=False)
        else:
            self._verified.move_to_end(key)
        return found

    def _claims(self, token: str, audiences: tuple[str, ...]) -> dict[str, Any]:
        import jwt

        try:
            # Times are checked against our own clock.
            found: dict[str, Any] = jwt.decode(
                token,
                self._key().public_key(),
                algorithms=[_ALGORITHM],
                issuer=ISSUER,
                audience=list(audiences),
                options={
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "require": ["nbf", "aud", "iss"],
                },
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise Unauthenticated(_INVALID) from error
        return found

    def _key(self) -> EllipticCurvePrivateKey:
        if self._loaded is None:
            from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
            from cryptography.hazmat.primitives.serialization import load_pem_private_key

            try:
                key = load_pem_private_key(self._pem, None)
            except (ValueError, TypeError) as error:
                raise Unavailable(
                    f"{FILE}: it holds no private key in PEM: restore it, or remove it to have a new one made; "
                    "tokens of ServiceAccounts are then refused and must be asked for anew"
                ) from error
            if not isinstance(key, EllipticCurvePrivateKey):
                raise Unavailable(f"{FILE}: it holds no elliptic-curve key")
            self._loaded = key
        return self._loaded


def new_key() -> bytes:
    """Return a new EC P-256 private key in PEM."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
