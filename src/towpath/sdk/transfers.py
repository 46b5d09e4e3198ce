"""Moving Projects between instances, as a client asks for it."""

from __future__ import annotations

import http.client
import os
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.sdk.paths import OWN, segment

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.sdk.transport import Transport

MEDIA: Final = "application/vnd.towpath.project"
_CHUNK: Final = 1 << 20


class Transfers:
    """The routes of archives of Projects."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def key(self) -> str:
        """Return the public key for which Secrets are to be sealed that come to this server."""
        return str(self._transport.json("GET", f"{OWN}/import-key")["key"])

    def freeze(self, project: str, reason: str = "") -> dict[str, Any]:
        """Freeze a Project; return since when it is, and what still runs (`underWay`)."""
        found: dict[str, Any] = self._transport.json(
            "POST", self._path(project, "freeze"), body={"reason": reason}
        )
        return found

    def frozen(self, project: str) -> dict[str, Any]:
        """Return whether a Project is frozen, and what still runs in it."""
        found: dict[str, Any] = self._transport.json("GET", self._path(project, "freeze"))
        return found

    def release(self, project: str) -> None:
        """End that a Project is frozen."""
        self._transport.json("DELETE", self._path(project, "freeze"))

    def remove(self, project: str) -> None:
        """Delete a Project that was exported since it was frozen. Raises Conflict for any other."""
        self._transport.json("POST", self._path(project, "remove"))

    def export(self, project: str, path: Path, key: str, salt: str = "") -> tuple[int, int]:
        """Have the archive of a frozen Project sent into the file `path` (0600), which must not exist.

        Return how many objects and records of history it has. Raises AlreadyExists, Conflict, Unavailable; there is then
        nothing at `path`.
        """
        path = path.absolute()
        taken = f"{path}: there is a file of that name already; name another"
        if os.path.lexists(path):
            raise errors.AlreadyExists(taken)
        wanted = {"key": key, "salt": salt}
        try:
            way = self._path(project, "export")
            with self._transport.download("POST", way, body=wanted) as answer:
                from towpath.disk import writing  # only what is received needs it

                with writing.whole(path, is_new=True) as file:
                    size = 0
                    while chunk := answer.read(_CHUNK):
                        size += file.write(chunk)
                    expected = int(answer.headers.get("Content-Length", size))
                    if size != expected:
                        raise errors.Unavailable(f"the server sent {size:,} of {expected:,} bytes")
                headers = answer.headers
        except FileExistsError as error:
            raise errors.AlreadyExists(taken) from error
        except (OSError, http.client.HTTPException) as error:
            raise errors.Unavailable(
                f"{self._transport.named}: the archive was not received: {error}"
            ) from error
        return int(headers.get("Towpath-Objects", "0")), int(headers.get("Towpath-Past", "0"))

    def take_in(self, path: Path) -> dict[str, Any]:
        """Send an archive, and return what became of it. Raises what the server refuses it for."""
        try:
            with path.open("rb") as file:
                found: dict[str, Any] = self._transport.upload(
                    "POST", f"{OWN}/imports", file, os.fstat(file.fileno()).st_size, MEDIA
                )
        except OSError as error:
            raise errors.BadRequest(f"{path}: cannot be read: {error.strerror}") from error
        return found

    @staticmethod
    def _path(project: str, what: str) -> str:
        return f"{OWN}/projects/{segment(project)}/{what}"
