"""The administrator's token: random, in a file only its owner can read, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

from towpath.errors import Unavailable
from towpath.server.auth import private_file

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "admin-token"


class AdminToken:
    """Knows whether a token is the administrator's."""

    def __init__(self, token: str) -> None:
        self._digest = hashlib.sha256(token.encode()).digest()

    @classmethod
    def load_or_create(cls, path: Path) -> AdminToken:
        """Read the token of a file, making both (0600) if there is none.

        Raises Unavailable when the file can be read by others, is empty or cannot be written.
        """
        found = private_file.load_or_create(path, "the administrator's token", _new)
        try:
            return cls(found.decode("ascii").strip())
        except UnicodeDecodeError as error:
            raise Unavailable(
                f"{path}: the administrator's token cannot be read: {error}"
            ) from error

    def matches(self, token: str) -> bool:
        """Whether it is this token."""
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        return hmac.compare_digest(digest, self._digest)


def _new() -> bytes:
    return secrets.token_urlsafe(32).encode() + b"\n"
