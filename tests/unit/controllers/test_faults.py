"""No fault is silent: what a controller comes upon stands on the object, and stops nothing else."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    Work,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath import errors
from towpath.artifacts.subscription import NotLetIn
from towpath.promotion.effects.http import HttpRequest
from towpath.promotion.step import Succeeded
from towpath.resources import scheme
from towpath.resources.annotations import ABORT
from towpath.resources.kinds import Ref
from towpath.rules import stage_status
from towpath.runtime.ending import left_behind
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.promotion.step import FreeForm, Outcome, StepContext
    from towpath.resources.stage import Stage, StageStatus


async def test_a_fault_stands_on_its_object_until_it_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The others of the Project go on; the id leads to the traceback; the status is Kargo's, with nothing added."""
    honest = stage_status.summary
    broken = {"bad"}

    def summary(stage: Stage, status: StageStatus) -> str:
        if stage.metadata.name in broken:
            raise KeyError("s3cret")
        return honest(stage, status)

    monkeypatch.setattr(stage_status, "summary", summary)
    async with running(tmp_path) as world:
        await world.apply(
            project_document("bad", "good"),
            warehouse_document(),
            stage_document("bad"),
            stage_document("good"),
        )
        freight = await world.freight("1.0.0")
        await world.settled()
        assert await world.held("good") == freight
        status, reason, message = await world.condition(scheme.STAGE, "bad", "Ready")
        assert (status, reason) == ("False", "ReconcileError")
        assert "KeyError" in message
        assert "s3cret" not in message
        id_ = message.partition("fault=")[2].rstrip(")")
        [record] = [
            each for each in caplog.records if getattr(each, "fault", "") == id_ and each.exc_info
        ][:1]
        assert "stage" in record.getMessage()
        again = await world.condition(scheme.STAGE, "bad", "Reconciling")
        assert again[:2] == ("True", "RetryAfterError")
        conditions = (await world.status(scheme.STAGE, "bad"))["conditions"]
        known = {"type", "status", "reason", "message", "lastTransitionTime", "observedGeneration"}
        assert all(set(each) <= known for each in conditions)
        assert (await world.status(scheme.PROJECT, PROJECT))["stats"]["stages"]["count"] == 2
        before = await world.get(scheme.STAGE, "bad")
        await world.clock.advance(70)
        await world.settled()
        after = await world.get(scheme.STAGE, "bad")
        assert after == before, "the same fault again changes nothing"
        broken.clear()
        await world.clock.advance(70)
        await world.settled()
        assert (await world.condition(scheme.STAGE, "bad", "Ready"))[1] != "ReconcileError"
        assert await world.condition(scheme.STAGE, "bad", "Reconciling") == ("", "", "")
        assert await world.held("bad") == freight


async def test_what_an_earlier_process_said_is_taken_back(tmp_path: Path) -> None:
    """Also by a pass that had nothing to write: here a Warehouse whose next look is not due yet."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        await world.apply(project_document(), warehouse_document())
        await world.settled()
        ready = {
            "type": "Ready",
            "status": "False",
            "reason": "ReconcileError",
            "message": "an error (fault=0000)",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
        await world.writer.set_status(
            Ref(scheme.WAREHOUSE, PROJECT, "main"),
            lambda status: {**status, "conditions": [ready]},
            USER,
        )
        await world.writer.annotate(
            Ref(scheme.WAREHOUSE, PROJECT, "main"), {"example.com/touched": "yes"}, USER
        )
        await world.settled()
        assert (await world.condition(scheme.WAREHOUSE, "main", "Ready"))[0] == "True"


async def test_a_kind_without_conditions_gets_an_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One for each cause, however often it comes."""
    from towpath.controllers.promotion import reconciler

    def broken(*_: Any) -> str:
        raise ZeroDivisionError

    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1.0.0")
        with monkeypatch.context() as patch:
            patch.setattr(reconciler, "_turn", broken)
            name = await world.promote("dev", freight)
            await world.settled()
            await world.clock.advance(10)
            await world.settled()
            page = await world.store.list(Query(kind=scheme.EVENT, namespace=PROJECT))
            [told] = [
                item.document for item in page.items if item.document["reason"] == "ReconcileError"
            ]
            assert (told["type"], told["involvedObject"]["name"]) == ("Warning", name)
            assert "fault=" in told["message"]
        await world.clock.advance(70)
        await world.settled()
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Succeeded"


async def test_a_wrong_subscription_is_looked_at_again_only_when_it_changes(tmp_path: Path) -> None:
    """Waiting does not help against an unknown type, nor against a rule that cannot be read."""
    async with running(tmp_path) as world:
        wrong = warehouse_document(automatic=True)
        wrong["spec"]["subscriptions"] = [{"git": {"repoURL": "https://git.example/a.git"}}]
        await world.apply(project_document(), wrong)
        await world.settled()
        status, reason, message = await world.condition(scheme.WAREHOUSE, "main", "Ready")
        assert (status, reason) == ("False", "DiscoveryFailure")
        assert "does not look for artifacts of type 'git'" in message
        assert await world.condition(scheme.WAREHOUSE, "main", "Reconciling") == ("", "", "")
        warehouses = next(each for each in world.controllers if each.name == "warehouses")
        passes = warehouses.counts.terminal
        await world.clock.advance(7_200)
        await world.settled()
        assert warehouses.counts.terminal == passes == 1
        world.images.error = errors.Invalid("allowTagsRegexes[0]: it cannot be read")
        await world.apply(warehouse_document(automatic=True))
        await world.settled()
        await world.clock.advance(7_200)
        await world.settled()
        assert len(world.images.looks) == 1
        world.images.error = None
        world.images.tags = ["1.0.0"]
        await world.apply(warehouse_document(automatic=True, interval="1h"))
        await world.settled()
        assert (await world.condition(scheme.WAREHOUSE, "main", "Ready"))[0] == "True"


async def test_a_refused_credential_waits_for_another_secret(tmp_path: Path) -> None:
    """Nobody hammers the server with it; a changed Secret of the Project has it looked at at once, one of another not."""
    async with running(tmp_path) as world:
        world.images.error = NotLetIn("registry.example does not let shop in")
        world.images.tags = ["1.0.0"]
        await world.apply(project_document(), warehouse_document(automatic=True))
        await world.settled()
        status, reason, message = await world.condition(scheme.WAREHOUSE, "main", "Healthy")
        assert (status, reason) == ("False", "DiscoveryFailed")
        assert "does not let shop in" in message
        await world.clock.advance(299)
        await world.settled()
        assert len(world.images.looks) == 1
        await world.clock.advance(2)
        await world.settled()
        assert len(world.images.looks) == 2
        world.images.error = None

        def secret(namespace: str) -> dict[str, Any]:
            return {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "new", "namespace": namespace},
                "stringData": {"a": "b"},
            }

        other = {**project_document(), "metadata": {"name": "other"}}
        await world.apply(other, secret("other"))
        await world.settled()
        assert len(world.images.looks) == 2
        await world.apply(secret(PROJECT))
        await world.settled()
        assert len(world.images.looks) == 3
        assert (await world.condition(scheme.WAREHOUSE, "main", "Healthy"))[0] == "True"


async def test_a_refused_promotion_waits_for_what_it_lacks(tmp_path: Path) -> None:
    """A task that is not there: the Stage says so, nobody asks every minute, and the task's creation wakes it."""
    async with running(tmp_path) as world:
        stage = stage_document("dev")
        steps = [{"task": {"name": "deploy"}, "as": "deploy"}]
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
        await world.apply(project_document("dev"), warehouse_document(), stage)
        freight = await world.freight("1.0.0")
        await world.settled()
        status, reason, message = await world.condition(scheme.STAGE, "dev", "Ready")
        assert (status, reason) == ("False", "AutoPromotionRefused")
        assert "deploy" in message
        stages = next(each for each in world.controllers if each.name == "stages")
        passes = stages.counts.terminal
        await world.clock.advance(7_200)
        await world.settled()
        assert stages.counts.terminal == passes
        await world.apply(
            {
                "apiVersion": "kargo.akuity.io/v1alpha1",
                "kind": "PromotionTask",
                "metadata": {"name": "deploy", "namespace": PROJECT},
                "spec": {"steps": [{"uses": "work"}]},
            }
        )
        await world.settled()
        assert await world.held("dev") == freight
        assert (await world.condition(scheme.STAGE, "dev", "Ready"))[:2] == ("True", "Verified")


class _Held:
    """A step that runs until it is let go; a stubborn one is not impressed by being cancelled."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, stubborn: bool) -> None:
        self.begun = asyncio.Event()
        self.release = asyncio.Event()
        self.noted: list[str] = []
        held = self

        async def run(_: Work, context: StepContext, __: FreeForm) -> Outcome:
            held.begun.set()
            while not held.release.is_set():
                try:
                    await held.release.wait()
                except asyncio.CancelledError:
                    if not stubborn:
                        raise
            try:
                await context.effects.http.send(
                    HttpRequest(url="https://example.com/", method="POST")
                )
                held.noted.append("done")
            except errors.Unavailable as error:
                held.noted.append(error.message)
            return Succeeded()

        monkeypatch.setattr(Work, "run", run)


async def _promoting(world: Pipeline, held: _Held, **step: Any) -> str:
    stage = stage_document("dev")
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = [{"uses": "work", **step}]
    await world.apply(project_document(), warehouse_document(), stage)
    name = await world.promote("dev", await world.freight("1.0.0"))
    await asyncio.wait_for(held.begun.wait(), 20)
    return name


async def _ended(world: Pipeline, name: str) -> dict[str, Any]:
    """Let time pass until the Promotion has ended, six seconds at most; return its status."""
    for _ in range(6):
        await world.clock.advance(1)
    await world.settled()
    return await world.status(scheme.PROMOTION, name)


@pytest.mark.parametrize("stubborn", [False, True])
async def test_an_abort_ends_the_step_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stubborn: bool
) -> None:
    """Within five seconds, whatever the step does; one that goes on begins no further effect."""
    held = _Held(monkeypatch, stubborn=stubborn)
    async with running(tmp_path) as world:
        name = await _promoting(world, held)
        wish = {ABORT: json.dumps({"action": "terminate", "actor": "email:dev@example.com"})}
        await world.writer.annotate(Ref(scheme.PROMOTION, PROJECT, name), wish, USER)
        status = await _ended(world, name)
        assert status["phase"] == "Aborted"
        assert status["stepExecutionMetadata"][0]["status"] == "Aborted"
        assert left_behind() == int(stubborn)
        held.release.set()
        await world.settled()
        assert left_behind() == 0
        assert held.noted == (
            [f"Promotion {name} was ended: nothing more is begun"] if stubborn else []
        )
        assert (await world.condition(scheme.STAGE, "dev", "Promoting")) == ("", "", "")


async def test_a_deletion_ends_the_step_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is left to be told."""
    held = _Held(monkeypatch, stubborn=False)
    async with running(tmp_path) as world:
        name = await _promoting(world, held)
        await world.writer.delete(Ref(scheme.PROMOTION, PROJECT, name), USER)
        await world.settled()
        promotions = next(each for each in world.controllers if each.name == "promotions")
        assert not promotions.queue.active()


async def test_a_step_is_ended_when_its_time_is_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`retry.timeout` bounds a run as well as the waiting between runs."""
    held = _Held(monkeypatch, stubborn=False)
    async with running(tmp_path) as world:
        name = await _promoting(world, held, retry={"timeout": "30s"})
        await world.clock.advance(31)
        await world.settled()
        status = await world.status(scheme.PROMOTION, name)
        assert status["phase"] == "Errored"
        assert "timed out" in status["message"]
        assert "30s" in status["message"]


async def test_a_step_that_ends_the_process_ends_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sys.exit` in a step of a third party is a fault of that step."""

    async def run(_: Work, __: StepContext, ___: FreeForm) -> Outcome:
        raise SystemExit(1)

    monkeypatch.setattr(Work, "run", run)
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        name = await world.promote("dev", await world.freight("1.0.0"))
        await world.settled()
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Errored"


async def test_the_first_error_of_a_step_waits_a_second_whatever_came_before(
    tmp_path: Path,
) -> None:
    """The pause grows with the errors in a row of one step, not of all."""
    from towpath.promotion.step import Errored

    async with running(tmp_path) as world:
        stage = stage_document("dev")
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = [
            {"uses": "work", "as": "one", "retry": {"errorThreshold": 5}},
            {"uses": "work", "as": "two", "retry": {"errorThreshold": 5}},
        ]
        failures = {"one": 3, "two": 1}

        def outcome(alias: str) -> Outcome:
            failures[alias] -= 1
            return Errored(message="away") if failures[alias] >= 0 else Succeeded()

        world.work.outcomes = {"one": lambda: outcome("one"), "two": lambda: outcome("two")}
        await world.apply(project_document(), warehouse_document(), stage)
        name = await world.promote("dev", await world.freight("1.0.0"))
        await world.settled()
        for wait in (1, 2, 4):
            await world.clock.advance(wait)
            await world.settled()
        assert failures["two"] == 0
        runs = len(world.work.ran)
        await world.clock.advance(1)
        await world.settled()
        assert len(world.work.ran) == runs + 1
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Succeeded"
