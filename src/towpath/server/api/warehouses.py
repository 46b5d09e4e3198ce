"""Warehouses: to read, watch, refresh and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from towpath.resources import scheme
from towpath.server import refreshing, requests, rights
from towpath.server.api import objects
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.wire import DONE, GONE, WATCH, WATCH_ONE, ListOf, Reply
from towpath.store.contract import Query

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.services import Services


async def _list(request: Request, services: Services) -> Response:
    project = await requests.project(request, services.store)
    query = Query(kind=scheme.WAREHOUSE, namespace=project)
    return await objects.several(request, services, query)


async def _get(request: Request, services: Services) -> Response:
    return await objects.one(request, services, scheme.WAREHOUSE)


async def _delete(request: Request, services: Services) -> Response:
    return await objects.remove(request, services, scheme.WAREHOUSE)


async def _refresh(request: Request, services: Services) -> Response:
    stored = await requests.named(request, services.store, scheme.WAREHOUSE)
    await rights.ask_to_look(request, services, stored.ref)
    await refreshing.refresh(services, stored.ref, caller.of(request))
    return Response()


_BASE = "/v1beta1/projects/{project}/warehouses"
ENDPOINTS = (
    Endpoint(
        "GET",
        _BASE,
        _list,
        Right("list", scheme.WAREHOUSE),
        query=WATCH,
        answers=Reply(ListOf(scheme.WAREHOUSE)),
    ),
    Endpoint(
        "GET",
        f"{_BASE}/{{name}}",
        _get,
        Right("get", scheme.WAREHOUSE),
        query=WATCH_ONE,
        answers=Reply(scheme.WAREHOUSE),
    ),
    Endpoint(
        "DELETE", f"{_BASE}/{{name}}", _delete, Right("delete", scheme.WAREHOUSE), answers=GONE
    ),
    Endpoint(
        "POST",
        f"{_BASE}/{{name}}/refresh",
        _refresh,
        Right("get", scheme.WAREHOUSE),
        also="`promote` stages, or `patch` on it",
        answers=DONE,
    ),
)
