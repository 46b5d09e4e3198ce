"""Passwords and their hashes: ours are Argon2id, those of Kargo's configuration (bcrypt) are read as well."""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import Final

from towpath.runtime import threads

LONGEST: Final = 1_024
"""Bytes of a password; nothing longer is hashed."""
SHORTEST: Final = 8
"""Characters of one that somebody chooses."""
_BCRYPT_LONGEST: Final = 72
_AT_ONCE: Final = 2
"""Each check takes 64 MiB and some 50 ms of a core."""
_BCRYPT: Final = re.compile(r"\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}")
_ARGON2: Final = re.compile(
    r"\$argon2id\$v=19\$m=\d{1,7},t=\d{1,3},p=\d{1,3}\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}"
)
NOBODYS: Final = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def new() -> str:
    """Return a password that nobody guesses."""
    return secrets.token_urlsafe(18)


def hashed(password: str) -> str:
    """Return a password's hash, as it is kept. It takes some 50 ms of the thread that asks."""
    import argon2

    return argon2.PasswordHasher().hash(password)


def is_hash(text: str) -> bool:
    """Whether a text is a hash that can be checked against."""
    return bool(_ARGON2.fullmatch(text) or _BCRYPT.fullmatch(text))


def matches(hash_: str, password: str) -> bool:
    """Whether a password is the one of a hash; False for a hash that is none. In constant time as to the password."""
    given = password.encode("utf-8", "replace")
    if not given or len(given) > LONGEST:
        return False
    if _BCRYPT.fullmatch(hash_):
        import bcrypt

        return len(given) <= _BCRYPT_LONGEST and bcrypt.checkpw(given, hash_.encode())
    import argon2

    try:
        return argon2.PasswordHasher().verify(hash_, given)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


class PasswordChecks:
    """Checks passwords beside the event loop, a few at once."""

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._room = asyncio.Semaphore(at_once)

    async def matches(self, hash_: str, password: str) -> bool:
        """Return what `matches` says. Who is cancelled gives its place away when the check has ended, not before."""
        async with self._room:
            return await threads.in_thread(_check, hash_, password)


def _check(_: threads.Stop, hash_: str, password: str) -> bool:
    return matches(hash_, password)
