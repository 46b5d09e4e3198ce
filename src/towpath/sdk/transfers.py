"""Moving Projects between instances, as a client asks for it."""

from __future__ import annotations

import asyncio
import http.client
import os
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.sdk import answers
from towpath.sdk.call import ApiCall, described
from towpath.sdk.paths import OWN, segment
from towpath.sdk.through import AwaitedThrough, Through

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.resources.document import Document
    from towpath.sdk.call import Awaiting, Blocking
    from towpath.sdk.transport import Transport

MEDIA: Final = "application/vnd.towpath.project"
_CHUNK: Final = 1 << 20


class _Freezing:
    """What is asked of a Project that is about to be moved."""

    @described
    def key(self) -> ApiCall[str]:
        """Return the public key for which Secrets are to be sealed that come to this server."""
        return ApiCall(method="GET", path=f"{OWN}/import-key", read=_key)

    @described
    def freeze(self, project: str, reason: str = "") -> ApiCall[Document]:
        """Freeze a Project; return since when it is, and what still runs (`underWay`)."""
        path = _path(project, "freeze")
        return ApiCall(method="POST", path=path, body={"reason": reason}, read=answers.document)

    @described
    def frozen(self, project: str) -> ApiCall[Document]:
        """Return whether a Project is frozen, and what still runs in it."""
        return ApiCall(method="GET", path=_path(project, "freeze"), read=answers.document)

    @described
    def release(self, project: str) -> ApiCall[None]:
        """End that a Project is frozen."""
        return ApiCall(method="DELETE", path=_path(project, "freeze"), read=answers.nothing)

    @described
    def remove(self, project: str) -> ApiCall[None]:
        """Delete a Project that was exported since it was frozen. Raises Conflict for any other."""
        return ApiCall(method="POST", path=_path(project, "remove"), read=answers.nothing)


class Transfers(_Freezing, Through):
    """The routes of archives of Projects."""

    def __init__(self, client: Blocking, transport: Transport) -> None:
        super().__init__(client)
        self._transport = transport

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
            way = _path(project, "export")
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

    def take_in(self, path: Path) -> Document:
        """Send an archive, and return what became of it. Raises what the server refuses it for."""
        try:
            with path.open("rb") as file:
                found: Document = self._transport.upload(
                    "POST", f"{OWN}/imports", file, os.fstat(file.fileno()).st_size, MEDIA
                )
        except OSError as error:
            raise errors.BadRequest(f"{path}: cannot be read: {error.strerror}") from error
        return found


class AwaitedTransfers(_Freezing, AwaitedThrough):
    """The same, awaited. Archives are files, which may be large: what writes and reads them runs on a thread."""

    def __init__(self, client: Awaiting, transfers: Transfers) -> None:
        """`transfers`: those of a client that waits, for the same server."""
        super().__init__(client)
        self._transfers = transfers

    async def export(self, project: str, path: Path, key: str, salt: str = "") -> tuple[int, int]:
        """Do as `Transfers.export`."""
        return await asyncio.to_thread(self._transfers.export, project, path, key, salt)

    async def take_in(self, path: Path) -> Document:
        """Do as `Transfers.take_in`."""
        return await asyncio.to_thread(self._transfers.take_in, path)


def _path(project: str, what: str) -> str:
    return f"{OWN}/projects/{segment(project)}/{what}"


def _key(answer: Any) -> str:
    return str(answers.document(answer)["key"])
