"""Verification debt: what became of the verification of all Freight that was in the Stages of a Project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage, StageStatus
from towpath.rules.verifying import awaited as awaiting
from towpath.rules.verifying.awaited import awaited, deadline
from towpath.rules.verifying.debt import Stay, StayOutcome, VerificationRun, stay_outcomes
from towpath.server import requests, rights
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import stage_shapes
from towpath.server.wire import Parameter, Reply
from towpath.store.contract import Query
from towpath.store.history import HistorySelection
from towpath.store.tolerant_reading import views

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services
    from towpath.store.history import History, Occupancy, Verified

_MOST: Final = 1000
"""Stays, and verifications, that an answer is made of: the newest."""
_OF_STAGE: Final = 200
_LEFT_OUT: Final = "what its verifications wait for is not told"


async def _debt(request: Request, services: Services) -> Response:
    """Answer with a verdict, or why there is none, for each stay of Freight in a Stage; the latest first.

    `stage` asks for those of one Stage, `owed=true` for those alone that lack what they should have.
    """
    project = await requests.project(request, services.store)
    name = request.query_params.get("stage", "")
    if name:
        await rights.ask(request, services, "get", scheme.STAGE, project, name)
    selection = HistorySelection(project=project, stage=name or None)
    stays = await services.store.history.occupancies(selection, limit=_MOST)
    runs = await services.store.history.verifications(selection, limit=_MOST)
    if name and not stays.items:
        await requests.one(services.store, Ref(scheme.STAGE, project, name))
    stages: dict[str, Stage] = {}
    query = Query(kind=scheme.STAGE, namespace=project)
    async for batch in services.store.scan(query):
        stages |= {
            found.metadata.name: found for _, found in views(batch, Stage, purpose=_LEFT_OUT)
        }
    # Of what is older than all runs that were read nobody can tell here how it was verified.
    oldest = min((each.recorded for each in runs.items), default=None) if runs.cursor else None
    kept = [each for each in stays.items if oldest is None or each.began >= oldest]
    found = told(kept, runs.items, stages, services.clock.now())
    if request.query_params.get("owed", "") == "true":
        found = [each for each in found if each["owed"]]
    answer: dict[str, Any] = {"items": found}
    if kept and (stays.cursor or len(kept) < len(stays.items)):
        answer["since"] = moments.whole_seconds(min(each.began for each in kept))
    return JSONResponse(answer)


async def owed_in(history: History, stage: Stage, now: datetime) -> list[dict[str, Any]]:
    """Return the debt of one Stage, of its latest stays."""
    selection = HistorySelection(project=stage.metadata.namespace, stage=stage.metadata.name)
    stays = (await history.occupancies(selection, limit=_OF_STAGE)).items
    if not stays:
        return []
    runs = (await history.verifications(selection, limit=_OF_STAGE)).items
    if len(runs) == _OF_STAGE:
        stays = tuple(each for each in stays if each.began >= runs[-1].recorded)
    found = told(stays, runs, {stage.metadata.name: stage}, now)
    return [each for each in found if each["owed"]]


def told(
    stays: list[Occupancy] | tuple[Occupancy, ...],
    runs: tuple[Verified, ...],
    stages: dict[str, Stage],
    now: datetime,
) -> list[dict[str, Any]]:
    """Return what became of each stay as documents, in the order of the stays."""
    by_stage: dict[str, list[tuple[int, Stay]]] = {}
    for number, each in enumerate(stays):
        stay = Stay(
            freight=each.record.freight,
            origin=each.record.origin,
            began=each.began,
            ended=each.ended,
            promotion=each.record.promotion,
        )
        by_stage.setdefault(each.record.stage, []).append((number, stay))
    runs_of: dict[str, list[VerificationRun]] = {}
    for run in runs:
        runs_of.setdefault(run.record.stage, []).append(_run(run))
    placed: dict[int, dict[str, Any]] = {}
    for name, numbered in by_stage.items():
        stage = stages.get(name)
        found = stay_outcomes(
            [stay for _, stay in numbered],
            runs_of.get(name, ()),
            waits=awaited(stage, stage.status or StageStatus(), now) if stage else None,
            deadline=deadline(stage) if stage else awaiting.DEADLINE,
            is_there=stage is not None,
        )
        for (number, _), standing in zip(numbered, found, strict=True):
            placed[number] = _item(name, standing)
    return [placed[number] for number in range(len(stays))]


def _run(verified: Verified) -> VerificationRun:
    record = verified.record
    return VerificationRun(
        id=record.id,
        freight=frozenset(record.freight),
        recorded=verified.recorded,
        phase=record.phase,
        message=record.message,
        analysis_run=record.analysis_run,
        finished=record.finished,
    )


def _item(stage: str, standing: StayOutcome) -> dict[str, Any]:
    stay, run = standing.stay, standing.run
    return {
        "stage": stage,
        "origin": stay.origin,
        "freight": stay.freight,
        "since": moments.whole_seconds(stay.began),
        "until": moments.whole_seconds(stay.ended) if stay.ended is not None else None,
        "promotion": stay.promotion,
        "verdict": standing.verdict,
        "reason": standing.lack.value if standing.lack is not None else "",
        "owed": standing.is_owed,
        "message": standing.message,
        "analysisRun": run.analysis_run if run is not None else "",
        "finished": run.finished if run is not None else "",
    }


_QUERY: Final = (
    Parameter("stage", "Only stays in this Stage."),
    Parameter("owed", "Only those that lack what they should have.", "boolean"),
)
ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/debt",
        _debt,
        Right("list", scheme.STAGE),
        also="`get` on the Stage that is named",
        query=_QUERY,
        answers=Reply(stage_shapes.Debt),
    ),
)
