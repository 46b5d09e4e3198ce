"""Calls to a running server: one method for each thing that can be asked of it."""

from __future__ import annotations

import http.client
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from towpath import errors
from towpath.sdk import paths
from towpath.sdk.call import Blocking
from towpath.sdk.calls.everything import EveryCall
from towpath.sdk.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from towpath.sdk.call import ApiCall, Listening
    from towpath.sdk.kept import KeptPlace, KeptThings, RoleAccess
    from towpath.sdk.personal_tokens import TokensOfMine
    from towpath.sdk.transfers import Transfers

    T = TypeVar("T")

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Received:
    """What a backup from a server holds."""

    path: Path
    objects: int
    revision: int
    bytes: int


class Client(EveryCall, Blocking):
    """Speaks to one server as one caller.

    Every method raises the error that the server's answer stands for, Unavailable when there is no answer
    and Timeout when it takes too long. What only reads is sent again, twice at most, when the connection breaks off.
    """

    def __init__(
        self, server: str, token: str, *, seconds: float = 600.0, insecure: bool = False
    ) -> None:
        """`server` is an address such as `http://127.0.0.1:8080`. Raises BadRequest if it is none.

        `seconds` is how long one answer may take; `insecure`: the server's certificate is not looked at.
        """
        self._transport = Transport(server, token, seconds=seconds, insecure=insecure)

    def perform(self, call: ApiCall[T]) -> T:
        """Carry a call out."""
        return self._transport.perform(call)

    def listen(self, listening: Listening[T]) -> Generator[T, None, None]:
        """Yield what a stream tells."""
        return self._transport.listen(listening)

    def kept(self, collection: str, place: KeptPlace) -> KeptThings:
        """Return what asks for a collection in a place: `roles`, `api-tokens`, `configmaps`, `generic-credentials`, `repo-credentials`."""
        from towpath.sdk.kept import KeptThings  # few commands need it

        return KeptThings(self, collection, place)

    def access(self, place: KeptPlace) -> RoleAccess:
        """Return what changes who may do what in a place."""
        from towpath.sdk.kept import RoleAccess

        return RoleAccess(self, place)

    def own_tokens(self) -> TokensOfMine:
        """Return what asks for the caller's own tokens."""
        from towpath.sdk.personal_tokens import TokensOfMine

        return TokensOfMine(self)

    @property
    def transfers(self) -> Transfers:
        """Moving Projects to and from this server."""
        from towpath.sdk.transfers import Transfers  # only who moves one needs it

        return Transfers(self, self._transport)

    def back_up(self, path: Path) -> Received:
        """Have the server send a checked backup into the file `path` (0600), which must not exist.

        Raises AlreadyExists, Unauthenticated, Unavailable; there is then nothing at `path`.
        """
        path = path.absolute()
        if os.path.lexists(path):
            raise errors.AlreadyExists(
                f"{path}: there is a file of that name already; name another"
            )
        try:
            with self._transport.download("POST", f"{paths.OWN}/backup") as answer:
                size = _save(answer, path)
                headers = answer.headers
        except FileExistsError as error:
            raise errors.AlreadyExists(
                f"{path}: there is a file of that name already; name another"
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise errors.Unavailable(
                f"{self._transport.named}: the backup was not received: {error}"
            ) from error
        return Received(
            path,
            int(headers.get("Towpath-Backup-Objects", "0")),
            int(headers.get("Towpath-Backup-Revision", "0")),
            size,
        )


def _save(answer: http.client.HTTPResponse, path: Path) -> int:
    """Write an answer's body to a new file, durably, and return its size."""
    expected = answer.headers.get("Content-Length")
    size = 0
    from towpath.disk import writing  # only a backup needs it

    with writing.whole(path, is_new=True) as file:
        while chunk := answer.read(_CHUNK):
            size += file.write(chunk)
        if expected is not None and size != int(expected):
            raise errors.Unavailable(f"the server sent {size:,} of {int(expected):,} bytes")
    return size
