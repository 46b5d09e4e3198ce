"""Plans for several Stages: made in one call, shown in few bytes, a file's lines when somebody looks at them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from towpath.admission import gathering
from towpath.errors import BadRequest, Expired, Forbidden, NotFound, TowpathError
from towpath.messages import FOREIGN_BYTES, cut
from towpath.promotion.plan import summary
from towpath.promotion.plan.made import Gone, PlanSet, Unplanned
from towpath.promotion.plan.planner import MOST_STAGES
from towpath.resources import moments, scheme
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage
from towpath.rules.gates.listing import everything
from towpath.server import requests, rights
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import gates, plan_shapes
from towpath.server.requests import flag_of, text_of
from towpath.server.stamps import stamped
from towpath.server.wire import Parameter, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.clients.git.objects.patches import ChangedFile
    from towpath.promotion.plan.made import Plan
    from towpath.promotion.plan.summary import PlannedTarget
    from towpath.server.services import Services
    from towpath.store.contract import Stored

_MOST_OUTDATED: Final = 20
_HUNK: Final = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@", re.ASCII)


async def make(request: Request, services: Services, given: Mapping[str, Any]) -> Response:
    """Plan a promotion of Freight to several Stages. One that cannot be planned is told as a target that is refused."""
    revision, project = services.store.revision(), request.path_params["project"]
    body = dict(given)
    names = _names(body)
    freight = await _freight(request, services, project, body)
    allow_reads = flag_of(body, "allowReads")
    stages: list[Stored] = []
    unplanned = []
    for name in names:
        try:
            await rights.ask(request, services, "promote", scheme.STAGE, project, name)
            stages.append(await requests.one(services.store, Ref(scheme.STAGE, project, name)))
        except (Forbidden, NotFound) as error:
            if len(names) == 1:
                raise
            unplanned.append(Unplanned(stage=name, status=error.status, error=error.message))
    plan = await services.planner.plan_several(
        stages,
        freight,
        actor=caller.of(request).actor,
        allow_reads=allow_reads,
        unplanned=unplanned,
    )
    answer = await _document(request, services, plan, plan.plans, {}, revision)
    return JSONResponse(answer, status_code=201)


def gone(plan: Gone) -> TowpathError:
    """Return what is raised where a plan is asked for that is not kept any more."""
    again = f"towpath plan -p {plan.project} --stage {plan.stage} --freight {plan.freight}"
    return Expired(
        f"plan {plan.id}, made {moments.whole_seconds(plan.made)}, is not kept any more, as newer ones took its place; "
        f"plan again{'' if plan.several else f': {again}'}"
    )


def _names(given: dict[str, Any]) -> list[str]:
    names = given.get("stages")
    if given.get("stage"):
        raise BadRequest("give one of stage and stages")
    if not isinstance(names, list) or not names:
        raise BadRequest("stages: name at least one Stage, in a list")
    if not all(isinstance(each, str) and each for each in names):
        raise BadRequest("stages: each must be the name of a Stage")
    found = list(dict.fromkeys(names))
    if len(found) > MOST_STAGES:
        raise BadRequest(
            f"stages: at most {MOST_STAGES} are planned at a time, these are {len(found)}"
        )
    return found


async def _freight(
    request: Request, services: Services, project: str, given: dict[str, Any]
) -> Stored:
    name = text_of(given, "freight") or text_of(given, "freightAlias")
    if not name:
        raise BadRequest("freight: name the Freight, or its alias, that is to be promoted")
    await rights.ask(request, services, "get", scheme.FREIGHT, project, name)
    found = await requests.freight(services.store, project, name)
    if found.ref.name != name:
        await rights.ask(request, services, "get", scheme.FREIGHT, project, found.ref.name)
    return found


async def _document(
    request: Request,
    services: Services,
    plan: Plan | PlanSet,
    plans: Sequence[Plan],
    outdated: Mapping[str, list[str]],
    revision: int,
    *,
    most: int = summary.LIST_BYTES,
) -> dict[str, Any]:
    """Return some plans of a set as they are shown, with the gates as they are now."""
    targets = [
        await _target(request, services, each, outdated.get(each.stage, [])) for each in plans
    ]
    if isinstance(plan, PlanSet) and len(plans) == len(plan.plans):
        targets += [summary.refused(each) for each in plan.unplanned]
    told = list(dict.fromkeys(text for each in outdated.values() for text in each))
    answer = stamped(services, {"outdated": told[:_MOST_OUTDATED]}, revision)
    room = most - len(str(answer).encode())
    return answer | summary.document(plan, plans, targets, room)


async def _target(
    request: Request, services: Services, plan: Plan, outdated: list[str]
) -> PlannedTarget:
    store, project = services.store, plan.project
    try:
        stage = await store.get(Ref(scheme.STAGE, project, plan.stage))
        freight = await store.get(Ref(scheme.FREIGHT, project, plan.freight))
    except NotFound:  # which `outdated` tells
        return summary.target(plan, [], outdated)
    view, wanted = stage.view(Stage), freight.view(Freight)
    snapshot = await gathering.snapshot(
        *(store, stage, wanted.origin.key, wanted),
        promotions=await gathering.unsettled(store, view),
        now=services.clock.now(),
        problems=services.problems,
        next_look=None,
    )
    shut = [each for each in everything(snapshot) if not each.open]
    return summary.target(plan, await gates.shown(request, services, view, shut), outdated)


async def _found(request: Request, services: Services) -> tuple[Plan | PlanSet, list[Plan]]:
    """Return the plan that is named, and of it what the caller asks for and may see. Raises NotFound, Forbidden, Expired."""
    project = request.path_params["project"]
    plan = await services.planner.find(project, request.path_params["id"])
    if isinstance(plan, Gone):
        for stage in plan.stages:
            await rights.ask(request, services, "promote", scheme.STAGE, project, stage)
        raise gone(plan)
    plans = plan.plans if isinstance(plan, PlanSet) else [plan]
    if asked := request.query_params.get("stage", ""):
        await rights.ask(request, services, "promote", scheme.STAGE, project, asked)
        plans = [each for each in plans if each.stage == asked]
        if not plans:
            told = ", ".join(plan.stages) or "none"
            raise NotFound(
                f"plan {plan.id} is not of Stage {cut(asked, FOREIGN_BYTES)}, but of {told}"
            )
        return plan, plans
    seen, refusal = [], None
    for each in plans:
        try:
            await rights.ask(request, services, "promote", scheme.STAGE, project, each.stage)
            seen.append(each)
        except Forbidden as error:
            refusal = error
    if refusal is not None and not seen:
        raise refusal
    return plan, seen


async def _show(request: Request, services: Services) -> Response:
    """Answer with a plan in few bytes, and with what has changed since it was made."""
    revision = services.store.revision()
    plan, plans = await _found(request, services)
    outdated = await services.planner.all_outdated(plans, actor=caller.of(request).actor)
    is_one = bool(request.query_params.get("stage"))
    most = summary.STAGE_BYTES if is_one else summary.LIST_BYTES
    return JSONResponse(
        await _document(request, services, plan, plans, outdated, revision, most=most)
    )


async def _file(request: Request, services: Services) -> Response:
    """Answer with the hunks of one file, by its path or its id."""
    plan, plans = await _found(request, services)
    path, id_ = request.query_params.get("path", ""), request.query_params.get("id", "")
    if not path and not id_:
        raise BadRequest("path: say which file, as the plan has it")
    found: dict[tuple[str, str], ChangedFile] = {}
    for each in plans:
        for variant in each.variants:
            for known, file in variant.files.items():
                if (not id_ or known == id_) and (not path or file.path == path):
                    found.setdefault((each.stage, known), file)
    if not found:
        raise NotFound(f"plan {plan.id} changes no file {cut(path or id_, FOREIGN_BYTES)}")
    if len({(each.path, each.patch) for each in found.values()}) > 1:
        told = ", ".join(f"stage={stage}&id={known}" for stage, known in list(found)[:10])
        raise BadRequest(f"path: plan {plan.id} has {len(found)} such files; say which: {told}")
    (stage, known), file = next(iter(found.items()))
    return JSONResponse(
        {
            "id": known,
            "stage": stage,
            "path": file.path,
            "+": file.added,
            "-": file.removed,
            "kind": file.kind,
            "size": file.size,
            "binary": file.is_binary,
            "hunks": hunks(file.patch),
            "cut": file.is_cut,
        }
    )


def hunks(patch: str) -> list[dict[str, Any]]:
    """Return the hunks of a patch in git's form, with the number of the first line of each before and after."""
    found: list[dict[str, Any]] = []
    for line in patch.removesuffix("\n").split("\n"):
        head = _HUNK.match(line)
        if head is not None:
            found.append({"before": int(head[1]), "after": int(head[2]), "lines": []})
        elif found:
            found[-1]["lines"].append(line)
    return found


_BASE = "/towpath/v1/projects/{project}"
_PROMOTE = "`promote` on a Stage of the plan; only what is planned for such Stages is answered"
_STAGE = Parameter("stage", "Only this Stage of the plan, with all there is to tell of it.")
ENDPOINTS = (
    Endpoint(
        "GET",
        f"{_BASE}/plan/{{id}}",
        _show,
        Right("get", scheme.STAGE),
        also=_PROMOTE,
        query=(_STAGE,),
        answers=Reply(plan_shapes.SummedPlan),
    ),
    Endpoint(
        "GET",
        f"{_BASE}/plan/{{id}}/file",
        _file,
        Right("get", scheme.STAGE),
        also=_PROMOTE,
        query=(
            Parameter("path", "Which file, by its path."),
            Parameter("id", "Which file, by its id, where several have the path."),
            _STAGE,
        ),
        answers=Reply(plan_shapes.SummedFileHunks),
    ),
)
