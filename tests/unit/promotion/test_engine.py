"""The engine: which steps run, what they are told, and what their answers come to."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.promotion.step import (
    Errored,
    Failed,
    HealthCheck,
    Skipped,
    StartOver,
    Succeeded,
    Waiting,
)
from towpath.promotion.steps.file_write import FileWrite
from towpath.promotion.steps.kustomize_set_image import KustomizeSetImage
from towpath.promotion.steps.yaml_update import YamlUpdate
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from towpath.promotion.step import Outcome

Steps = list[dict[str, Any]]


@asynccontextmanager
async def _world(folder: Path, steps: Steps, **spec: Any) -> AsyncIterator[tuple[Pipeline, str]]:
    """Run a world in which Freight `1.0.0` can be promoted to `dev`; yield it and the Freight's name."""
    async with running(folder) as world:
        stage = stage_document("dev")
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
        stage["spec"] |= spec
        await world.apply(project_document(), warehouse_document(), stage)
        yield world, await world.freight("1.0.0")


async def _promoted(world: Pipeline, freight: str) -> dict[str, Any]:
    name = await world.promote("dev", freight)
    await world.settled()
    return await world.status(scheme.PROMOTION, name)


def _work(alias: str, **more: Any) -> dict[str, Any]:
    return {"uses": "work", "as": alias, **more}


def _one_by_one(answers: list[Callable[[], Outcome]]) -> Callable[[], Outcome]:
    def answer() -> Outcome:
        return answers.pop(0)()

    return answer


def _told(status: dict[str, Any]) -> dict[str, str]:
    return {step["alias"]: step["status"] for step in status["stepExecutionMetadata"]}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (
            '${{ imageFrom("registry.example/ap").Tag }}',
            (
                "no Warehouse that is requested subscribes to image repository registry.example/ap; did you mean "
                '"registry.example/app"?'
            ),
        ),
        (
            '${{ imageFrom("quux", warehouse("main")).Tag }}',
            'no image repository quux is in the Freight of Warehouse main; there is "registry.example/app"',
        ),
        (
            '${{ commitFrom("https://git.example/x").ID }}',
            "no Warehouse that is requested subscribes to Git repository https://git.example/x; there is none",
        ),
        (
            '${{ chartFrom("oci://x").Version }}',
            "no Warehouse that is requested subscribes to chart oci://x; there is none",
        ),
        ("${{ outputs.oen.tag }}", 'there is no outputs.oen; did you mean "one"?'),
        ("${{ outputs.one.tga.x }}", 'there is no outputs.one.tga; did you mean "tag"?'),
        ("${{ vars.quux.x }}", 'there is no vars.quux; there is "n"'),
    ],
)
async def test_what_is_not_there_is_told_with_what_is(
    tmp_path: Path, value: str, said: str
) -> None:
    """By the step that looked at it, where it stands."""
    steps = [_work("one", config={"tag": "1"}), _work("two", config={"deep": {"a": value}})]
    async with _world(tmp_path, steps, vars=[{"name": "n", "value": "5"}]) as (world, freight):
        status = await _promoted(world, freight)
        assert status["phase"] == "Errored"
        assert 'step "two": config.deep.a: ' in status["message"]
        assert said in status["message"]


async def test_a_value_that_came_to_nothing_says_why_where_it_is_refused(tmp_path: Path) -> None:
    """An output that is not there is null, as ever; what refuses null tells what there is."""
    steps: Steps = [
        _work("one", config={"tag": "1"}),
        {"uses": "yaml-update", "config": {"path": "${{ outputs.one.tga }}", "updates": []}},
    ]
    async with running(tmp_path, steps=[YamlUpdate()]) as world:
        stage = stage_document("dev")
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
        steps[1]["config"]["updates"] = [{"key": "a", "value": 1}]
        await world.apply(project_document(), warehouse_document(), stage)
        status = await _promoted(world, await world.freight("1.0.0"))
        assert status["phase"] == "Failed"
        assert "invalid yaml-update config: path: " in status["message"]
        assert 'there is no outputs.one.tga; did you mean "tag"?' in status["message"]


async def test_a_step_reads_the_warehouses_that_its_stage_requests(tmp_path: Path) -> None:
    """So it sees that two subscribe to one repository, though only one of them has Freight."""
    steps: Steps = [
        {"uses": "file-write", "config": {"path": "kustomization.yaml", "contents": ""}},
        {"uses": "kustomize-set-image", "config": {"path": "."}},
    ]
    async with running(tmp_path, steps=[FileWrite(), KustomizeSetImage()]) as world:
        other = warehouse_document("other")
        stage = stage_document("dev")
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = steps
        (request,) = stage["spec"]["requestedFreight"]
        origin = {"kind": "Warehouse", "name": "other"}
        stage["spec"]["requestedFreight"].append({**request, "origin": origin})
        await world.apply(project_document(), warehouse_document(), other, stage)
        status = await _promoted(world, await world.freight("1.0.0"))
        assert status["phase"] == "Errored"
        assert (
            "Warehouses main and other both subscribe to registry.example/app" in status["message"]
        )


async def test_steps_see_variables_outputs_and_the_promotion(tmp_path: Path) -> None:
    """In the order of their precedence; what looks like a number becomes one, a quoted text does not."""
    steps = [
        _work(
            "one",
            config={"tag": '${{ imageFrom("registry.example/app").Tag }}', "n": "${{ vars.n }}"},
        ),
        _work(
            "two",
            vars=[{"name": "mine", "value": "${{ outputs.one.tag }}-${{ vars.n }}"}],
            config={
                "mine": "${{ vars.mine }}",
                "stage": "${{ ctx.stage }}",
                "text": "${{ quote(vars.n) }}",
                "list": [{"deep": "${{ status('one') }}"}],
                "plain": "7",
            },
        ),
    ]
    async with _world(tmp_path, steps, vars=[{"name": "n", "value": "5"}]) as (world, freight):
        status = await _promoted(world, freight)
        assert status["phase"] == "Succeeded"
        assert world.work.configs["one"] == {"tag": "1.0.0", "n": 5}
        assert world.work.configs["two"] == {
            "mine": "1.0.0-5",
            "stage": "dev",
            "text": "5",
            "list": [{"deep": "Succeeded"}],
            "plain": "7",
        }
        assert status["state"]["one"] == {"tag": "1.0.0", "n": 5}
        assert world.work.contexts[0].actor == USER.actor


async def test_after_a_failure_only_steps_that_ask_for_it_run(tmp_path: Path) -> None:
    """`if` decides; without it a step is skipped once another has failed."""
    steps = [
        _work("bad"),
        _work("skipped"),
        _work("always", **{"if": "${{ always() }}"}),
        _work("failure", **{"if": "${{ failure() }}"}),
        _work("success", **{"if": "${{ success() }}"}),
    ]
    async with _world(tmp_path, steps) as (world, freight):
        world.work.outcomes["bad"] = lambda: Failed(message="no")
        status = await _promoted(world, freight)
        assert (status["phase"], status["message"]) == ("Failed", "no")
        assert _told(status) == {
            "bad": "Failed",
            "skipped": "Skipped",
            "always": "Succeeded",
            "failure": "Succeeded",
            "success": "Skipped",
        }


async def test_a_failure_that_is_let_pass_does_not_count(tmp_path: Path) -> None:
    """`continueOnError`: the others run, and the Promotion succeeds."""
    steps = [_work("bad", continueOnError=True), _work("good")]
    async with _world(tmp_path, steps) as (world, freight):
        world.work.outcomes["bad"] = lambda: Errored(message="away")
        status = await _promoted(world, freight)
        assert status["phase"] == "Succeeded"
        assert _told(status) == {"bad": "Errored", "good": "Succeeded"}


async def test_the_worst_step_decides(tmp_path: Path) -> None:
    """Errored goes before Failed; the first of the worst gives its message."""
    steps = [_work("no"), _work("away", **{"if": "${{ always() }}"})]
    async with _world(tmp_path, steps) as (world, freight):
        world.work.outcomes |= {
            "no": lambda: Failed(message="no"),
            "away": lambda: Errored(message="the server is away"),
        }
        status = await _promoted(world, freight)
        assert status["phase"] == "Errored"
        assert status["message"] == 'step "away" met error threshold of 1: the server is away'


async def test_expressions_that_cannot_be_evaluated_end_their_step(tmp_path: Path) -> None:
    """Errored, without a second try, naming the step, the field and the cause."""
    steps = [
        _work("config", config={"a": {"b": "${{ vars.none.at }}"}}),
        _work("if", **{"if": "${{ 5 }}"}),
        _work("vars", vars=[{"name": "x", "value": "${{ nope() }}"}], **{"if": "${{ always() }}"}),
    ]
    async with _world(tmp_path, steps) as (world, freight):
        status = await _promoted(world, freight)
        assert status["phase"] == "Errored"
        messages = {step["alias"]: step["message"] for step in status["stepExecutionMetadata"]}
        assert 'step "config": config.a.b: ' in messages["config"]
        assert "must evaluate to a boolean, got number" in messages["if"]
        assert "variable 'x'" in messages["vars"]
        assert world.work.ran == []


async def test_a_step_that_waits_is_asked_again_when_it_said(tmp_path: Path) -> None:
    """At least ten seconds later; its own output is there; in between it says what it waits for."""
    answers: list[Callable[[], Outcome]] = [
        lambda: Waiting(waiting_for="the pull request", again_seconds=30, output={"pr": 7}),
        lambda: Succeeded(output={"pr": 7, "merged": True}),
    ]
    async with _world(tmp_path, [_work("wait")]) as (world, freight):
        world.work.outcomes["wait"] = _one_by_one(answers)
        status = await _promoted(world, freight)
        assert (status["phase"], status["message"]) == ("Running", "the pull request")
        [promotion] = await world.promotions("dev")
        waiting = next(
            found
            for each in world.controllers
            if (found := each.waiting(promotion.ref)) is not None
        )
        assert (waiting.reason, waiting.seconds) == ("the pull request", 30)
        await world.clock.advance(29)
        await world.settled()
        assert len(world.work.ran) == 1
        await world.clock.advance(2)
        await world.settled()
        assert world.work.contexts[1].former == {"pr": 7}
        assert world.work.contexts[1].started == world.work.contexts[0].started
        status = await world.status(scheme.PROMOTION, promotion.ref.name)
        assert (status["phase"], status["state"]["wait"]) == (
            "Succeeded",
            {"pr": 7, "merged": True},
        )


async def test_a_refresh_wakes_a_step_that_waits(tmp_path: Path) -> None:
    """And says in the status that it was met."""
    answers: list[Callable[[], Outcome]] = [lambda: Waiting(waiting_for="a webhook"), Succeeded]
    async with _world(tmp_path, [_work("wait")]) as (world, freight):
        world.work.outcomes["wait"] = _one_by_one(answers)
        await _promoted(world, freight)
        [promotion] = await world.promotions("dev")
        await world.writer.annotate(promotion.ref, {"kargo.akuity.io/refresh": "now"}, USER)
        await world.settled()
        status = await world.status(scheme.PROMOTION, promotion.ref.name)
        assert (status["phase"], status["lastHandledRefresh"]) == ("Succeeded", "now")


async def test_a_step_that_has_had_its_time_ends(tmp_path: Path) -> None:
    """`retry.timeout`, from its first beginning, also for one that only waits."""
    async with _world(tmp_path, [_work("wait", retry={"timeout": "1m"})]) as (world, freight):
        world.work.outcomes["wait"] = lambda: Waiting(waiting_for="the sync", again_seconds=25)
        status = await _promoted(world, freight)
        for _ in range(4):
            await world.clock.advance(25)
            await world.settled()
        [promotion] = await world.promotions("dev")
        status = await world.status(scheme.PROMOTION, promotion.ref.name)
        assert status["phase"] == "Errored"
        assert 'step "wait" timed out after 1m0s: the sync' in status["message"]


async def test_a_step_that_slackens_is_run_less_often_the_longer_it_waits(tmp_path: Path) -> None:
    """From the pause that it asks for at first to the longest, a part drawn on top."""
    async with _world(tmp_path, [_work("wait")]) as (world, freight):
        ran: list[float] = []

        def wait() -> Waiting:
            ran.append(world.clock.monotonic())
            return Waiting(waiting_for="the merge", again_seconds=30, slackens_to=120)

        world.work.outcomes["wait"] = wait
        await _promoted(world, freight)
        while world.clock.monotonic() < ran[0] + 3600:
            await world.clock.advance(5)
            await world.settled()
        pauses = [after - before for before, after in itertools.pairwise(ran)]
        assert 30 <= pauses[0] <= 30 * 1.2 + 5
        assert all(120 <= each <= 120 * 1.2 + 5 for each in pauses[-5:]), pauses
        assert 3600 / 150 < len(ran) < 3600 / 75


async def test_a_promotion_begins_anew_at_most_three_times(tmp_path: Path) -> None:
    """Where all its steps may be run again; then the step counts as failed."""
    async with _world(tmp_path, [_work("one"), _work("two")]) as (world, freight):
        world.work.outcomes["two"] = lambda: StartOver(message="the branch has moved")
        status = await _promoted(world, freight)
        assert (status["phase"], status["message"]) == ("Failed", "the branch has moved")
        assert len(world.work.ran) == 8
        assert _told(status) == {"one": "Succeeded", "two": "Failed"}


async def test_it_does_not_begin_anew_over_a_step_that_must_not_be_repeated(tmp_path: Path) -> None:
    """One that is not convergent and was run."""
    async with _world(tmp_path, [{"uses": "fail", "as": "f", "continueOnError": True}, _work("two")]) as (
        world, freight,
    ):  # fmt: skip
        world.work.outcomes["two"] = lambda: StartOver(message="the branch has moved")
        status = await _promoted(world, freight)
        assert status["phase"] == "Failed"
        assert len(world.work.ran) == 1


async def test_outputs_of_a_task_are_composed(tmp_path: Path) -> None:
    """Inside, `task.outputs` without the prefix; outside, what `compose-output` puts out under the task's alias."""
    steps = [
        {"task": {"name": "t"}, "as": "mine", "vars": [{"name": "in", "value": "x"}]},
        _work("after", config={"got": "${{ outputs.mine.result }}"}),
    ]
    task = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "PromotionTask",
        "metadata": {"name": "t", "namespace": PROJECT},
        "spec": {
            "vars": [{"name": "in"}],
            "steps": [
                _work("inner", config={"v": "${{ vars.in }}1"}),
                {
                    "uses": "compose-output",
                    "as": "out",
                    "config": {"result": "${{ task.outputs.inner.v }}"},
                },
            ],
        },
    }
    async with _world(tmp_path, steps) as (world, freight):
        await world.apply(task)
        status = await _promoted(world, freight)
        assert status["phase"] == "Succeeded", status
        assert world.work.configs["after"] == {"got": "x1"}
        assert status["state"]["mine"] == {"result": "x1"}


async def test_a_secret_is_opened_for_an_expression_on_the_record(tmp_path: Path) -> None:
    """Its value reaches the step; the Promotion's status shows what the step puts out and no more."""
    steps = [_work("use", config={"token": "${{ secret('mine').token }}"})]
    async with _world(tmp_path, steps) as (world, freight):
        await world.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "mine", "namespace": PROJECT},
                "stringData": {"token": "hunter2-secret"},
            }
        )
        world.work.outcomes["use"] = lambda: Skipped(message="nothing to do")
        status = await _promoted(world, freight)
        assert world.work.configs["use"] == {"token": "hunter2-secret"}
        assert status["phase"] == "Succeeded"
        assert "hunter2-secret" not in str(status)


async def test_freight_that_is_gone_ends_the_promotion(tmp_path: Path) -> None:
    """Errored, saying so."""
    async with _world(tmp_path, [_work("one")]) as (world, freight):
        other = await world.freight("2.0.0")
        world.work.gate = asyncio.Event()
        await world.promote("dev", freight)
        name = await world.promote("dev", other)
        await world.store.delete(Ref(scheme.FREIGHT, PROJECT, other), actor="email:x")
        world.work.gate.set()
        await world.settled()
        status = await world.status(scheme.PROMOTION, name)
        assert (status["phase"], status["message"]) == (
            "Errored", f"Freight {other} is not there any more",
        )  # fmt: skip
        assert await world.held("dev") == freight


async def test_an_output_has_a_bound(tmp_path: Path) -> None:
    """256 KiB a step; what is larger is not kept, and the step says so."""
    large = {"uses": "compose-output", "as": "large", "config": {"a": "${{ repeat('x', 300000) }}"}}
    fits = {"uses": "compose-output", "as": "fits", "config": {"a": "${{ repeat('x', 250000) }}"}}
    async with _world(tmp_path, [fits, large]) as (world, freight):
        status = await _promoted(world, freight)
        assert status["phase"] == "Errored"
        assert "300,008 bytes of JSON, and at most 262,144" in status["message"]
        assert set(status["state"]) == {"fits"}


async def test_all_outputs_together_have_a_bound(tmp_path: Path) -> None:
    """Three quarters of a mebibyte: the rest is for what else the Promotion holds."""
    steps: Steps = [
        {"uses": "compose-output", "as": f"o{n}", "config": {"a": "${{ repeat('x', 250000) }}"}}
        for n in range(5)
    ]
    async with _world(tmp_path, steps) as (world, freight):
        status = await _promoted(world, freight)
        assert status["phase"] == "Errored"
        assert "outputs of the Promotion's steps would take" in status["message"]
        assert set(status["state"]) == {"o0", "o1", "o2"}


async def test_messages_have_a_bound_and_nothing_in_them_acts(tmp_path: Path) -> None:
    """Whatever a step quotes; and a Promotion that has no room for all of them ends."""
    async with _world(tmp_path, [_work("talks")]) as (world, freight):
        world.work.outcomes["talks"] = lambda: Failed(message="\x1b[31mred " + "word " * 100_000)
        status = await _promoted(world, freight)
        assert status["message"].startswith("red word")
        assert len(status["message"].encode()) <= 16384


async def test_messages_of_many_steps_are_cut_to_what_there_is_room_for(tmp_path: Path) -> None:
    """The Promotion goes on to its end."""
    steps = [_work(f"s{n}", continueOnError=True) for n in range(80)]
    async with _world(tmp_path, steps) as (world, freight):
        for step in steps:
            world.work.outcomes[step["as"]] = lambda: Failed(message="word " * 100_000)
        status = await _promoted(world, freight)
        assert status["phase"] == "Succeeded"
        told = [step["message"] for step in status["stepExecutionMetadata"]]
        assert len(told) == 80
        assert all(message.startswith("word") for message in told)
        assert sum(map(len, told)) <= 128 << 10


async def test_a_promotion_without_room_ends(tmp_path: Path) -> None:
    """It is not tried again and again: what takes the room goes, and it says why."""
    async with _world(tmp_path, [_work("s"), _work("t")]) as (world, freight):
        world.work.outcomes["s"] = lambda: Succeeded(
            health_check=HealthCheck(uses="x", config={"a": "c" * (1 << 20)})
        )
        status = await _promoted(world, freight)
        assert status["phase"] == "Errored"
        assert "too large and is left out" in status["message"]
        assert status["finishedAt"]


async def test_secrets_without_room_are_refused(tmp_path: Path) -> None:
    """Before the step runs that is given them."""
    async with _world(tmp_path, [_work("reads", config={"n": "${{ len(secret('big')) }}"})]) as (
        world,
        freight,
    ):
        data = {f"k{number}": "\\" * 60_000 + str(number) for number in range(10)}
        await world.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "big", "namespace": PROJECT},
                "stringData": data,
            }
        )
        status = await _promoted(world, freight)
        assert status["phase"] == "Errored"
        assert "takes more room than there is to seal it in" in status["message"]
        assert not world.work.ran
