"""analysis.jsonl: every run, through the engine that takes measurements beside it, in virtual time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.support.measuring import Measures, run_document
from tests.support.pipeline import PROJECT, USER, Pipeline, project_document, running
from tests.support.shared import cases
from towpath.resources import durations, moments, scheme
from towpath.resources.analysis_run import AnalysisRun
from towpath.resources.kinds import Ref
from towpath.resources.structs import view

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Document


async def test_every_run_comes_to_the_same(tmp_path: Path) -> None:
    """All of them at once, in one control plane; compared is what people see: phases, messages, counters, moments."""
    found: dict[str, Any] = {}
    played = {case["id"]: case for case in cases("analysis") if case["op"] == "analysis_run"}
    async with running(tmp_path) as world:
        await world.apply(project_document())
        begin = world.clock.now()
        for case in played.values():
            given = dict(case["in"])
            results = given.pop("results", {})
            for left_out in ("terminateAt", "until"):
                given.pop(left_out, None)
            world.measures.script(case["id"], **results)
            # Past admission, which refuses some of them.
            await world.store.create(
                run_document(case["id"], *given.pop("metrics"), **given), actor="a"
            )
        happenings = sorted(
            (durations.span(case["in"].get(name, usual)) or timedelta(), name, id_)
            for id_, case in played.items()
            for name, usual in (("terminateAt", ""), ("until", "30m"))
            if case["in"].get(name, usual)
        )
        for at, name, id_ in happenings:
            await _at(world, begin + at - world.clock.now())
            if name == "terminateAt":
                await world.writer.change(
                    Ref(scheme.ANALYSIS_RUN, PROJECT, id_), _terminated, USER, manager="test"
                )
                await world.settled()
            else:
                document = await world.get(scheme.ANALYSIS_RUN, id_)
                found[id_] = _told(document, world.measures, begin)
    wrong = {
        id_: (case["want"], found[id_])
        for id_, case in played.items()
        if not _agrees(case["want"], found[id_])
    }
    assert not wrong, next(iter(wrong.items()))
    assert len(found) >= 60


def _terminated(document: Document) -> Document:
    return {**document, "spec": {**document["spec"], "terminate": True}}


def _told(document: Document, measures: Measures, begin: datetime) -> Document:
    """Return what a case says of a run."""
    run = view(AnalysisRun, document)
    assert run.status is not None
    asked = measures.by_metric()
    completed = moments.read(run.status.completed_at)
    told: Document = {
        "phase": run.status.phase,
        "message": run.status.message,
        "completedAt": None if completed is None else int((completed - begin).total_seconds()),
        "metrics": {
            result.name: {
                "consecutiveError": result.consecutive_error,
                "consecutiveSuccess": result.consecutive_success,
                **{
                    name: getattr(result, name)
                    for name in (
                        *("phase", "message", "count", "successful", "failed"),
                        *("inconclusive", "error"),
                    )
                },
                "dryRun": result.dry_run,
                "measurements": [each.phase for each in result.measurements],
                "startedAt": [
                    int((each.at - begin).total_seconds())
                    for each in asked[f"{run.metadata.name}/{result.name}"]
                    if each.how == "measure"
                ],
            }
            for result in run.status.metric_results
        },
    }
    for name, summary in (
        ("runSummary", run.status.run_summary),
        ("dryRunSummary", run.status.dry_run_summary),
    ):
        if summary is not None:
            told[name] = {each: getattr(summary, each) for each in summary.__struct_fields__}
    return told


async def _at(world: Pipeline, span: timedelta) -> None:
    """Let time pass, moment by moment: all that is due at one is done before the next."""
    left = span.total_seconds()
    await world.settled()
    while left > 0:
        due = [each[0] for each in world.clock._sleepers if not each[2].done()]
        step = min(left, max(0.0, min(due, default=left) - world.clock.monotonic()))
        await world.clock.advance(step)
        await world.settled()
        left -= step


def _agrees(want: Any, found: Any) -> bool:
    if isinstance(want, dict):
        return isinstance(found, dict) and all(
            _agrees(value, found.get(key)) for key, value in want.items()
        )
    return bool(want == found)
