"""How far a run is, as the API and the command line tell it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.support import serving
from tests.support.measuring import run_document
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.cli.why import analysis_run, explain
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Document

OWN = f"/towpath/v1/projects/{PROJECT}"


async def _told(world: Pipeline, path: str) -> dict[str, Any]:
    async with serving.client(world) as client:
        answer = await client.get(f"{OWN}/{path}/explain")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def test_each_metric_says_what_was_taken_and_when_it_goes_on(tmp_path: Path) -> None:
    """Under way, between two measurements, before the first, and as a dry run."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        world.measures.gates["slow"] = asyncio.Event()
        world.measures.script("run", bad=[{"error": "no answer"}])
        metrics = (
            {"name": "slow"},
            {"name": "fast", "interval": "1m", "count": 3},
            {"name": "late", "initialDelay": "5m"},
            {"name": "bad"},
        )
        await world.apply(run_document("run", *metrics, dryRun=[{"metricName": "bad"}]))
        await world.settled()
        await world.clock.advance(1)
        await world.settled()
        told = await _told(world, "analysis-runs/run")
        assert (told["phase"], told["completedAt"]) == ("Running", None)
        slow, fast, late, bad = told["metrics"]
        assert (slow["inFlight"], slow["taken"], slow["wanted"]) == (True, 0, 1)
        assert (fast["inFlight"], fast["taken"], fast["wanted"]) == (False, 1, 3)
        assert fast["nextAt"].startswith("2026-01-01T00:01:")
        assert (late["phase"], late["taken"]) == ("Pending", 0)
        assert late["nextAt"].startswith("2026-01-01T00:05:")
        assert (bad["dryRun"], bad["errors"], bad["message"]) == (True, 1, "no answer")
        assert "slow" in told["waitingFor"]
        lines = analysis_run.lines(told)
        assert lines[0] == "AnalysisRun run: Running"
        assert lines[1] == "  slow: Running, 0 of 1 measured, one is being taken"
        assert "fast: Running, 1 of 3 measured, the next at 2026-01-01T00:01:" in lines[2]
        assert lines[4].endswith(
            "1 of 1 measured, 1 of them errors, the next at "
            + bad["nextAt"]
            + ", a dry run: no answer"
        )
        world.measures.gates["slow"].set()


async def test_a_stage_shows_its_run_to_those_who_may_see_it(tmp_path: Path) -> None:
    """A stage shows its run to those who may see it."""
    async with running(tmp_path) as world:
        await world.apply(project_document("good"), warehouse_document(), stage_document("good"))
        await world.freight("1.0.0")
        await world.settled()

        def referring(found: Document) -> Document:
            found["status"]["freightHistory"][0]["verificationHistory"] = [
                {
                    "id": "a",
                    "phase": "Successful",
                    "analysisRun": {"name": "run", "namespace": PROJECT, "phase": ""},
                }
            ]
            return found

        stage = Ref(scheme.STAGE, PROJECT, "good")
        await world.store.patch(stage, referring, actor="a", subresource="status")
        assert "run" not in (await _told(world, "stages/good"))["verification"]
        await world.apply(run_document("run", {"name": "m"}))
        await world.settled()
        told = await _told(world, "stages/good")
        assert told["verification"]["run"]["metrics"][0]["taken"] == 1
        assert "  m: Successful, 1 of 1 measured" in explain.stage_lines(told)


async def test_a_run_that_cannot_be_run_says_why(tmp_path: Path) -> None:
    """A run that cannot be run says why."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.store.create(run_document("run"), actor="a")
        await world.settled()
        told = await _told(world, "analysis-runs/run")
        assert told["metrics"] == []
        assert told["message"] == "Analysis spec invalid: no metrics specified"
