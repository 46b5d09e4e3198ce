"""How far an AnalysisRun is: which metric, how many measurements, when the next one is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from towpath.errors import NotFound
from towpath.resources import moments, scheme
from towpath.resources.analysis_run import AnalysisRun
from towpath.resources.kinds import Ref
from towpath.rules.analysis.progress import progress
from towpath.rules.rbac import Attributes
from towpath.server import requests
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import run_shapes
from towpath.server.wire import Reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.rules.analysis.progress import MetricProgress
    from towpath.server.services import Services
    from towpath.store.contract import Stored


async def _explain(request: Request, services: Services) -> Response:
    stored = await requests.named(request, services.store, scheme.ANALYSIS_RUN)
    return JSONResponse(explained(stored, services))


async def named_by_stage(
    request: Request, services: Services, project: str, name: str
) -> dict[str, Any] | None:
    """Return how far the run is that a Stage's verification names; None if there is none, or the caller may not see it."""
    on = Attributes(scheme.ARGO, scheme.ANALYSIS_RUN.plural, project, name)
    if (
        not name
        or not (await services.authorizer.allowed(caller.of(request).user, "get", on)).allowed
    ):
        return None
    try:
        return explained(
            await services.store.get(Ref(scheme.ANALYSIS_RUN, project, name)), services
        )
    except NotFound:
        return None


def explained(stored: Stored, services: Services) -> dict[str, Any]:
    """Return how far a run is, as an answer has it."""
    run = stored.view(AnalysisRun)
    status = run.status
    waiting = services.waiting(stored.ref)
    return {
        "analysisRun": stored.ref.name,
        "phase": (status.phase if status else "") or "Pending",
        "message": status.message if status else "",
        "startedAt": status.started_at if status else None,
        "completedAt": status.completed_at if status else None,
        "metrics": [_metric(each) for each in progress(run)],
        "waitingFor": waiting.reason if waiting is not None else None,
    }


def _metric(each: MetricProgress) -> dict[str, Any]:
    return {
        "name": each.name,
        "phase": each.phase,
        "message": each.message,
        "taken": each.taken,
        "wanted": each.wanted,
        "errors": each.errors,
        "dryRun": each.is_dry,
        "inFlight": each.is_in_flight,
        "nextAt": moments.written(each.next_at) if each.next_at is not None else None,
    }


ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/analysis-runs/{name}/explain",
        _explain,
        Right("get", scheme.ANALYSIS_RUN),
        answers=Reply(run_shapes.RunProgress),
    ),
)
