"""Targets, the many places of a Stage, and PromotionRequests, which promote to many of them: to read and to watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.errors import BadRequest
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage
from towpath.resources.structs import to_document
from towpath.rules.label_selectors import selector_errors
from towpath.rules.named_selectors import selects_labels
from towpath.server import requests, rights
from towpath.server.api import objects
from towpath.server.endpoint import Endpoint, Right
from towpath.server.kube import selectors
from towpath.server.wire import WATCH, WATCH_ONE, ListOf, Parameter, Reply
from towpath.store.contract import FieldTerm, Query

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.resources.meta import LabelSelector
    from towpath.server.services import Services
    from towpath.store.contract import Stored


async def _targets(request: Request, services: Services) -> Response:
    """Answer with Targets by their labels, or with those that a Stage promotes to: any of its selectors selects them."""
    project = await requests.project(request, services.store)
    labels = selectors.labels(request.query_params.get("labelSelector", ""))
    query = Query(kind=scheme.TARGET, namespace=project, labels=labels)
    stage = request.query_params.get("stage", "")
    if not stage:
        return await objects.several(request, services, query)
    await rights.ask(request, services, "get", scheme.STAGE, project, stage)
    wanted = await _selectors(services, Ref(scheme.STAGE, project, stage))
    return await objects.several(request, services, query, lambda stored: _is_any(stored, wanted))


async def _selectors(services: Services, stage: Ref) -> list[LabelSelector]:
    """Return the selectors of a Stage, none for one without Targets. Raises Missing; BadRequest for one that selects nothing."""
    targets = (await requests.one(services.store, stage)).view(Stage).spec.targets
    found = targets.selectors if targets else []
    for number, each in enumerate(found):
        wrong = selector_errors(to_document(each), f"spec.targets.selectors[{number}]")
        if wrong:
            raise BadRequest(f"Stage {stage.name}: {wrong[0]}")
    return found


def _is_any(stored: Stored, wanted: list[LabelSelector]) -> bool:
    labels = stored.document["metadata"].get("labels") or {}
    return any(selects_labels(each, labels) for each in wanted)


async def _target(request: Request, services: Services) -> Response:
    return await objects.one(request, services, scheme.TARGET)


async def _promotion_requests(request: Request, services: Services) -> Response:
    project = await requests.project(request, services.store)
    stage = request.query_params.get("stage", "")
    terms = (FieldTerm("spec.stage", stage),) if stage else ()
    query = Query(kind=scheme.PROMOTION_REQUEST, namespace=project, fields=terms)
    return await objects.several(request, services, query)


async def _promotion_request(request: Request, services: Services) -> Response:
    return await objects.one(request, services, scheme.PROMOTION_REQUEST)


_PROJECT = "/v1beta1/projects/{project}"
ENDPOINTS = (
    Endpoint(
        "GET",
        f"{_PROJECT}/promotion-requests",
        _promotion_requests,
        Right("list", scheme.PROMOTION_REQUEST),
        query=(Parameter("stage", "Only those of this Stage."), *WATCH),
        answers=Reply(ListOf(scheme.PROMOTION_REQUEST)),
    ),
    Endpoint(
        "GET",
        f"{_PROJECT}/promotion-requests/{{name}}",
        _promotion_request,
        Right("get", scheme.PROMOTION_REQUEST),
        query=WATCH_ONE,
        answers=Reply(scheme.PROMOTION_REQUEST),
    ),
    Endpoint(
        "GET",
        f"{_PROJECT}/targets",
        _targets,
        Right("list", scheme.TARGET),
        also="with `?stage=`: `get` on the Stage",
        query=(
            Parameter("labelSelector", "Only those with these labels: `region=eu,tier in (a,b)`."),
            Parameter("stage", "Only those that this Stage promotes to."),
            *WATCH,
        ),
        answers=Reply(ListOf(scheme.TARGET)),
    ),
    Endpoint(
        "GET",
        f"{_PROJECT}/targets/{{name}}",
        _target,
        Right("get", scheme.TARGET),
        query=WATCH_ONE,
        answers=Reply(scheme.TARGET),
    ),
)
