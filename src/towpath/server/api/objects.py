"""What routes of several kinds do alike: an object or a list, as it is or as a stream of changes, and deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from towpath.server import event_streams, requests, stored_objects
from towpath.server.auth import caller
from towpath.store.contract import FieldTerm, Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from towpath.resources.kinds import Kind
    from towpath.server.services import Services
    from towpath.store.contract import Stored


async def one(request: Request, services: Services, kind: Kind) -> Response:
    """Answer with the object that the path names, or with its changes where they are asked for. Raises NotFound."""
    stored = await requests.named(request, services.store, kind)
    if event_streams.is_asked(request):
        terms = (FieldTerm("metadata.name", stored.ref.name),)
        query = Query(kind=kind, namespace=stored.ref.namespace, fields=terms)
        return await event_streams.stream(request, services, query, seeded=False)
    return stored_objects.one(stored)


async def several(
    request: Request,
    services: Services,
    query: Query,
    wanted: Callable[[Stored], bool] | None = None,
) -> Response:
    """Answer with what a query finds, or with its changes where they are asked for; `wanted`: only those."""
    if event_streams.is_asked(request):
        passes = wanted or (lambda _: True)
        return await event_streams.stream(request, services, query, wanted=passes)
    return await stored_objects.several(request, services, query, wanted)


async def remove(request: Request, services: Services, kind: Kind) -> Response:
    """Delete the object that the path names. Raises NotFound."""
    stored = await requests.named(request, services.store, kind)
    await services.writer.delete(stored.ref, caller.of(request))
    return Response(status_code=204)
