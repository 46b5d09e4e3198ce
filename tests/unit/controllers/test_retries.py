"""Retries: a Promotion is tried again from a step on, with what those before it put out, where that is sound."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
import pytest

from tests.support import serving
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
from towpath.admission.requester import Requester
from towpath.controllers.promotion import retried
from towpath.errors import Conflict, Forbidden, Invalid, NotFound
from towpath.promotion import step_run
from towpath.promotion.step import Failed, HealthCheck, Skipped, StartOver, Succeeded
from towpath.resources import moments, scheme
from towpath.resources.annotations import ABORT, RETRY_FROM, RETRY_NOTE, RETRY_OF
from towpath.resources.kinds import Ref
from towpath.rules.rbac import User

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from types import ModuleType

    from towpath.promotion.step import Outcome

Steps = list[dict[str, Any]]
CALL: Steps = [
    {"uses": "call", "as": "one", "config": {"a": 1}},
    {"uses": "call", "as": "two", "config": {"b": "${{ outputs.one.a }}"}},
    {"uses": "call", "as": "three", "config": {"c": "${{ outputs.two.b + outputs.one.a }}"}},
]


class Call(Work):
    """A step that needs no files."""

    name: ClassVar[str] = "call"
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    @property
    def aliases(self) -> list[str]:
        """Which steps ran, in order."""
        return [context.alias for context in self.contexts]


@asynccontextmanager
async def _world(folder: Path, steps: Steps) -> AsyncIterator[tuple[Pipeline, Call, str]]:
    call = Call()
    async with running(folder, steps=[call]) as world:
        stage = stage_document("dev")
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
        await world.apply(project_document(), warehouse_document(), stage)
        yield world, call, await world.freight("1.0.0")


async def _failed(world: Pipeline, freight: str, phase: str = "Failed") -> str:
    name = await world.promote("dev", freight)
    await world.settled()
    assert (await world.status(scheme.PROMOTION, name))["phase"] == phase
    return name


async def _retry(
    world: Pipeline, name: str, step: str = "", requester: Requester = USER, **spec: Any
) -> str:
    before = await world.get(scheme.PROMOTION, name)
    annotations = {RETRY_OF: name} | ({RETRY_FROM: step} if step else {})
    wanted = {key: before["spec"][key] for key in ("stage", "freight")}
    written = await world.writer.create(
        {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "Promotion",
            "metadata": {"namespace": PROJECT, "annotations": annotations},
            "spec": wanted | spec,
        },
        requester,
    )
    return written.stored.ref.name


async def _ended(world: Pipeline, name: str) -> dict[str, Any]:
    await world.settled()
    return await world.status(scheme.PROMOTION, name)


async def _annotations(world: Pipeline, name: str) -> dict[str, str]:
    found: dict[str, str] = (await world.get(scheme.PROMOTION, name))["metadata"]["annotations"]
    return found


def _is_running(promotion: dict[str, Any]) -> bool:
    return (promotion.get("status") or {}).get("phase") == "Running"


def _told(status: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {
        step["alias"]: (step["status"], step.get("message", ""))
        for step in status["stepExecutionMetadata"]
    }


async def test_it_begins_at_the_step_that_failed_with_what_those_before_put_out(
    tmp_path: Path,
) -> None:
    """They are not run, and say where they are from; the Stage takes the Freight as from any other Promotion."""
    async with _world(tmp_path, CALL) as (world, call, freight):
        call.outcomes["three"] = lambda: Failed(message="no")
        earlier = await _failed(world, freight)
        del call.outcomes["three"]
        call.contexts.clear()
        name = await _retry(world, earlier)
        annotations = await _annotations(world, name)
        assert (annotations[RETRY_FROM], annotations.get(RETRY_NOTE)) == ("three", None)
        status = await _ended(world, name)
        assert (status["phase"], call.aliases) == ("Succeeded", ["three"])
        assert status["state"] == {"one": {"a": 1}, "two": {"b": 1}, "three": {"c": 2}}
        taken = ("Succeeded", f"taken from Promotion {earlier}")
        assert _told(status) == {"one": taken, "two": taken, "three": ("Succeeded", "")}
        assert await world.held("dev") == freight


async def test_history_tells_of_it_when_the_promotions_are_gone(tmp_path: Path) -> None:
    """What was tried again from which step, in the list of Promotions and at what the retry has brought."""
    async with _world(tmp_path, CALL) as (world, call, freight):
        call.outcomes["three"] = lambda: Failed(message="no")
        earlier = await _failed(world, freight)
        del call.outcomes["three"]
        name = await _retry(world, earlier)
        await _ended(world, name)
        for each in (name, earlier):
            await world.writer.delete(Ref(scheme.PROMOTION, PROJECT, each), USER)
        await world.settled()
        transport = httpx.ASGITransport(app=serving.served(world))
        headers = {"Authorization": f"Bearer {serving.TOKEN}"}
        path = f"/towpath/v1/projects/{PROJECT}/stages/dev/history"
        async with httpx.AsyncClient(transport=transport, base_url="http://towpath") as client:
            promotions, stays, then = [
                (await client.get(path, params=query, headers=headers)).json()["items"]
                for query in ({"of": "promotions"}, {}, {"at": moments.written(world.clock.now())})
            ]
        retries = {"promotion": earlier, "fromStep": "three"}
        assert [(each["name"], each["phase"], each["retries"]) for each in promotions] == [
            (name, "Succeeded", retries),
            (earlier, "Failed", None),
        ]
        assert all(each["deleted"] for each in promotions)
        assert [(each["promotion"], each["retries"]) for each in stays] == [(name, retries)]
        assert then == stays


async def test_what_the_stage_asks_for_now_does_not_matter(tmp_path: Path) -> None:
    """The retry has the steps and variables of the earlier one."""
    async with _world(tmp_path, CALL) as (world, call, freight):
        call.outcomes["two"] = lambda: Failed(message="no")
        earlier = await _failed(world, freight)
        stage = await world.get(scheme.STAGE, "dev")
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = [{"uses": "fail"}]
        await world.apply(stage)
        del call.outcomes["two"]
        name = await _retry(world, earlier)
        assert (await _ended(world, name))["phase"] == "Succeeded"
        one, other = [await world.get(scheme.PROMOTION, each) for each in (earlier, name)]
        assert one["spec"] == other["spec"]


async def test_a_retry_is_retried(tmp_path: Path) -> None:
    """What was reused once is reused again, and says where it was done."""
    async with _world(tmp_path, CALL) as (world, call, freight):
        call.outcomes["two"] = lambda: Failed(message="no")
        first = await _failed(world, freight)
        second = await _retry(world, first)
        assert (await _ended(world, second))["phase"] == "Failed"
        del call.outcomes["two"]
        third = await _retry(world, second)
        status = await _ended(world, third)
        assert status["phase"] == "Succeeded"
        assert _told(status)["one"] == ("Succeeded", f"taken from Promotion {first}")
        assert call.aliases == ["one", "two", "two", "two", "three"]


async def test_steps_that_were_skipped_or_let_pass_stay_so(tmp_path: Path) -> None:
    """They are not run, either."""
    steps: Steps = [
        {"uses": "call", "as": "one", "continueOnError": True},
        {"uses": "call", "as": "two"},
        {"uses": "call", "as": "three", "config": {"was": "${{ status('one') }}"}},
    ]
    async with _world(tmp_path, steps) as (world, call, freight):
        call.outcomes = {
            "one": lambda: Failed(message="no"),
            "two": lambda: Skipped(message="nothing to do"),
            "three": lambda: Failed(message="no"),
        }
        earlier = await _failed(world, freight)
        del call.outcomes["three"]
        status = await _ended(world, await _retry(world, earlier))
        assert status["phase"] == "Succeeded"
        told = {alias: how for alias, (how, _) in _told(status).items()}
        assert told == {"one": "Failed", "two": "Skipped", "three": "Succeeded"}
        assert status["state"]["three"] == {"was": "Failed"}


async def test_outputs_of_a_task_are_those_of_the_steps_before(tmp_path: Path) -> None:
    """What a later step of the task added to them goes."""
    task = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "PromotionTask",
        "metadata": {"name": "t", "namespace": PROJECT},
        "spec": {
            "steps": [
                {"uses": "compose-output", "as": "a", "config": {"x": 1}},
                {"uses": "call", "as": "b", "config": {"sees": "${{ outputs.task }}"}},
                {"uses": "compose-output", "as": "c", "if": "${{ always() }}", "config": {"y": 2}},
            ]
        },
    }
    async with _world(tmp_path, [{"task": {"name": "t"}, "as": "task"}]) as (world, call, freight):
        await world.apply(task)
        call.outcomes["task::b"] = lambda: Failed(message="no")
        earlier = await _failed(world, freight)
        assert (await world.status(scheme.PROMOTION, earlier))["state"]["task"] == {"x": 1, "y": 2}
        call.configs.clear()
        assert (await _ended(world, await _retry(world, earlier)))["phase"] == "Failed"
        assert call.configs["task::b"] == {"sees": {"x": 1}}


async def test_files_that_are_gone_are_not_taken_for_there(tmp_path: Path) -> None:
    """Asked for by name it is refused; else the retry begins at the first step and says why."""
    steps: Steps = [
        {"uses": "work", "as": "clone"},
        {"uses": "call", "as": "tell"},
        {"uses": "work", "as": "push"},
    ]
    async with _world(tmp_path, steps) as (world, _, freight):
        world.work.outcomes["push"] = lambda: Failed(message="no")
        earlier = await _failed(world, freight)
        with pytest.raises(Conflict, match="step push needs the files that step clone made"):
            await _retry(world, earlier, "push")
        world.work.outcomes.clear()
        name = await _retry(world, earlier)
        annotations = await _annotations(world, name)
        assert annotations[RETRY_FROM] == "clone"
        assert "step push needs the files that step clone made" in annotations[RETRY_NOTE]
        assert (await _ended(world, name))["phase"] == "Succeeded"
        assert len(world.work.ran) == 4


async def test_files_that_no_later_step_needs_do_not_matter(tmp_path: Path) -> None:
    """Nor those that only later steps make."""
    steps: Steps = [
        {"uses": "work", "as": "push"},
        {"uses": "call", "as": "tell"},
    ]
    async with _world(tmp_path, steps) as (world, call, freight):
        call.outcomes["tell"] = lambda: Failed(message="no")
        earlier = await _failed(world, freight)
        call.outcomes.clear()
        assert (await _ended(world, await _retry(world, earlier, "tell")))["phase"] == "Succeeded"
        assert len(world.work.ran) == 1
    async with _world(tmp_path / "2", steps[::-1]) as (world, call, freight):
        world.work.outcomes["push"] = lambda: Failed(message="no")
        earlier = await _failed(world, freight)
        world.work.outcomes.clear()
        assert (await _ended(world, await _retry(world, earlier)))["phase"] == "Succeeded"
        assert call.aliases == ["tell"]


async def test_what_holds_secrets_is_not_reused(tmp_path: Path) -> None:
    """They are kept no longer than a Promotion goes on."""
    steps: Steps = [
        {"uses": "call", "as": "one", "config": {"token": "${{ secret('s').token }}"}},
        {"uses": "call", "as": "two", "config": {"got": "${{ outputs.one.token }}"}},
    ]
    async with _world(tmp_path, steps) as (world, call, freight):
        await world.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {
                    "name": "s",
                    "namespace": PROJECT,
                    "labels": {"kargo.akuity.io/cred-type": "generic"},
                },
                "stringData": {"token": "hunter2hunter2"},
            }
        )
        call.outcomes["two"] = lambda: Failed(message="no")
        earlier = await _failed(world, freight)
        with pytest.raises(Conflict, match=r"what step one .* put out holds secret values"):
            await _retry(world, earlier, "two")
        call.outcomes.clear()
        assert (await _ended(world, await _retry(world, earlier)))["phase"] == "Succeeded"
        assert call.configs["two"] == {"got": "hunter2hunter2"}


async def test_only_what_ended_without_success_is_retried(tmp_path: Path) -> None:
    """And only by its own steps, for its own Stage and Freight; who may not see it may not retry it."""
    async with _world(tmp_path, CALL) as (world, call, freight):
        other = stage_document("other")
        await world.apply(other)
        done = await _failed(world, freight, "Succeeded")
        with pytest.raises(Conflict, match="succeeded: promote its Freight anew"):
            await _retry(world, done)
        call.outcomes["two"] = lambda: Failed(message="no")
        earlier = await _failed(world, freight)
        with pytest.raises(Invalid, match='has no step "four": it has one, two'):
            await _retry(world, earlier, "four")
        with pytest.raises(Conflict, match=r"step two of Promotion .* did not succeed"):
            await _retry(world, earlier, "three")
        with pytest.raises(Invalid, match="which is retried, is of dev"):
            await _retry(world, earlier, stage="other")
        with pytest.raises(Invalid, match="which is retried, is of"):
            await _retry(world, earlier, freight=await world.freight("2.0.0"))
        with pytest.raises(NotFound, match="promote anew"):
            await world.writer.create(
                {
                    "apiVersion": "kargo.akuity.io/v1alpha1",
                    "kind": "Promotion",
                    "metadata": {"namespace": PROJECT, "annotations": {RETRY_OF: "dev.gone"}},
                    "spec": {"stage": "dev", "freight": freight},
                },
                USER,
            )
        with pytest.raises(Forbidden):
            await _retry(world, earlier, requester=Requester("nobody", user=User("nobody", ())))
        call.gate = gate = asyncio.Event()
        runs = await world.promote("dev", freight)
        await world.until(Ref(scheme.PROMOTION, PROJECT, runs), _is_running)
        with pytest.raises(Conflict, match="has not ended: wait for its end, or abort it"):
            await _retry(world, runs)
        with pytest.raises(Conflict, match=f"Promotion {runs} of the Stage has begun since"):
            await _retry(world, earlier, "two")
        gate.set()
        await world.settled()
        with pytest.raises(Conflict, match=f"Promotion {runs} of the Stage has begun since"):
            await _retry(world, earlier, "two")
        name = await _retry(world, earlier)
        assert (await _annotations(world, name))[RETRY_FROM] == "one"
        await world.settled()


async def test_it_is_looked_at_again_when_it_begins(tmp_path: Path) -> None:
    """What was written past admission, or has changed since, runs nothing."""
    async with _world(tmp_path, CALL) as (world, call, freight):
        call.outcomes["three"] = lambda: Failed(message="no")
        earlier = await _failed(world, freight)
        call.gate = gate = asyncio.Event()
        first, second = await _retry(world, earlier, "three"), ""
        await world.until(Ref(scheme.PROMOTION, PROJECT, first), _is_running)
        # As if it had been asked for at the same moment: written past admission.
        document = await world.get(scheme.PROMOTION, first)
        second = first.replace(".0", ".7", 1)
        copy = {key: document[key] for key in ("apiVersion", "kind", "spec")}
        metadata = {
            key: document["metadata"][key] for key in ("namespace", "annotations", "labels")
        }
        await world.store.create({**copy, "metadata": {**metadata, "name": second}}, actor="test")
        gate.set()
        status = await _ended(world, second)
        assert status["phase"] == "Errored"
        assert f"Promotion {first} of the Stage has begun since" in status["message"]
        assert call.aliases == ["one", "two", "three", "three"]


async def test_annotations_of_a_retry_stay_as_they_were_admitted(tmp_path: Path) -> None:
    """Who writes others has written nothing; on what is no retry they go."""
    async with _world(tmp_path, CALL) as (world, call, freight):
        call.outcomes["three"] = lambda: Failed(message="no")
        earlier = await _failed(world, freight)
        document = await world.get(scheme.PROMOTION, earlier)
        document["metadata"].setdefault("annotations", {})[RETRY_FROM] = "three"
        document["metadata"]["annotations"][RETRY_OF] = earlier
        await world.writer.update(document, USER)
        assert RETRY_OF not in await _annotations(world, earlier)


@pytest.mark.parametrize("where", [(retried, "AFTER_REUSE"), (step_run, "BEFORE_STEP")])
async def test_whoever_goes_on_reuses_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: tuple[ModuleType, str]
) -> None:
    """Cut off before the status says what is reused, or later: no reused step is ever run."""
    async with _world(tmp_path, CALL) as (world, call, freight):
        call.outcomes["three"] = lambda: Failed(message="no")
        earlier = await _failed(world, freight)
        call.outcomes.clear()
        left = [RuntimeError("cut off")]

        def cut() -> None:
            if left:
                raise left.pop()

        monkeypatch.setattr(*where, cut)
        name = await _retry(world, earlier)
        await world.settled()
        for _ in range(4):
            await world.clock.advance(10)
            await world.settled()
        status = await world.status(scheme.PROMOTION, name)
        assert (status["phase"], left) == ("Succeeded", [])
        assert status["state"]["two"] == {"b": 1}
        assert call.aliases == ["one", "two", "three", "three"]


async def test_a_work_directory_that_is_lost_brings_no_reused_step_back(tmp_path: Path) -> None:
    """The retry begins again after them."""
    steps: Steps = [
        {"uses": "call", "as": "one", "config": {"a": 1}},
        {"uses": "work", "as": "two", "config": {"b": "${{ outputs.one.a }}"}},
        {"uses": "work", "as": "three", "retry": {"timeout": "1h"}},
    ]
    async with _world(tmp_path, steps) as (world, call, freight):
        world.work.outcomes["two"] = lambda: Failed(message="no")
        earlier = await _failed(world, freight)
        world.work.outcomes = {"three": lambda: Failed(message="no", retry=True)}
        name = await _retry(world, earlier)
        assert (await _ended(world, name))["phase"] == "Running"
        before = len(world.work.ran)
        stored = await world.store.get(Ref(scheme.PROMOTION, PROJECT, name))
        await world.workshop.remove(stored.uid)
        world.work.outcomes.clear()
        await world.clock.advance(301)
        status = await _ended(world, name)
        assert status["phase"] == "Succeeded"
        assert (call.aliases, len(world.work.ran) - before) == (["one"], 2)
        assert status["state"]["two"] == {"b": 1}


async def test_beginning_anew_does_not_run_what_is_reused(tmp_path: Path) -> None:
    """A branch that has moved has the retry begin again after the reused steps, health checks included."""
    async with _world(tmp_path, CALL) as (world, call, freight):
        call.outcomes = {
            "one": lambda: Succeeded(output={"a": 1}, health_check=HealthCheck(uses="probe")),
            "two": lambda: Failed(message="no"),
        }
        earlier = await _failed(world, freight)
        call.contexts.clear()
        answers: list[Outcome] = [StartOver(message="moved"), Succeeded()]
        call.outcomes = {"three": lambda: answers.pop(0)}
        status = await _ended(world, await _retry(world, earlier, "two"))
        assert status["phase"] == "Succeeded"
        assert call.aliases == ["two", "three", "two", "three"]
        assert [check["uses"] for check in status["healthChecks"]] == ["probe"]


async def test_a_promotion_that_was_aborted_is_retried_from_where_it_was(tmp_path: Path) -> None:
    """Its running step was given up."""
    steps = [CALL[0], {**CALL[1], "retry": {"timeout": "1h"}}, CALL[2]]
    async with _world(tmp_path, steps) as (world, call, freight):
        call.outcomes["two"] = lambda: Failed(message="no", retry=True)
        earlier = await world.promote("dev", freight)
        await world.settled()
        await world.writer.annotate(
            Ref(scheme.PROMOTION, PROJECT, earlier), {ABORT: "terminate"}, USER
        )
        assert (await _ended(world, earlier))["phase"] == "Aborted"
        call.outcomes.clear()
        name = await _retry(world, earlier)
        assert (await _annotations(world, name))[RETRY_FROM] == "two"
        assert (await _ended(world, name))["phase"] == "Succeeded"
        assert call.aliases == ["one", "two", "two", "three"]
