"""The administrator's password and the key of sign-ins, in the files of a data directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.disk import writing
from towpath.errors import BadRequest, NotFound, Unavailable
from towpath.server.auth import admin_account, login_key, passwords

if TYPE_CHECKING:
    from pathlib import Path

hashed = passwords.hashed
new_password = passwords.new


def check(password: str) -> None:
    """Return if somebody may choose a password. Raises BadRequest."""
    if (
        len(password) < passwords.SHORTEST
        or len(password.encode("utf-8", "replace")) > passwords.LONGEST
    ):
        raise BadRequest(
            f"the password must have {passwords.SHORTEST} characters at least, and {passwords.LONGEST} bytes at most"
        )
    if password != password.strip() or not password.isprintable():
        raise BadRequest(
            "the password must not begin or end with a space, nor hold control characters"
        )


def require_data_directory(data: Path) -> None:
    """Return if there is a folder. Raises NotFound."""
    if not data.is_dir():
        raise NotFound(f"--data {data}: there is no such folder; towpath up makes it")


def set_password(data: Path, password: str) -> None:
    """Have the server of a data directory know a password. Raises NotFound, Unavailable."""
    _write(data, admin_account.FILE, passwords.hashed(password).encode() + b"\n")


def sign_out_everyone(data: Path) -> None:
    """Have every sign-in end. Raises NotFound, Unavailable."""
    _write(data, login_key.FILE, login_key.new())


def _write(data: Path, name: str, contents: bytes) -> None:
    require_data_directory(data)
    try:
        writing.write(data / name, contents)
    except OSError as error:
        raise Unavailable(f"{data / name}: it cannot be written: {error}") from error
