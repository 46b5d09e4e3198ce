"""The administrator's token: random, in a file only its owner can read, compared in constant time.

Whoever writes another token into the file has changed it, at once: the old one is refused from then on.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from typing import TYPE_CHECKING, Final

from towpath.disk import private_file
from towpath.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "admin-token"
_WHAT: Final = "the administrator's token"
_log = logging.getLogger(__name__)


class AdminToken:
    """Knows whether a token is the administrator's."""

    def __init__(self, token: str, path: Path | None = None) -> None:
        """`path`: the file that says so, whose changes count."""
        self._digest = hashlib.sha256(token.encode()).digest()
        self._path = path
        self._seen = _state(path)

    @classmethod
    def load_or_create(cls, path: Path) -> AdminToken:
        """Read the token from a file; if the file is missing, create it (0600) with a new token.

        Raises Unavailable when the file can be read by others, is empty or cannot be written.
        """
        private_file.load_or_create(path, _WHAT, _new)
        return cls(_read(path), path)

    def matches(self, token: str) -> bool:
        """Whether it is this token, as its file has it now."""
        self._look()
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        return hmac.compare_digest(digest, self._digest)

    def _look(self) -> None:
        """Take what the file says if it has changed; while it cannot be read, what it said last counts."""
        state = _state(self._path)
        if self._path is None or state is None or state == self._seen:
            return
        self._seen = state
        try:
            token = _read(self._path)
        except Unavailable as error:
            _log.warning("the administrator's token stays what it was: %s", error)
            return
        self._digest = hashlib.sha256(token.encode()).digest()
        _log.info("the administrator's token was changed")


def _state(path: Path | None) -> tuple[int, ...] | None:
    """Return what tells that a file was written anew, or may be read by others than before; None if it is not there."""
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return (
        None
        if found is None
        else (
            found.st_mtime_ns,
            found.st_ctime_ns,
            found.st_mode,
            found.st_size,
            found.st_ino,
        )
    )


def _read(path: Path) -> str:
    """Return the token of a file that is there. Raises Unavailable."""
    try:
        return private_file.read(path, _WHAT).decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise Unavailable(f"{path}: {_WHAT} cannot be read: {error}") from error


def _new() -> bytes:
    return secrets.token_urlsafe(32).encode() + b"\n"
