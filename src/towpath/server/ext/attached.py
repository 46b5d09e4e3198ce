"""What is attached to the images of Freight: signatures, bills of materials, attestations. Asked of registries on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from towpath import messages
from towpath.artifacts.attached import MOST_IMAGES
from towpath.errors import BadRequest
from towpath.resources import moments, scheme
from towpath.resources.freight import Freight
from towpath.rules.attachments import attachment_of
from towpath.server import requests, rights
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import attached_shapes
from towpath.server.wire import Parameter, Reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.artifacts.attached import AttachedToImage
    from towpath.clients.oci.referrer import Referrer
    from towpath.server.services import Services

_LONGEST_TYPE: Final = 255
"""RFC 6838, section 4.2: 127 characters on each side of the slash."""
_MOST_SHOWN: Final = 1_000
"""Attachments of one answer, of all images together."""


async def _attached(request: Request, services: Services) -> Response:
    project, name = await requests.project(request, services.store), request.path_params["name"]
    stored = await requests.freight(services.store, project, str(name))
    if stored.ref.name != name:  # a right to one Freight is no right to what is called like it
        await rights.ask(request, services, "get", scheme.FREIGHT, project, stored.ref.name)
    wanted = request.query_params.get("artifactType", "")
    if len(wanted) > _LONGEST_TYPE or not wanted.isprintable():
        raise BadRequest(
            f"artifactType: it must be a media type of at most {_LONGEST_TYPE} characters"
        )
    freight = stored.view(Freight)
    found = await services.attachments.attached(
        freight, actor=caller.of(request).user.name, artifact_type=wanted
    )
    room, images = _MOST_SHOWN, []
    for each in found:
        shown = _image(each, room)
        room -= len(shown["attached"])
        images.append(shown)
    return JSONResponse(
        {
            "freight": stored.ref.name,
            "alias": freight.alias,
            "images": images,
            "leftOut": max(0, len(freight.images) - MOST_IMAGES),
        }
    )


def _image(told: AttachedToImage, room: int) -> dict[str, Any]:
    """Return what is told of one image. `room`: for how many attachments there is room in the answer."""
    found = told.found
    items = found.items if found is not None else ()
    return {
        "repoURL": told.image.repo_url,
        "tag": told.image.tag,
        "digest": told.image.digest,
        "by": found.by.value if found is not None else "",
        "error": messages.cut(messages.plain(told.failure), messages.FOREIGN_BYTES),
        "askedAt": moments.whole_seconds(told.asked_at) if told.asked_at is not None else None,
        "attached": [_item(each) for each in items[:room]],
        "isCut": found is not None and (found.is_cut or len(items) > room),
    }


def _item(item: Referrer) -> dict[str, Any]:
    what = attachment_of(item.artifact_type, item.media_type, item.annotations)
    return {
        "kind": what.kind.value,
        "format": what.format,
        "predicate": what.predicate,
        "artifactType": item.artifact_type,
        "mediaType": item.media_type,
        "digest": item.digest,
        "size": item.size,
        "created": moments.whole_seconds(item.created) if item.created is not None else None,
        "annotations": item.annotations,
        "by": item.by.value,
    }


ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/freight/{name}/attached",
        _attached,
        Right("get", scheme.FREIGHT),
        query=(Parameter("artifactType", "Only what has this artifact type."),),
        answers=Reply(attached_shapes.FreightAttached),
    ),
)
