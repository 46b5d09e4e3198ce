"""Projects: the list of them, one, its deletion, its Events and the images of its Freight."""

from __future__ import annotations

import json
from operator import itemgetter
from typing import TYPE_CHECKING

from starlette.responses import Response

from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.server import requests, stored_objects, streaming
from towpath.server.api import shapes
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.wire import GONE, ListOf, Parameter, Reply
from towpath.store.contract import Query

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.services import Services


async def _list(request: Request, services: Services) -> Response:
    """Answer with Projects by name, a page of them where one is asked for; `mine`: where the caller has a role."""
    wanted = request.query_params.get("filter", "").lower()
    uids = set(requests.values(request, "uid"))
    user = caller.of(request).user
    mine = None
    if requests.flag(request, "mine") and not user.is_master:  # all of them are the administrator's
        mine = await services.authorizer.namespaces_of(user)
    page, size = (requests.number(request, name) or 0 for name in ("page", "pageSize"))
    found = [
        item
        async for batch in services.store.scan(Query(kind=scheme.PROJECT))
        for item in batch
        if wanted in item.ref.name.lower()
        and (not uids or item.uid in uids)
        and (mine is None or item.ref.name in mine)
    ]
    shown = found[page * size : (page + 1) * size] if size else found
    head = f'{{"total":{len(found)},"items":['.encode()
    return Response(
        b"".join((head, b",".join(item.legible for item in shown), b"]}")),
        media_type=stored_objects.JSON,
    )


async def _get(request: Request, services: Services) -> Response:
    ref = Ref(scheme.PROJECT, "", str(request.path_params["project"]))
    return stored_objects.one(await requests.one(services.store, ref))


async def _delete(request: Request, services: Services) -> Response:
    ref = Ref(scheme.PROJECT, "", str(request.path_params["project"]))
    await services.writer.delete(ref, caller.of(request))
    return Response(status_code=204)


async def _events(request: Request, services: Services) -> Response:
    """Answer with the Events about objects of ours, newest first."""
    project = await requests.project(request, services.store)
    found: list[tuple[str, bytes]] = []
    async for batch in services.store.scan(Query(kind=scheme.EVENT, namespace=project)):
        for item in batch:
            document = item.document
            about = document.get("involvedObject")
            api_version = about.get("apiVersion") if isinstance(about, dict) else ""
            if str(api_version).startswith(f"{scheme.KARGO}/"):
                found.append((str(document.get("lastTimestamp") or ""), item.legible))
    found.sort(key=itemgetter(0), reverse=True)
    head = b'{"apiVersion":"v1","kind":"EventList","metadata":{},"items":['
    parts = stored_objects.in_parts(head, (event for _, event in found), b"]}")
    return await streaming.answer(
        request,
        services.watches.outlets,
        parts,
        media_type=stored_objects.JSON,
        source_bytes=sum(len(event) for _, event in found),
    )


async def _images(request: Request, services: Services) -> Response:
    """Answer with the image tags in Stages, and at which place of their history: 0 is current."""
    project = await requests.project(request, services.store)
    images: dict[str, dict[str, dict[str, dict[str, dict[str, int]]]]] = {}
    async for batch in services.store.scan(Query(kind=scheme.STAGE, namespace=project)):
        for item in batch:
            history = (item.document.get("status") or {}).get("freightHistory") or []
            for place, held in enumerate(history):
                for reference in (held.get("items") or {}).values():
                    for image in reference.get("images") or ():
                        tags = images.setdefault(image.get("repoURL", ""), {"tags": {}})["tags"]
                        stages = tags.setdefault(image.get("tag", ""), {"stages": {}})["stages"]
                        stages.setdefault(item.ref.name, place)
    shown = (
        f"{json.dumps(name)}:{json.dumps(image, separators=(',', ':'))}".encode()
        for name, image in images.items()
    )
    parts = stored_objects.in_parts(b"{", shown, b"}")
    return await streaming.answer(
        request, services.watches.outlets, parts, media_type=stored_objects.JSON
    )


_QUERY = (
    Parameter("filter", "Part of the name."),
    Parameter("uid", "Only those with one of these uids.", several=True),
    Parameter("mine", "Only those in which the caller has a role.", "boolean"),
    Parameter("page", "Which page, from 0 on.", "integer"),
    Parameter("pageSize", "How many make a page; 0: all.", "integer"),
)
ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1beta1/projects",
        _list,
        Right("list", scheme.PROJECT),
        query=_QUERY,
        answers=Reply(shapes.Projects),
    ),
    Endpoint(
        "GET",
        "/v1beta1/projects/{project}",
        _get,
        Right("get", scheme.PROJECT),
        answers=Reply(scheme.PROJECT),
    ),
    Endpoint(
        "DELETE",
        "/v1beta1/projects/{project}",
        _delete,
        Right("delete", scheme.PROJECT),
        answers=GONE,
    ),
    Endpoint(
        "GET",
        "/v1beta1/projects/{project}/events",
        _events,
        Right("list", scheme.EVENT),
        answers=Reply(ListOf(scheme.EVENT)),
    ),
    Endpoint(
        "GET",
        "/v1beta1/projects/{project}/images",
        _images,
        Right("list", scheme.STAGE),
        answers=Reply(shapes.IMAGES),
    ),
)
