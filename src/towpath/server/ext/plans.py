"""What a promotion would do, before it does anything: plans are made, looked at, and carried out if they still hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from towpath.admission import candidates, gathering
from towpath.errors import BadRequest, Conflict, Invalid, NotFound
from towpath.messages import FOREIGN_BYTES, cut
from towpath.promotion.plan.made import Gone, PlanSet
from towpath.promotion.plan.planner import DECISION_SECONDS
from towpath.resources import moments, scheme
from towpath.resources.annotations import PLAN
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage
from towpath.rules.gates.listing import everything
from towpath.server import requests, rights, stored_objects
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import gates, plan_sets, plan_shapes
from towpath.server.ext.moves import back
from towpath.server.ext.moves.call import RefusedTargetError
from towpath.server.requests import flag_of, text_of
from towpath.server.wire import Body, Parameter, Reply, created

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.clients.git.objects.patches import ChangedFile
    from towpath.documents.manifests.differences import ChangedObject
    from towpath.promotion.plan.made import Plan
    from towpath.server.services import Services
    from towpath.store.contract import Stored


async def _make(request: Request, services: Services) -> Response:
    """Plan a promotion of Freight, by name or alias or the newest that is available, to a Stage or to several."""
    project = request.path_params["project"]
    given = await requests.json_object(request)
    if "stages" in given:
        return await plan_sets.make(request, services, given)
    name = text_of(given, "stage")
    if not name:
        raise BadRequest("stage: name the Stage that is to be promoted to, or several in stages")
    allow_reads = flag_of(given, "allowReads")
    await rights.ask(request, services, "promote", scheme.STAGE, project, name)
    stage = await requests.one(services.store, Ref(scheme.STAGE, project, name))
    freight = await _freight(request, services, stage, given)
    plan = await services.planner.plan(
        stage, freight, actor=caller.of(request).actor, allow_reads=allow_reads
    )
    answer = _document(plan, outdated=[])
    answer["gates"] = await _gates(request, services, stage, freight.view(Freight))
    return JSONResponse(answer, status_code=201)


async def _freight(
    request: Request, services: Services, stage: Stored, given: dict[str, Any]
) -> Stored:
    """Return the Freight that is named, or what the Stage would take now. Raises NotFound, BadRequest, Forbidden."""
    store, project = services.store, stage.ref.namespace
    name, alias = text_of(given, "freight"), text_of(given, "freightAlias")
    if name and alias:
        raise BadRequest("give one of freight and freightAlias")
    if alias:
        await rights.ask(request, services, "list", scheme.FREIGHT, project)
        return await requests.freight_by_alias(store, project, alias)
    if name:
        await rights.ask(request, services, "get", scheme.FREIGHT, project, name)
        return await requests.one(store, Ref(scheme.FREIGHT, project, name))
    await rights.ask(request, services, "list", scheme.FREIGHT, project)
    view = stage.view(Stage)
    wanted = view.spec.requested_freight
    if len(wanted) != 1:
        raise BadRequest(
            f"Stage {stage.ref.name} requests Freight of {len(wanted)} origins: name the Freight"
        )
    if flag_of(given, "rollback"):
        try:
            return await back.last_verified(store, project, view, wanted[0].origin.key)
        except RefusedTargetError as error:
            raise NotFound(error.message) from error
    found = await candidates.choose(store, view, wanted[0], now=services.clock.now())
    if found.freight is None:
        raise NotFound(
            f"no Freight of {wanted[0].origin.key} is available to Stage {stage.ref.name} now; name one"
        )
    return await requests.one(store, Ref(scheme.FREIGHT, project, found.freight.metadata.name))


async def _gates(
    request: Request, services: Services, stage: Stored, freight: Freight
) -> list[dict[str, Any]]:
    view = stage.view(Stage)
    snapshot = await gathering.snapshot(
        *(services.store, stage, freight.origin.key, freight),
        promotions=await gathering.unsettled(services.store, view),
        now=services.clock.now(),
        problems=services.problems,
        next_look=None,
    )
    return await gates.shown(request, services, view, everything(snapshot))


def _document(plan: Plan, *, outdated: list[str]) -> dict[str, Any]:
    return {
        "id": plan.id,
        "stage": plan.stage,
        "freight": plan.freight,
        "actor": plan.actor,
        "plannedAt": moments.whole_seconds(plan.made),
        "outdated": outdated,
        "bases": [
            {
                "repository": each.url,
                "ref": each.branch or each.tag or each.commit,
                "commit": each.found,
            }
            for each in plan.bases
        ],
        "variants": [each.document for each in plan.variants],
        "hasMoreVariants": plan.is_cut,
    }


async def _found(request: Request, services: Services) -> Plan:
    """Return the plan that is named. Raises NotFound, Forbidden, and Expired for one that is not kept any more."""
    project = request.path_params["project"]
    plan = await services.planner.find(project, request.path_params["id"])
    if isinstance(plan, PlanSet):
        stage = request.query_params.get("stage", "")
        found = plan.of(stage)
        if found is None:
            raise BadRequest(
                f"stage: plan {plan.id} is of the Stages {', '.join(plan.stages)}; say in the query which of them is meant"
            )
        plan = found
    for stage in plan.stages:
        await rights.ask(request, services, "promote", scheme.STAGE, project, stage)
    if isinstance(plan, Gone):
        raise plan_sets.gone(plan)
    return plan


async def _show(request: Request, services: Services) -> Response:
    """Answer with a plan, and with what has changed since it was made."""
    plan = await _found(request, services)
    outdated = await services.planner.outdated(plan, actor=caller.of(request).actor)
    return JSONResponse(_document(plan, outdated=outdated))


async def _file(request: Request, services: Services) -> Response:
    """Answer with the hunks of one file of a plan."""
    plan = await _found(request, services)
    id_ = request.path_params["file"]
    file = plan.file(id_)
    if file is None:
        raise NotFound(f"plan {plan.id} changes no file {cut(id_, FOREIGN_BYTES)}")
    return JSONResponse(
        {
            "id": id_,
            "path": file.path,
            "isBinary": file.is_binary,
            **_hunks(file),
        }
    )


async def _object(request: Request, services: Services) -> Response:
    """Answer with the hunks of one object that is rendered."""
    plan = await _found(request, services)
    id_ = request.path_params["object"]
    found = plan.object(id_)
    if found is None:
        raise NotFound(f"plan {plan.id} changes no object {cut(id_, FOREIGN_BYTES)}")
    return JSONResponse(
        {
            "id": id_,
            "apiVersion": found.api_version,
            "kind": found.kind,
            "namespace": found.namespace,
            "name": found.name,
            "change": found.change,
            **_hunks(found),
        }
    )


def _hunks(of: ChangedFile | ChangedObject) -> dict[str, Any]:
    return {"added": of.added, "removed": of.removed, "patch": of.patch, "isCut": of.is_cut}


async def _promote(request: Request, services: Services) -> Response:
    """Promote what was planned, if the plan still holds."""
    plan = await _found(request, services)
    outdated = await services.planner.outdated(
        plan, actor=caller.of(request).actor, seconds=DECISION_SECONDS
    )
    if outdated:
        raise Conflict(
            f"plan {plan.id} is outdated: {'; '.join(outdated)}; nothing was promoted, plan again: towpath plan "
            f"-p {plan.project} --stage {plan.stage} --freight {plan.freight}"
        )
    document = {
        "apiVersion": scheme.PROMOTION.api_version,
        "kind": scheme.PROMOTION.name,
        "metadata": {
            "namespace": plan.project,
            "generateName": "promo-",
            "annotations": {PLAN: request.path_params["id"]},
        },
        "spec": {"stage": plan.stage, "freight": plan.freight},
    }
    try:
        written = await services.writer.create(document, caller.of(request))
    except Invalid as error:
        told = "; ".join(str(cause) for cause in error.causes)
        raise BadRequest(told or error.message) from error
    return stored_objects.one(written.stored, status=201)


_BASE = "/towpath/v1/projects/{project}"
_PROMOTE = "`promote` on the plan's Stage"
_OF_SEVERAL = (Parameter("stage", "Which Stage, of a plan for several."),)
ENDPOINTS = (
    Endpoint(
        "POST",
        f"{_BASE}/plan",
        _make,
        Right("get", scheme.STAGE),
        also="`promote` on the Stage; `get` on the Freight that is named, `list` freights for an alias or without a name",
        takes=Body(plan_shapes.WantedPlan),
        answers=created(plan_shapes.MadePlan),
    ),
    Endpoint(
        "GET",
        f"{_BASE}/plans/{{id}}",
        _show,
        Right("get", scheme.STAGE),
        also=_PROMOTE,
        query=_OF_SEVERAL,
        answers=Reply(plan_shapes.ShownPlan),
    ),
    Endpoint(
        "GET",
        f"{_BASE}/plans/{{id}}/files/{{file}}",
        _file,
        Right("get", scheme.STAGE),
        query=_OF_SEVERAL,
        answers=Reply(plan_shapes.PlannedFile),
        also=_PROMOTE,
    ),
    Endpoint(
        "GET",
        f"{_BASE}/plans/{{id}}/objects/{{object}}",
        _object,
        Right("get", scheme.STAGE),
        query=_OF_SEVERAL,
        answers=Reply(plan_shapes.PlannedObject),
        also=_PROMOTE,
    ),
    Endpoint(
        "POST",
        f"{_BASE}/plans/{{id}}/promote",
        _promote,
        Right("create", scheme.PROMOTION),
        query=_OF_SEVERAL,
        answers=created(scheme.PROMOTION),
        also=_PROMOTE,
    ),
)
