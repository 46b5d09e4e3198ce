"""The connections to installations of Argo CD, and how they fare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from towpath.resources import moments, scheme
from towpath.server import item_fields, list_pages
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import connection_shapes
from towpath.server.wire import Reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.argocd.connection import NamedConnection
    from towpath.server.services import Services

_MOST_UNREADABLE: Final = 20
"""Applications that are named."""


async def _list(request: Request, services: Services) -> Response:
    """Answer with the connections, by name."""
    found, cursor = list_pages.page(request, services.argocd.every(), key=_name, named=_name)
    page = list_pages.answer([told(each) for each in found], cursor)
    return JSONResponse(item_fields.chosen(request, page, connection_shapes.ShownConnection))


def _name(connection: NamedConnection) -> str:
    return connection.definition.name


async def _get(request: Request, services: Services) -> Response:
    """Answer with one."""
    return JSONResponse(told(services.argocd.get(request.path_params["name"])))


def told(connection: NamedConnection) -> dict[str, Any]:
    """Return what is said of a connection; no credential, and no address that may hold one."""
    definition, reach, index = connection.definition, connection.reach, connection.index
    unreadable = index.faults
    latency = reach.latency_seconds
    return {
        "name": definition.name,
        "by": definition.kind,
        "definedBy": definition.origin.value,
        "projects": list(definition.projects),
        "default": definition.is_default,
        "namespace": definition.namespace,
        "url": definition.url,
        "state": reach.state.value,
        "since": moments.whole_seconds(reach.since) if reach.since else None,
        "error": reach.error,
        "latencyMilliseconds": None if latency is None else round(latency * 1000, 1),
        "lastEvent": moments.whole_seconds(reach.last_event) if reach.last_event else None,
        "applications": len(index),
        "unreadable": [
            {"application": name, "reason": why} for name, why in unreadable[:_MOST_UNREADABLE]
        ],
        "leftOut": index.left_out,
        "keptBytes": index.bytes,
    }


ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/argocd",
        _list,
        Right("list", scheme.ARGOCD_CONNECTION),
        query=(*list_pages.QUERY, item_fields.FIELDS),
        answers=item_fields.reply(connection_shapes.ShownConnections),
    ),
    Endpoint(
        "GET",
        "/towpath/v1/argocd/{name}",
        _get,
        Right("get", scheme.ARGOCD_CONNECTION),
        answers=Reply(connection_shapes.ShownConnection),
    ),
)
