"""The administrator's account: a password, and what it is exchanged for.

The password's hash comes from the operator's configuration, or lies in the data directory (`admin-password`, 0600), whose
changes count at once. Another password, or another key of sign-ins, ends every sign-in that was made before.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.admission.requester import ADMIN
from towpath.errors import Unauthenticated
from towpath.server.auth import jwt_peek, passwords
from towpath.server.auth.authenticator import CallerIdentity, Means

if TYPE_CHECKING:
    from towpath.clock import Clock
    from towpath.server.auth.authenticator import Presented
    from towpath.server.auth.login_key import LoginKey
    from towpath.server.auth.watched_file import WatchedFile

FILE: Final = "admin-password"
WHAT: Final = "the hash of the administrator's password"
NAME: Final = "admin"
ISSUER: Final = "towpath-login"
"""Where the operator does not say under which URL the server is reached."""
_ALGORITHM: Final = "HS256"
_INVALID: Final = "invalid token"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminTerms:
    """What holds for the account."""

    is_enabled: bool = True
    hash: str = field(default="", repr=False)
    """Of the configuration; empty: the file's."""
    seconds: float = 24 * 3600.0
    """How long a sign-in holds."""
    issuer: str = ISSUER
    audience: str = "towpath"


class AdminAccount:
    """Knows the administrator by the password, and by tokens that were given for it."""

    def __init__(
        self, terms: AdminTerms, key: LoginKey, clock: Clock, file: WatchedFile | None = None
    ) -> None:
        """`file`: holds the hash where the terms have none."""
        self._terms = terms
        self._key = key
        self._clock = clock
        self._file = file
        self._checks = passwords.PasswordChecks()

    @property
    def is_enabled(self) -> bool:
        """Whether somebody can sign in."""
        return self._terms.is_enabled and bool(self._hash)

    @property
    def stamp(self) -> str:
        """What a sign-in depends on: it changes with the password and the key."""
        return self._key.derive("stamp", self._hash).hex()

    async def matches(self, password: str) -> bool:
        """Whether it is the password. Takes as long where there is none."""
        hash_ = self._hash if self.is_enabled else passwords.NOBODYS
        return await self._checks.matches(hash_, password) and self.is_enabled

    def issue(self) -> str:
        """Return a token for who has shown the password."""
        import jwt

        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._terms.issuer,
            "sub": NAME,
            "aud": self._terms.audience,
            "iat": now,
            "nbf": now,
            "exp": int(now + self._terms.seconds),
            "jti": secrets.token_hex(16),
        }
        return jwt.encode(claims, self._signing_key(), algorithm=_ALGORITHM)

    async def identify(self, shown: Presented) -> CallerIdentity | None:
        """See `Authenticator`."""
        if not shown.bearer or jwt_peek.issuer(shown.bearer) != self._terms.issuer:
            return None
        if not self.is_enabled:
            raise Unauthenticated(_INVALID)
        claims = self._claims(shown.bearer)
        ends = claims["exp"]
        if not isinstance(ends, int) or self._clock.now().timestamp() >= ends:
            raise Unauthenticated("the token has expired; sign in again")
        return CallerIdentity(user=ADMIN.user, means=Means.ADMIN_LOGIN)

    def ends(self) -> datetime:
        """Return when a sign-in of now ends (UTC)."""
        return self._clock.now().astimezone(UTC) + timedelta(seconds=self._terms.seconds)

    def _claims(self, token: str) -> dict[str, Any]:
        import jwt

        try:
            found: dict[str, Any] = jwt.decode(
                token,
                self._signing_key(),
                algorithms=[_ALGORITHM],
                issuer=self._terms.issuer,
                audience=self._terms.audience,
                options={  # times are checked against our own clock
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "require": ["exp", "nbf", "iat", "aud", "iss", "sub", "jti"],
                },
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise Unauthenticated(_INVALID) from error
        if found["sub"] != NAME:
            raise Unauthenticated(_INVALID)
        return found

    def _signing_key(self) -> bytes:
        return self._key.derive("admin login", self._hash)

    @property
    def _hash(self) -> str:
        if self._terms.hash or self._file is None:
            return self._terms.hash
        said = self._file.read().decode("ascii", "replace").strip()
        return said if passwords.is_hash(said) else ""
