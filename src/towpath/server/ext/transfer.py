"""Moving Projects between instances: freeze one, take it out into an archive, take an archive in, release or remove."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Final

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, JSONResponse

from towpath.disk import passing_folder
from towpath.disk.passing_folder import PassingFolder
from towpath.errors import BadRequest, Conflict, TooLarge
from towpath.resources import moments, scheme
from towpath.resources.annotations import FROZEN
from towpath.resources.kinds import Ref
from towpath.rules import freezing
from towpath.rules.freezing import Freeze
from towpath.server import requests
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint
from towpath.server.shaped import Maybe, MaybeMoment, Shaped
from towpath.server.wire import Body, Reply
from towpath.transfer import departure, sealing
from towpath.transfer.arrival import ArrivingProject
from towpath.transfer.departure import Departure
from towpath.transfer.sealing import Recipient

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services

MEDIA: Final = "application/vnd.towpath.project"
_LARGEST: Final = 4 << 30
"""Bytes of an archive."""
_FOLDER: Final = "transfer"
_LONGEST_REASON: Final = 1024


class ImportKey(Shaped):
    """For which key Secrets are to be sealed that come here."""

    key: str
    id: str


class WantedFreeze(Shaped):
    """Why a Project is frozen."""

    reason: str = ""


class ShownFreeze(Shaped):
    """Whether a Project is frozen, and what still runs in it."""

    frozen: bool
    actor: str
    at: MaybeMoment
    reason: str
    taken: Maybe
    under_way: list[str]


class WantedExport(Shaped):
    """For whom Secrets are sealed; `salt`, in base64, where the key is made from a passphrase."""

    key: str
    salt: str = ""


class RemovedProject(Shaped):
    """What is being deleted, and the archive that it is elsewhere by."""

    project: str
    archive: str


class ShownImport(Shaped):
    """What became of an archive. `isNew`: it was taken in now, and not before."""

    project: str
    archive: str
    objects: int
    past: int
    is_new: bool
    warnings: list[str]


async def _key(_: Request, services: Services) -> Response:
    """Answer with the public key for which Secrets are sealed that are to come here."""
    recipient = services.transfer_key.recipient
    return JSONResponse({"key": recipient.text, "id": recipient.id})


async def _frozen(request: Request, services: Services) -> Response:
    """Answer with whether a Project is frozen."""
    return await _shown(services, await requests.project(request, services.store))


async def _freeze(request: Request, services: Services) -> Response:
    """Freeze a Project: nobody changes anything in it, and no Promotion begins, until it is released."""
    project = await requests.project(request, services.store)
    reason = requests.text_of(await requests.json_object(request), "reason")
    if len(reason) > _LONGEST_REASON:
        raise BadRequest(f"reason: it has more than {_LONGEST_REASON} characters")
    if await _known(services, project) is None:
        who, at = caller.of(request), moments.whole_seconds(services.clock.now())
        text = Freeze(who.actor, at, reason).written()
        await services.writer.annotate(_ref(project), {FROZEN: text}, who)
    return await _shown(services, project)


async def _release(request: Request, services: Services) -> Response:
    """End that a Project is frozen."""
    project = await requests.project(request, services.store)
    if await _known(services, project) is not None:
        await services.writer.annotate(_ref(project), {FROZEN: None}, caller.of(request))
    return await _shown(services, project)


async def _export(request: Request, services: Services) -> Response:
    """Send the archive of a frozen Project in which nothing runs any more."""
    project = await requests.project(request, services.store)
    given = await requests.json_object(request)
    recipient = _recipient(requests.text_of(given, "key"), requests.text_of(given, "salt"))
    freeze = await _known(services, project)
    if freeze is None:
        raise Conflict(f"Project {project} is not frozen: freeze it first")
    who, id_ = caller.of(request), str(uuid.uuid4())
    folder = PassingFolder(_FOLDER)
    try:
        path = folder.path / "archive"
        going = Departure(services.store, project, recipient, services.credentials, who.actor)
        with passing_folder.writing():
            end = await going.write(path, id_=id_, made=moments.whole_seconds(services.clock.now()))
        text = Freeze(freeze.actor, freeze.at, freeze.reason, id_).written()
        await services.writer.annotate(_ref(project), {FROZEN: text}, who)
    except BaseException:
        await asyncio.to_thread(folder.close)
        raise
    counts = {"Towpath-Objects": end.objects, "Towpath-Past": end.past}
    return FileResponse(
        path,
        media_type=MEDIA,
        headers={name: str(count) for name, count in counts.items()} | {"Towpath-Archive": id_},
        background=BackgroundTask(folder.close),
    )


async def _remove(request: Request, services: Services) -> Response:
    """Delete a Project that was exported since it was frozen."""
    project = await requests.project(request, services.store)
    freeze = await _known(services, project)
    if freeze is None or not freeze.taken:
        raise Conflict(
            f"Project {project} was not exported since it was frozen: it is removed only once it is elsewhere. To delete it all "
            f"the same: towpath delete project {project}"
        )
    await services.writer.delete(_ref(project), caller.of(request))
    return JSONResponse({"project": project, "archive": freeze.taken})


async def _import(request: Request, services: Services) -> Response:
    """Take in the archive of a Project, all of it or nothing. One that was taken in before is left alone."""
    with PassingFolder(_FOLDER) as folder:
        path = folder.path / "archive"
        with passing_folder.writing():
            await _receive(request, path)
        who = caller.of(request)
        arrival = ArrivingProject(
            services.store, path, "the archive", services.transfer_key, services.clock.now()
        )
        arrived = await arrival.take_in(actor=who.actor, via=who.via)
    project = arrived.header.project
    warnings = [*arrived.header.warnings, *await departure.missing(services.store, project)]
    return JSONResponse(
        {
            "project": project,
            "archive": arrived.header.id,
            "objects": arrived.objects,
            "past": arrived.past,
            "isNew": arrived.is_new,
            "warnings": warnings,
        }
    )


async def _receive(request: Request, path: Path) -> None:
    """Write a request's body to a file. Raises TooLarge, BadRequest when the rest of it does not come."""
    size = 0
    with path.open("xb") as file:
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > _LARGEST:
                    raise TooLarge(f"the archive has more than {_LARGEST:,} bytes")
                await asyncio.to_thread(file.write, chunk)
        except ClientDisconnect as error:
            raise BadRequest("the archive did not come to its end") from error


async def _known(services: Services, project: str) -> Freeze | None:
    stored = await services.store.get(_ref(project), fresh=True)
    return freezing.of(stored.document["metadata"])


async def _shown(services: Services, project: str) -> Response:
    found = await _known(services, project)
    told = found or Freeze("", "")
    at = moments.read(told.at)
    return JSONResponse(
        {
            "frozen": found is not None,
            "actor": told.actor,
            "at": moments.whole_seconds(at) if at is not None else None,
            "reason": told.reason,
            "taken": told.taken or None,
            "underWay": await departure.under_way(services.store, project),
        }
    )


def _recipient(key: str, salt: str) -> Recipient:
    found = sealing.read(key)
    return Recipient(found.key, sealing.read_salt(salt))


def _ref(project: str) -> Ref:
    return Ref(scheme.PROJECT, "", project)


_FREEZE: Final = "/towpath/v1/projects/{project}/freeze"
ENDPOINTS = (
    Endpoint("GET", "/towpath/v1/import-key", _key, answers=Reply(ImportKey)),
    Endpoint("GET", _FREEZE, _frozen, answers=Reply(ShownFreeze)),
    Endpoint(
        "POST",
        _FREEZE,
        _freeze,
        takes=Body(WantedFreeze, required=False),
        answers=Reply(ShownFreeze),
    ),
    Endpoint("DELETE", _FREEZE, _release, answers=Reply(ShownFreeze)),
    Endpoint(
        "POST",
        "/towpath/v1/projects/{project}/export",
        _export,
        takes=Body(WantedExport),
        answers=Reply(bytes, media=MEDIA),
    ),
    Endpoint(
        "POST", "/towpath/v1/projects/{project}/remove", _remove, answers=Reply(RemovedProject)
    ),
    Endpoint(
        "POST",
        "/towpath/v1/imports",
        _import,
        takes=Body(bytes, _LARGEST, MEDIA),
        answers=Reply(ShownImport),
    ),
)
