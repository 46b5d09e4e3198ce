"""AnalysisTemplates and ClusterAnalysisTemplates, to read and delete; AnalysisRuns, to read. Writes go by `resources`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from towpath.resources import scheme
from towpath.resources.analysis_run import AnalysisRun
from towpath.resources.kinds import Ref
from towpath.server import requests, stored_objects
from towpath.server.api import objects
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.log_stream import LogStream
from towpath.server.wire import EVENTS, GONE, WATCH_ONE, ListOf, Parameter, Reply
from towpath.store.contract import Query
from towpath.verification.jobs.of_run import job_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.services import Services


async def _list(request: Request, services: Services) -> Response:
    project = await requests.project(request, services.store)
    query = Query(kind=scheme.ANALYSIS_TEMPLATE, namespace=project)
    return await stored_objects.several(request, services, query)


async def _get(request: Request, services: Services) -> Response:
    found = await requests.named(request, services.store, scheme.ANALYSIS_TEMPLATE)
    return stored_objects.one(found)


async def _delete(request: Request, services: Services) -> Response:
    return await objects.remove(request, services, scheme.ANALYSIS_TEMPLATE)


async def _list_shared(request: Request, services: Services) -> Response:
    query = Query(kind=scheme.CLUSTER_ANALYSIS_TEMPLATE)
    return await stored_objects.several(request, services, query)


async def _get_shared(request: Request, services: Services) -> Response:
    return stored_objects.one(await requests.one(services.store, _shared(request)))


async def _delete_shared(request: Request, services: Services) -> Response:
    stored = await requests.one(services.store, _shared(request))
    await services.writer.delete(stored.ref, caller.of(request))
    return Response(status_code=204)


def _shared(request: Request) -> Ref:
    return Ref(scheme.CLUSTER_ANALYSIS_TEMPLATE, "", str(request.path_params["name"]))


async def _get_run(request: Request, services: Services) -> Response:
    return await objects.one(request, services, scheme.ANALYSIS_RUN)


async def _log(request: Request, services: Services) -> Response:
    """Answer with what the Job of a metric printed: of its last measurement, and as it comes while it runs."""
    stored = await requests.named(request, services.store, scheme.ANALYSIS_RUN)
    name = job_of(
        stored.view(AnalysisRun),
        request.query_params.get("metricName", ""),
        request.query_params.get("containerName", ""),
    )
    pieces = services.job_logs.follow(name)
    answer = LogStream(services.watches, pieces)
    services.watches.keep(answer, caller.standing(request, services.authorizer))
    return answer  # type: ignore[return-value]  # it is called as a response is


_TEMPLATES = "/v1beta1/projects/{project}/analysis-templates"
_SHARED = "/v1beta1/shared/cluster-analysis-templates"
_LOG = (
    Parameter("metricName", "Of which metric, where several have Jobs."),
    Parameter("containerName", "Of which container, where there are several."),
)

ENDPOINTS = (
    Endpoint(
        "GET",
        _TEMPLATES,
        _list,
        Right("list", scheme.ANALYSIS_TEMPLATE),
        answers=Reply(ListOf(scheme.ANALYSIS_TEMPLATE)),
    ),
    Endpoint(
        "GET",
        f"{_TEMPLATES}/{{name}}",
        _get,
        Right("get", scheme.ANALYSIS_TEMPLATE),
        answers=Reply(scheme.ANALYSIS_TEMPLATE),
    ),
    Endpoint(
        "DELETE",
        f"{_TEMPLATES}/{{name}}",
        _delete,
        Right("delete", scheme.ANALYSIS_TEMPLATE),
        answers=GONE,
    ),
    Endpoint(
        "GET",
        "/v1beta1/projects/{project}/analysis-runs/{name}",
        _get_run,
        Right("get", scheme.ANALYSIS_RUN),
        query=WATCH_ONE,
        answers=Reply(scheme.ANALYSIS_RUN),
    ),
    Endpoint(
        "GET",
        "/v1beta1/projects/{project}/analysis-runs/{name}/logs",
        _log,
        Right("get", scheme.ANALYSIS_RUN),
        query=_LOG,
        answers=Reply(str, media=EVENTS),
    ),
    Endpoint(
        "GET",
        _SHARED,
        _list_shared,
        Right("list", scheme.CLUSTER_ANALYSIS_TEMPLATE),
        answers=Reply(ListOf(scheme.CLUSTER_ANALYSIS_TEMPLATE)),
    ),
    Endpoint(
        "GET",
        f"{_SHARED}/{{name}}",
        _get_shared,
        Right("get", scheme.CLUSTER_ANALYSIS_TEMPLATE),
        answers=Reply(scheme.CLUSTER_ANALYSIS_TEMPLATE),
    ),
    Endpoint(
        "DELETE",
        f"{_SHARED}/{{name}}",
        _delete_shared,
        Right("delete", scheme.CLUSTER_ANALYSIS_TEMPLATE),
        answers=GONE,
    ),
)
