"""ConfigMaps of Projects, of all of them, and of the system."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from towpath.admission.authority import REST_MANAGER
from towpath.errors import BadRequest
from towpath.resources import scheme
from towpath.server import requests, stored_objects
from towpath.server.api import places, shapes
from towpath.server.auth import caller
from towpath.server.wire import large
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from towpath.server.services import Services
    from towpath.store.contract import Document

_KIND = scheme.CONFIG_MAP


async def _list(request: Request, services: Services) -> Response:
    namespace = await places.namespace(request, services)
    return await stored_objects.several(request, services, Query(kind=_KIND, namespace=namespace))


async def _get(request: Request, services: Services) -> Response:
    ref = await places.ref(request, services, _KIND)
    return stored_objects.one(await requests.one(services.store, ref))


async def _create(request: Request, services: Services) -> Response:
    namespace = await places.namespace(request, services)
    body = await requests.large_json_object(request, services.aside)
    document = {
        "apiVersion": _KIND.api_version,
        "kind": _KIND.name,
        "metadata": places.metadata(body, namespace),
        "data": _data(body),
    }
    written = await services.writer.create(document, caller.of(request))
    return stored_objects.one(written.stored, status=201)


async def _replace(request: Request, services: Services) -> Response:
    body = await requests.large_json_object(request, services.aside)
    wanted = places.wants_copies(body, await places.namespace(request, services))
    said, data = requests.text_of(body, "description"), _data(body)
    change = functools.partial(_replaced, said, data, wanted)
    return await _change(request, services, change, body)


async def _patch(request: Request, services: Services) -> Response:
    body = await requests.large_json_object(request, services.aside)
    said, data = places.said_of(body), requests.texts_of(body, "data")
    change = functools.partial(_patched, said, data, places.removed(body))
    return await _change(request, services, change, body)


async def _change(
    request: Request, services: Services, change: Callable[[Document], Document], given: Any
) -> Response:
    ref = await places.ref(request, services, _KIND)
    await requests.one(services.store, ref)
    written = await services.writer.change(
        ref, change, caller.of(request), manager=REST_MANAGER, given=given
    )
    return stored_objects.one(written.stored)


async def _delete(request: Request, services: Services) -> Response:
    stored = await requests.one(services.store, await places.ref(request, services, _KIND))
    await services.writer.delete(stored.ref, caller.of(request))
    return Response(status_code=204)


def _data(body: Document) -> dict[str, str]:
    found = requests.texts_of(body, "data")
    if not found:
        raise BadRequest("data: it is empty: give it a value by name")
    return found


def _replaced(said: str, data: dict[str, str], is_copied: bool, document: Document) -> Document:
    found = places.with_copies(places.described(document, said), wanted=is_copied)
    return {**found, "data": data}


def _patched(
    said: str | None, data: dict[str, str], removed: list[str], document: Document
) -> Document:
    kept = {key: value for key, value in (document.get("data") or {}).items() if key not in removed}
    return {**places.described(document, said), "data": kept | data}


ENDPOINTS = tuple(
    places.endpoints(
        "configmaps",
        _KIND,
        several={"GET": _list, "POST": _create},
        one={"GET": _get, "PUT": _replace, "PATCH": _patch, "DELETE": _delete},
        takes={
            "POST": large(shapes.NewConfigMap),
            "PUT": large(shapes.WholeConfigMap),
            "PATCH": large(shapes.Changes),
        },
    )
)
