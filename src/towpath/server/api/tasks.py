"""PromotionTasks and ClusterPromotionTasks, to read; writes go by `resources`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.server import requests, stored_objects
from towpath.server.endpoint import Endpoint, Right
from towpath.server.wire import ListOf, Reply
from towpath.store.contract import Query

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services


async def _list(request: Request, services: Services) -> Response:
    project = await requests.project(request, services.store)
    return await stored_objects.several(
        request, services, Query(kind=scheme.PROMOTION_TASK, namespace=project)
    )


async def _get(request: Request, services: Services) -> Response:
    return stored_objects.one(await requests.named(request, services.store, scheme.PROMOTION_TASK))


async def _list_shared(request: Request, services: Services) -> Response:
    return await stored_objects.several(
        request, services, Query(kind=scheme.CLUSTER_PROMOTION_TASK)
    )


async def _get_shared(request: Request, services: Services) -> Response:
    ref = Ref(scheme.CLUSTER_PROMOTION_TASK, "", str(request.path_params["name"]))
    return stored_objects.one(await requests.one(services.store, ref))


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1beta1/projects/{project}/promotion-tasks",
        _list,
        Right("list", scheme.PROMOTION_TASK),
        answers=Reply(ListOf(scheme.PROMOTION_TASK)),
    ),
    Endpoint(
        "GET",
        "/v1beta1/projects/{project}/promotion-tasks/{name}",
        _get,
        Right("get", scheme.PROMOTION_TASK),
        answers=Reply(scheme.PROMOTION_TASK),
    ),
    Endpoint(
        "GET",
        "/v1beta1/shared/cluster-promotion-tasks",
        _list_shared,
        Right("list", scheme.CLUSTER_PROMOTION_TASK),
        answers=Reply(ListOf(scheme.CLUSTER_PROMOTION_TASK)),
    ),
    Endpoint(
        "GET",
        "/v1beta1/shared/cluster-promotion-tasks/{name}",
        _get_shared,
        Right("get", scheme.CLUSTER_PROMOTION_TASK),
        answers=Reply(scheme.CLUSTER_PROMOTION_TASK),
    ),
)
