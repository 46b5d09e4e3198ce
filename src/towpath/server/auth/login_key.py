"""The key of sign-ins: what is signed or kept by it ends, all at once, when another takes its place.

It lies in the data directory (`login-key`, 0600) and its changes count at once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

from towpath.disk import private_file
from towpath.server.auth.watched_file import WatchedFile

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "login-key"
_WHAT: Final = "the key of sign-ins"


class LoginKey:
    """Derives a key for each purpose."""

    def __init__(self, key: bytes, file: WatchedFile | None = None) -> None:
        """`file`: says what the key is now, and goes before `key`."""
        self._key = key
        self._file = file

    @classmethod
    def load_or_create(cls, path: Path) -> LoginKey:
        """Read the key of a file, making it (0600) if there is none. Raises Unavailable."""
        private_file.load_or_create(path, _WHAT, new)
        return cls(b"", WatchedFile(path, _WHAT))

    def derive(self, purpose: str, *also: str) -> bytes:
        """Return the key for a purpose, and for what it depends on besides."""
        key = self._key if self._file is None else self._file.read().strip()
        told = "\0".join((purpose, *also)).encode()
        return hmac.digest(key, told, hashlib.sha256)


def new() -> bytes:
    """Return a new key, as its file has it."""
    return secrets.token_hex(32).encode() + b"\n"
