"""The administrator's token: random, in a file only its owner can read, compared in constant time.

Whoever writes another token into the file has changed it, at once: the old one is refused from then on.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

from towpath.admission.requester import ADMIN
from towpath.disk import private_file
from towpath.server.auth.authenticator import CallerIdentity, Means
from towpath.server.auth.watched_file import WatchedFile

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.server.auth.authenticator import Presented

FILE: Final = "admin-token"
_WHAT: Final = "the administrator's token"


class AdminToken:
    """Knows the administrator by the token of the data directory."""

    def __init__(self, token: str, file: WatchedFile | None = None) -> None:
        """`file`: says what the token is now, and goes before `token`."""
        self._token = token.encode()
        self._file = file

    @classmethod
    def load_or_create(cls, path: Path) -> AdminToken:
        """Read the token from a file; if the file is missing, create it (0600) with a new token.

        Raises Unavailable when the file can be read by others, is empty or cannot be written.
        """
        private_file.load_or_create(path, _WHAT, _new)
        return cls("", WatchedFile(path, _WHAT))

    def matches(self, token: str) -> bool:
        """Whether it is this token, as its file has it now."""
        wanted = self._token if self._file is None else self._file.read().strip()
        given = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        return hmac.compare_digest(given, hashlib.sha256(wanted).digest())

    async def identify(self, shown: Presented) -> CallerIdentity | None:
        """See `Authenticator`."""
        if not shown.bearer or not self.matches(shown.bearer):
            return None
        return CallerIdentity(user=ADMIN.user, means=Means.ADMIN_TOKEN)


def _new() -> bytes:
    return secrets.token_urlsafe(32).encode() + b"\n"
