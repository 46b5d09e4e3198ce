"""Calls to a running server, over the standard library's HTTP client."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import ssl
import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK: Final = 1 << 20
_BY_STATUS: Final = {
    kind.status: kind
    for kind in (
        errors.BadRequest,
        errors.Unauthenticated,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.Expired,
        errors.TooLarge,
        errors.TooManyRequests,
        errors.Unavailable,
        errors.Timeout,
    )
}


@dataclass(frozen=True, slots=True)
class Received:
    """What a backup from a server holds."""

    path: Path
    objects: int
    revision: int
    bytes: int


class Client:
    """Speaks to one server as one caller."""

    def __init__(self, server: str, token: str, *, seconds: float = 600.0) -> None:
        """`server` is an address such as `http://127.0.0.1:8080`. Raises BadRequest if it is none."""
        parts = urllib.parse.urlsplit(server)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise errors.BadRequest(
                f"TOWPATH_SERVER {server!r}: it must be an address such as http://127.0.0.1:8080"
            )
        self._parts = parts
        self._token = token
        self._seconds = seconds

    def back_up(self, path: Path) -> Received:
        """Have the server send a checked backup into the file `path` (0600), which must not exist.

        Raises AlreadyExists, Unauthenticated, Unavailable; there is then nothing at `path`.
        """
        path = path.absolute()
        if os.path.lexists(path):
            raise errors.AlreadyExists(
                f"{path}: there is a file of that name already; name another"
            )
        new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        connection = self._connect()
        try:
            answer = self._request(connection, "POST", "/towpath/v1/backup")
            size = _save(answer, new)
            os.link(new, path)
        except FileExistsError as error:
            raise errors.AlreadyExists(
                f"{path}: there is a file of that name already; name another"
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise errors.Unavailable(
                f"{self._named}: the backup was not received: {error}"
            ) from error
        finally:
            connection.close()
            new.unlink(missing_ok=True)
        return Received(
            path,
            int(answer.headers.get("Towpath-Backup-Objects", "0")),
            int(answer.headers.get("Towpath-Backup-Revision", "0")),
            size,
        )

    @property
    def _named(self) -> str:
        return f"{self._parts.scheme}://{self._parts.netloc}"

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=self._seconds, context=context)
        return http.client.HTTPConnection(host, port, timeout=self._seconds)

    def _request(
        self, connection: http.client.HTTPConnection, method: str, path: str
    ) -> http.client.HTTPResponse:
        try:
            connection.request(
                method,
                self._parts.path.rstrip("/") + path,
                headers={"Authorization": f"Bearer {self._token}", "Content-Length": "0"},
            )
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise errors.Unavailable(
                f"{self._named}: no answer ({error}); is the server running, and TOWPATH_SERVER right?"
            ) from error
        if answer.status >= 300:
            kind = _BY_STATUS.get(answer.status, errors.TowpathError)
            raise kind(f"{self._named}: {_message(answer)}")
        return answer


def _save(answer: http.client.HTTPResponse, path: Path) -> int:
    """Write an answer's body to a new file, durably, and return its size."""
    expected = answer.headers.get("Content-Length")
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := answer.read(_CHUNK):
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if expected is not None and size != int(expected):
        raise errors.Unavailable(f"the server sent {size:,} of {int(expected):,} bytes")
    return size


def _message(answer: http.client.HTTPResponse) -> str:
    body = answer.read(64 << 10).decode("utf-8", "replace")
    try:
        found = json.loads(body)
        return str(found["error"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.status} {answer.reason}: {body[:500]}"
