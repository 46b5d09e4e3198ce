"""A checked copy of the database, while the server goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from towpath.disk.passing_folder import PassingFolder
from towpath.server.endpoint import Endpoint
from towpath.server.wire import Reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services


async def _back_up(_: Request, services: Services) -> Response:
    """Send a checked copy of the database as of one moment."""
    folder = PassingFolder("backup")
    try:
        made = await services.store.backup(folder.path / "backup.db")
    except BaseException:
        folder.close()
        raise
    return FileResponse(
        made.path,
        media_type=_MEDIA,
        headers={
            "Towpath-Backup-Objects": str(made.objects),
            "Towpath-Backup-Revision": str(made.revision),
        },
        background=BackgroundTask(folder.close),
    )


_MEDIA: Final = "application/vnd.sqlite3"
ENDPOINTS = (Endpoint("POST", "/towpath/v1/backup", _back_up, answers=Reply(bytes, media=_MEDIA)),)
