"""Stages: what they are, promoting to them, verifying what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from towpath.admission import gathering, policies
from towpath.errors import BadRequest, Conflict, NotFound, TowpathError
from towpath.resources import scheme
from towpath.resources.annotations import ABORT, REVERIFY
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage
from towpath.rules import stage_status
from towpath.rules.gates import availability
from towpath.rules.gates.gate import Bars, said, shut
from towpath.rules.gates.listing import Move, by_hand
from towpath.server import promoting, refreshing, requests, rights, stored_objects
from towpath.server.api import objects, shapes
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.requests import text_of
from towpath.server.wire import (
    DONE,
    GONE,
    WATCH,
    WATCH_ONE,
    Body,
    ListOf,
    Parameter,
    Reply,
    created,
)
from towpath.store.contract import Query
from towpath.store.tolerant_reading import view

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.services import Services
    from towpath.store.contract import Stored


def _requests_any(stored: Stored, origins: set[str]) -> bool:
    if not origins:
        return True
    stage = view(stored, Stage, purpose="it is left out where Freight of an origin is asked for")
    return stage is not None and any(
        request.origin.name in origins for request in stage.spec.requested_freight
    )


async def _list(request: Request, services: Services) -> Response:
    project = await requests.project(request, services.store)
    origins = set(requests.values(request, "freightOrigins"))
    query = Query(kind=scheme.STAGE, namespace=project)
    return await objects.several(
        request, services, query, lambda stored: _requests_any(stored, origins)
    )


async def _get(request: Request, services: Services) -> Response:
    return await objects.one(request, services, scheme.STAGE)


async def _delete(request: Request, services: Services) -> Response:
    return await objects.remove(request, services, scheme.STAGE)


async def _refresh(request: Request, services: Services) -> Response:
    """Have the Stage looked at, and its current Promotion with it."""
    stored = await requests.named(request, services.store, scheme.STAGE)
    await rights.ask_to_look(request, services, stored.ref, stage=stored.ref.name)
    await refreshing.refresh(services, stored.ref, caller.of(request))
    current = (stored.document.get("status") or {}).get("currentPromotion")
    if current:
        try:
            ref = Ref(scheme.PROMOTION, stored.ref.namespace, current["name"])
            await refreshing.refresh(services, ref, caller.of(request))
        except NotFound:
            pass  # it has just gone
    return Response()


# --- promoting ---------------------------------------------------------------------------------------


async def _promote(request: Request, services: Services) -> Response:
    """Promote Freight by name or alias, or the newest that is available of an origin."""
    stage = await requests.named(request, services.store, scheme.STAGE)
    given = await requests.json_object(request)
    name, alias = text_of(given, "freight"), text_of(given, "freightAlias")
    origin = text_of(given, "origin")
    if sum(map(bool, (name, alias, origin))) != 1:
        raise BadRequest("exactly one of freight, freightAlias and origin must be given")
    spec: dict[str, Any] = {"stage": stage.ref.name}
    if origin:
        await rights.ask(request, services, "list", scheme.FREIGHT, stage.ref.namespace)
        kind, slash, wanted = origin.partition("/")
        if not slash or kind != "Warehouse" or not wanted:
            raise BadRequest(f"origin: {origin!r} must read Warehouse/NAME")
        spec["origin"] = {"kind": kind, "name": wanted}
    else:
        spec["freight"] = (
            await _freight(request, services, stage.ref.namespace, name, alias)
        ).ref.name
    made = await promoting.create(request, services, stage.ref.namespace, spec)
    return stored_objects.one(made, status=201)


async def _promote_downstream(request: Request, services: Services) -> Response:
    """Promote Freight to every Stage that takes it from this one: all of them, or none."""
    store = services.store
    stage = await requests.named(request, store, scheme.STAGE)
    given = await requests.json_object(request)
    name, alias = text_of(given, "freight"), text_of(given, "freightAlias")
    if bool(name) == bool(alias):
        raise BadRequest("exactly one of freight and freightAlias must be given")
    stored = await _freight(request, services, stage.ref.namespace, name, alias)
    freight = stored.view(Freight)
    wanted = [
        (item, found)
        async for batch in store.scan(Query(kind=scheme.STAGE, namespace=stage.ref.namespace))
        for item, found in ((item, item.view(Stage)) for item in batch)
        if _takes(found, stage.ref.name, freight) and not found.controls_flow_only
    ]
    if not wanted:
        raise NotFound(
            f"no Stage takes Freight of {freight.origin.key} from Stage {stage.ref.name} by promotion"
        )
    for item, _ in wanted:  # before anything is told of them, and before the first is promoted to
        await rights.ask(
            request, services, "promote", scheme.STAGE, stage.ref.namespace, item.ref.name
        )
    refused = []
    in_force = await policies.in_force(store, stage.ref.namespace)
    for item, found in wanted:
        move = Move(
            now=services.clock.now(),
            stage=found,
            origin=freight.origin.key,
            freight=freight,
            template=await gathering.template(store, stage.ref.namespace, item.document),
            calendar=in_force.calendar,
        )
        closed = shut(by_hand(move), Bars.PROMOTION)
        refused += [f"{item.ref.name}: {said([gate])}" for gate in closed]
    if refused:
        raise BadRequest(
            f"Freight {freight.alias or stored.ref.name} is not available to every Stage, so nothing was promoted: "
            + "; ".join(refused)
        )
    made: list[Any] = []
    failed: list[str] = []
    for item, _ in wanted:
        spec = {"stage": item.ref.name, "freight": stored.ref.name}
        try:
            made.append(
                (
                    await promoting.create(request, services, stage.ref.namespace, spec)
                ).legible_document
            )
        except TowpathError as error:
            failed.append(f"{item.ref.name}: {error.message}")
    answer: dict[str, Any] = {"promotions": made}
    if failed:
        answer["errors"] = "; ".join(failed)
    return JSONResponse(answer, status_code=207 if failed else 201)


def _takes(stage: Stage, upstream: str, freight: Freight) -> bool:
    request = availability.request_for(stage, freight.origin.key)
    return request is not None and upstream in request.sources.stages


async def _freight(
    request: Request, services: Services, project: str, name: str, alias: str
) -> Stored:
    """Return Freight that the caller may see. Raises NotFound, Forbidden."""
    if alias:
        await rights.ask(request, services, "list", scheme.FREIGHT, project)
        return await requests.freight_by_alias(services.store, project, alias)
    await rights.ask(request, services, "get", scheme.FREIGHT, project, name)
    return await requests.one(services.store, Ref(scheme.FREIGHT, project, name))


# --- verifying ---------------------------------------------------------------------------------------


async def _verify(request: Request, services: Services) -> Response:
    await _note(request, services, REVERIFY)
    return Response()


async def _abort_verification(request: Request, services: Services) -> Response:
    await _note(request, services, ABORT)
    return Response()


async def _note(request: Request, services: Services, annotation: str) -> None:
    """Ask the controller to run the newest verification again, or to give it up."""
    stored = await requests.named(request, services.store, scheme.STAGE)
    await rights.ask_to_look(request, services, stored.ref, stage=stored.ref.name)
    status = stored.view(Stage).status
    newest = stage_status.newest_verification(status) if status else None
    if newest is None:
        raise Conflict(
            f"{stored.ref} has no verification: nothing was promoted to it yet, or it is being verified"
        )
    await services.writer.annotate(stored.ref, {annotation: newest.id}, caller.of(request))


_PROMOTE = (
    Right("get", scheme.STAGE),
    Right("promote", scheme.STAGE),
    Right("create", scheme.PROMOTION),
)
_FREIGHT = "`get` on the Freight that is named, `list` freights for an alias or an origin"
_PROMOTE_DOWNSTREAM = (
    Right("get", scheme.STAGE),
    Right("list", scheme.STAGE),
    Right("create", scheme.PROMOTION),
)
_DOWNSTREAM = f"`promote` on every Stage that is promoted to; {_FREIGHT}"
_LOOK = "`promote` on the Stage, or `patch` on it"
_BASE = "/v1beta1/projects/{project}/stages"
_ORIGINS = Parameter(
    "freightOrigins", "Only those that request Freight of one of these Warehouses.", several=True
)
ENDPOINTS = (
    Endpoint(
        "GET",
        _BASE,
        _list,
        Right("list", scheme.STAGE),
        query=(_ORIGINS, *WATCH),
        answers=Reply(ListOf(scheme.STAGE)),
    ),
    Endpoint(
        "GET",
        f"{_BASE}/{{name}}",
        _get,
        Right("get", scheme.STAGE),
        query=WATCH_ONE,
        answers=Reply(scheme.STAGE),
    ),
    Endpoint("DELETE", f"{_BASE}/{{name}}", _delete, Right("delete", scheme.STAGE), answers=GONE),
    Endpoint(
        "POST",
        f"{_BASE}/{{name}}/refresh",
        _refresh,
        Right("get", scheme.STAGE),
        also=_LOOK,
        answers=DONE,
    ),
    Endpoint(
        "POST",
        f"{_BASE}/{{name}}/promotions",
        _promote,
        _PROMOTE,
        also=_FREIGHT,
        takes=Body(shapes.Promote),
        answers=created(scheme.PROMOTION),
    ),
    Endpoint(
        "POST",
        f"{_BASE}/{{name}}/promotions/downstream",
        _promote_downstream,
        _PROMOTE_DOWNSTREAM,
        also=_DOWNSTREAM,
        takes=Body(shapes.PromoteDownstream),
        answers=Reply(shapes.Promoted, 201, also=((207, shapes.Promoted),)),
    ),
    Endpoint(
        "POST",
        f"{_BASE}/{{name}}/verification",
        _verify,
        Right("get", scheme.STAGE),
        also=_LOOK,
        answers=DONE,
    ),
    Endpoint(
        "POST",
        f"{_BASE}/{{name}}/verification/abort",
        _abort_verification,
        Right("get", scheme.STAGE),
        also=_LOOK,
        answers=DONE,
    ),
)
