"""The key file: the keys that seal Secrets, outside the data directory.

Text, one key to a line, the last one is the newest and seals; the others open what older backups hold:

    towpath-key-v1 <id> <base64 of 32 bytes>

The id is the first 16 hexadecimal digits of the key's SHA-256: it can be recorded anywhere, and tells
which key is missing without telling anything about it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.disk import reading, writing

if TYPE_CHECKING:
    from pathlib import Path

_TAG: Final = "towpath-key-v1"
_MOST_BYTES: Final = 1 << 20
_HEAD: Final = (
    "# Keys that seal the Secrets of a Towpath data directory; the last line is the newest.\n"
    "# Keep a copy apart from backups: without its key, a backup's Secrets cannot be opened.\n"
)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """One key: 32 random bytes."""

    secret: bytes

    @property
    def id(self) -> str:
        """What names this key."""
        return hashlib.sha256(self.secret).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"<Key {self.id}>"


class Keyring:
    """The keys of one key file."""

    def __init__(self, path: Path, keys: tuple[SealingKey, ...]) -> None:
        self.path = path
        self._keys = keys

    @property
    def newest(self) -> SealingKey:
        """The key that seals from now on."""
        return self._keys[-1]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all keys, oldest first."""
        return tuple(key.id for key in self._keys)

    def find(self, id_: str) -> SealingKey | None:
        """Return the key of that id."""
        return next((key for key in self._keys if key.id == id_), None)

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """Read the key file.

        Raises Unavailable when it is missing, can be read by others, or is not a key file.
        """
        try:
            mode = path.stat().st_mode
            text = reading.regular(path, _MOST_BYTES).decode("utf-8")
        except FileNotFoundError as error:
            raise errors.Unavailable(
                f"key file {path}: it does not exist; set TOWPATH_KEY_FILE to the file that holds the key, "
                "or put its copy back"
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            said = getattr(error, "strerror", None) or str(error)
            raise errors.Unavailable(
                f"key file {path}: cannot be read: {said}; let user id {os.geteuid()} read it, or set "
                "TOWPATH_KEY_FILE to another"
            ) from error
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise errors.Unavailable(
                f"key file {path}: mode {stat.S_IMODE(mode):04o} lets others at the key; "
                f"run: chmod 600 {path}"
            )
        keys = tuple(
            _parse(line, number, path)
            for number, line in enumerate(text.splitlines(), 1)
            if line.strip() and not line.startswith("#")
        )
        if not keys:
            raise errors.Unavailable(
                f"key file {path}: it holds no key; put its copy back (or remove the empty file to have a "
                "new key made for an empty data directory)"
            )
        return cls(path, keys)

    @classmethod
    def load_or_create(cls, path: Path) -> Keyring:
        """Read the key file, generating it (0600, directories 0700) if there is none.

        Two processes that do so at the same time end up with the same key. Raises Unavailable as `load`
        does, and when the file cannot be written.
        """
        try:
            if not path.exists():
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                text = _HEAD + _line(SealingKey(secrets.token_bytes(32)))
                with contextlib.suppress(
                    FileExistsError
                ):  # another process was first: theirs counts
                    writing.write(path, text.encode("ascii"), is_new=True)
        except OSError as error:
            raise errors.Unavailable(
                f"key file {path}: cannot be reached or made: {error.strerror}; set TOWPATH_KEY_FILE to a path "
                "that can be read and written, outside the data directory"
            ) from error
        return cls.load(path)

    def with_new_key(self) -> Keyring:
        """Append a new key to the file, durably, and return the ring that has it.

        Raises Unavailable when the file cannot be written; it is then as it was.
        """
        key = SealingKey(secrets.token_bytes(32))
        try:
            text = reading.regular(self.path, _MOST_BYTES).decode("utf-8")
            if not text.endswith("\n"):
                text += "\n"
            # The file may be reached by a link: what that leads to is the key file, and is kept.
            writing.write(self.path.resolve(), (text + _line(key)).encode())
        except OSError as error:
            raise errors.Unavailable(
                f"key file {self.path}: a new key cannot be written: {error.strerror}"
            ) from error
        return Keyring(self.path, (*self._keys, key))


def _line(key: SealingKey) -> str:
    return f"{_TAG} {key.id} {base64.b64encode(key.secret).decode()}\n"


def _parse(line: str, number: int, path: Path) -> SealingKey:
    """Read one line; errors show its number and never its text, which may be key material."""
    match line.split():
        case [tag, id_, encoded] if tag == _TAG:
            try:
                key = SealingKey(base64.b64decode(encoded, validate=True))
            except binascii.Error:
                key = SealingKey(b"")
            if len(key.secret) == 32 and key.id == id_:
                return key
    raise errors.Unavailable(
        f"key file {path}: line {number} is not a key (`{_TAG} ID BASE64`), or is damaged; "
        "put its copy back"
    )
