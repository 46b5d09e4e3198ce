"""ProjectConfigs and the ClusterConfig: there is one of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from towpath.resources import scheme
from towpath.server import event_streams, refreshing, requests, rights, stored_objects
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.wire import DONE, GONE, WATCH_ONE, Reply
from towpath.store.contract import FieldTerm, Query

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.services import Services


async def _get(request: Request, services: Services) -> Response:
    ref = await requests.config(request, services.store)
    stored = await requests.one(services.store, ref)
    if event_streams.is_asked(request):
        query = Query(
            kind=ref.kind,
            namespace=ref.namespace or None,
            fields=(FieldTerm("metadata.name", ref.name),),
        )
        return await event_streams.stream(request, services, query, seeded=False)
    return stored_objects.one(stored)


async def _delete(request: Request, services: Services) -> Response:
    await services.writer.delete(await requests.config(request, services.store), caller.of(request))
    return Response(status_code=204)


async def _refresh(request: Request, services: Services) -> Response:
    ref = await requests.config(request, services.store)
    await rights.ask_to_look(request, services, ref)
    await refreshing.refresh(services, ref, caller.of(request))
    return Response()


_LOOK = {
    scheme.PROJECT_CONFIG: "`promote` stages, or `patch` on it",
    scheme.CLUSTER_CONFIG: "`patch` on it",
}
ENDPOINTS = tuple(
    Endpoint(method, path, handler, Right(verb, kind), also=also, query=query, answers=answers)
    for base, kind in (
        ("/v1beta1/projects/{project}/config", scheme.PROJECT_CONFIG),
        ("/v1beta1/system/cluster-config", scheme.CLUSTER_CONFIG),
    )
    for method, path, handler, verb, also, query, answers in (
        ("GET", base, _get, "get", "", WATCH_ONE, Reply(kind)),
        ("DELETE", base, _delete, "delete", "", (), GONE),
        ("POST", f"{base}/refresh", _refresh, "get", _LOOK[kind], (), DONE),
    )
)
ENDPOINTS += (
    # What `kargo refresh clusterconfig --wait` watches, which is not where it lies.
    Endpoint(
        "GET",
        "/v1beta1/cluster-config",
        _get,
        Right("get", scheme.CLUSTER_CONFIG),
        query=WATCH_ONE,
        answers=Reply(scheme.CLUSTER_CONFIG),
    ),
)
