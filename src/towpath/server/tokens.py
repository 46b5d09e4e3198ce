"""The administrator's token: random, in a file only its owner can read, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING, Final

from towpath.errors import Unauthenticated, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "admin-token"
_SCHEME: Final = "bearer"


class AdminToken:
    """Knows whether a request comes from the administrator."""

    def __init__(self, token: str) -> None:
        self._digest = hashlib.sha256(token.encode()).digest()

    @classmethod
    def load_or_create(cls, path: Path) -> AdminToken:
        """Read the token of a file, making both (0600) if there is none.

        Raises Unavailable when the file can be read by others, is empty or cannot be written.
        """
        try:
            if not path.exists():
                _create(path)
            if path.stat().st_mode & 0o077:
                raise Unavailable(
                    f"{path}: others can read the administrator's token; run: chmod 600 {path}"
                )
            token = path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable(
                f"{path}: the administrator's token cannot be read: {error}"
            ) from error
        if not token:
            raise Unavailable(f"{path}: it is empty; remove it to have a new token made")
        return cls(token)

    def check(self, authorization: str | None) -> None:
        """Return if an `Authorization` header carries the token. Raises Unauthenticated."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != _SCHEME or not token.strip():
            raise Unauthenticated("no token provided")
        digest = hashlib.sha256(token.strip().encode("utf-8", "replace")).digest()
        if not hmac.compare_digest(digest, self._digest):
            raise Unauthenticated("invalid token")


def _create(path: Path) -> None:
    """Write a new token so that the file is complete from the moment it is there."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
