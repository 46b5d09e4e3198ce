"""Promotions: to read, watch, refresh and abort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from towpath.resources import scheme
from towpath.resources.annotations import ABORT
from towpath.resources.promotion import Promotion
from towpath.rules import stage_status
from towpath.server import refreshing, requests, rights
from towpath.server.api import objects
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.wire import DONE, WATCH, WATCH_ONE, ListOf, Parameter, Reply
from towpath.store.contract import FieldTerm, Query

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.services import Services

_TERMINATE: Final = "terminate"


async def _list(request: Request, services: Services) -> Response:
    project = await requests.project(request, services.store)
    stage = request.query_params.get("stage", "")
    terms = (FieldTerm("spec.stage", stage),) if stage else ()
    query = Query(kind=scheme.PROMOTION, namespace=project, fields=terms)
    return await objects.several(request, services, query)


async def _get(request: Request, services: Services) -> Response:
    return await objects.one(request, services, scheme.PROMOTION)


async def _refresh(request: Request, services: Services) -> Response:
    stored = await requests.named(request, services.store, scheme.PROMOTION)
    stage = stored.view(Promotion).spec.stage
    await rights.ask_to_look(request, services, stored.ref, stage=stage)
    await refreshing.refresh(services, stored.ref, caller.of(request))
    return Response()


async def _abort(request: Request, services: Services) -> Response:
    """Ask for its end; nothing happens to one that has ended."""
    stored = await requests.named(request, services.store, scheme.PROMOTION)
    if not stage_status.has_ended(stored.view(Promotion)):
        await services.writer.annotate(stored.ref, {ABORT: _TERMINATE}, caller.of(request))
    return Response()


_BASE = "/v1beta1/projects/{project}/promotions"
ENDPOINTS = (
    Endpoint(
        "GET",
        _BASE,
        _list,
        Right("list", scheme.PROMOTION),
        query=(Parameter("stage", "Only those of this Stage."), *WATCH),
        answers=Reply(ListOf(scheme.PROMOTION)),
    ),
    Endpoint(
        "GET",
        f"{_BASE}/{{name}}",
        _get,
        Right("get", scheme.PROMOTION),
        query=WATCH_ONE,
        answers=Reply(scheme.PROMOTION),
    ),
    Endpoint(
        "POST",
        f"{_BASE}/{{name}}/refresh",
        _refresh,
        Right("get", scheme.PROMOTION),
        also="`promote` on its Stage, or `patch` on it",
        answers=DONE,
    ),
    Endpoint(
        "POST",
        f"{_BASE}/{{name}}/abort",
        _abort,
        (Right("get", scheme.PROMOTION), Right("patch", scheme.PROMOTION)),
        answers=DONE,
    ),
)
