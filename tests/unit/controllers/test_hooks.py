"""Hooks are run for what happened: once each, with what happened at hand, and again where they fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.hooking import hook_document
from tests.support.pipeline import (
    PROJECT,
    USER,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.promotion.step import Errored, Failed, Outcome, Succeeded
from towpath.resources import scheme
from towpath.resources.annotations import ABORT, REFRESH
from towpath.resources.kinds import Ref
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.pipeline import Pipeline
    from towpath.store.contract import Document


async def _begin(world: Pipeline, *hooks: Document) -> str:
    await world.apply(project_document(), warehouse_document(), stage_document("dev"), *hooks)
    freight = await world.freight("1")
    await world.settled()
    return freight


async def _runs(world: Pipeline) -> list[Document]:
    page = await world.store.list(Query(kind=scheme.HOOK_RUN, namespace=PROJECT))
    found = sorted(page.items, key=lambda item: item.document["spec"]["event"]["revision"])
    return [item.document for item in found]


async def test_a_hook_is_run_once_for_each_thing_that_happened(tmp_path: Path) -> None:
    """Only for what happened after it was made, in Stages that it selects."""
    async with running(tmp_path) as world:
        freight = await _begin(world, stage_document("prod"))
        await world.promote("dev", freight)
        await world.settled()
        await world.apply(hook_document())
        await world.settled()
        assert await _runs(world) == []
        names = [await world.promote("dev", freight), await world.promote("prod", freight)]
        await world.settled()
        names.append(await world.promote("dev", freight))
        await world.settled()
        runs = await _runs(world)
    assert [run["spec"]["event"]["promotion"] for run in runs] == [names[0], names[2]]
    assert [run["status"]["phase"] for run in runs] == ["Succeeded"] * 2
    assert [ran for ran in world.work.ran if ran[1].startswith("tell.")] == [
        ("dev", run["metadata"]["name"]) for run in runs
    ]


async def test_steps_see_what_happened_and_the_freight_concerned(tmp_path: Path) -> None:
    """In `ctx.event`, and by the functions of Freight."""
    config = {
        "type": "${{ ctx.event.type }}",
        "hook": "${{ ctx.hook }}",
        "promotion": "${{ ctx.promotion }}",
        "actor": "${{ ctx.event.actor }}",
        "tag": '${{ quote(imageFrom("registry.example/app").Tag) }}',
        "alias": "${{ ctx.targetFreight.alias }}",
        "created": '${{ ctx.event.payload["promotion-create-time"] }}',
        "who": "${{ vars.who }}",
    }
    async with running(tmp_path) as world:
        freight = await _begin(
            world,
            hook_document(
                vars=[{"name": "who", "value": "${{ ctx.event.stage }}"}],
                steps=[{"uses": "work", "as": "tell", "config": config}],
            ),
        )
        name = await world.promote("dev", freight)
        await world.settled()
        found = world.work.configs["tell"]
        alias = (await world.get(scheme.FREIGHT, freight))["alias"]
    assert found["type"] == "PromotionSucceeded"
    assert (found["hook"], found["promotion"], found["tag"]) == ("tell", name, "1")
    assert (found["actor"], found["alias"], found["who"]) == (USER.actor, alias, "dev")
    assert found["created"]


async def test_a_condition_says_whether_anything_is_run(tmp_path: Path) -> None:
    """One that cannot be evaluated is a run that has failed, for people to see."""
    async with running(tmp_path) as world:
        freight = await _begin(
            world,
            hook_document("never", when='${{ ctx.event.actor == "" }}'),
            hook_document("always", when='${{ ctx.event.freight != "" }}'),
            hook_document("odd", when="${{ ctx.event.freight }}"),
            hook_document("broken", when="${{ ctx.event.payload.x.y.z }}"),
        )
        await world.promote("dev", freight)
        await world.settled()
        runs = {run["spec"]["hook"]: run["status"] for run in await _runs(world)}
    assert {hook: status["phase"] for hook, status in runs.items()} == {
        "always": "Succeeded",
        "odd": "Errored",
        "broken": "Errored",
    }
    assert "must be true or false" in runs["odd"]["message"]


async def test_what_failed_is_tried_again_from_the_step_that_failed(tmp_path: Path) -> None:
    """What was done before it is not done again; the status says when the next try is."""
    answers: list[Outcome] = [
        Failed(message="no"),
        Errored(message="down", final=True),
        Succeeded(),
    ]
    async with running(tmp_path) as world:
        freight = await _begin(
            world,
            hook_document(
                retry={"attempts": 3, "backOff": "1m"},
                steps=[{"uses": "work", "as": "first"}, {"uses": "work", "as": "second"}],
            ),
        )
        world.work.outcomes["second"] = lambda: answers.pop(0)
        await world.promote("dev", freight)
        await world.settled()
        [run] = await _runs(world)
        assert run["status"]["phase"] == "Pending"
        assert "try 1 of 3 failed, again at" in run["status"]["message"]
        await world.clock.advance(59)
        await world.settled()
        assert len(answers) == 2
        await world.clock.advance(2)
        await world.settled()
        assert "try 2 of 3 errored" in (await _runs(world))[0]["status"]["message"]
        await world.clock.advance(115)  # the second try may have been a second before
        await world.settled()
        assert len(answers) == 1
        await world.clock.advance(6)
        await world.settled()
        [run] = await _runs(world)
        ran = [context.alias for context in world.work.contexts]
    assert (run["status"]["phase"], run["status"]["attempt"]) == ("Succeeded", 3)
    assert ran.count("first") == 1
    assert ran.count("second") == 3


async def test_tries_are_bounded_and_a_refresh_asks_for_one_more(tmp_path: Path) -> None:
    """Whoever has mended what was broken need not wait for the next thing to happen."""
    async with running(tmp_path) as world:
        freight = await _begin(world, hook_document(retry={"attempts": 1}))
        world.work.outcomes["tell"] = lambda: Failed(message="no")
        await world.promote("dev", freight)
        await world.settled()
        [run] = await _runs(world)
        assert (run["status"]["phase"], run["status"]["message"]) == ("Failed", "no")
        ref = Ref(scheme.HOOK_RUN, PROJECT, run["metadata"]["name"])
        del world.work.outcomes["tell"]
        await _annotate(world, ref, REFRESH, "1")
        await world.settled()
        assert (await _runs(world))[0]["status"]["phase"] == "Succeeded"


async def _annotate(world: Pipeline, ref: Ref, key: str, value: str) -> None:
    document = await world.get(ref.kind, ref.name)
    document["metadata"].setdefault("annotations", {})[key] = value
    await world.writer.update(document, USER)


async def test_a_run_can_be_ended_while_it_runs_and_while_it_waits(tmp_path: Path) -> None:
    """Its message says by whom."""
    async with running(tmp_path) as world:
        freight = await _begin(world, hook_document())
        world.work.outcomes["tell"] = lambda: Failed(message="no")
        await world.promote("dev", freight)
        await world.settled()
        [run] = await _runs(world)
        ref = Ref(scheme.HOOK_RUN, PROJECT, run["metadata"]["name"])
        await _annotate(world, ref, ABORT, '{"action": "terminate"}')
        await world.settled()
        status = (await _runs(world))[0]["status"]
    assert (status["phase"], status["message"]) == (
        "Aborted",
        f"HookRun terminated by {USER.actor}",
    )


async def test_tasks_are_put_in_and_one_that_is_missing_is_told(tmp_path: Path) -> None:
    """A task that changes afterwards changes nothing of the runs that there are."""
    task: Document = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "PromotionTask",
        "metadata": {"name": "say", "namespace": PROJECT},
        "spec": {
            "vars": [{"name": "what"}],
            "steps": [{"uses": "work", "as": "it", "config": {"what": "${{ vars.what }}"}}],
        },
    }
    steps = [{"task": {"name": "say"}, "as": "t", "vars": [{"name": "what", "value": "hello"}]}]
    async with running(tmp_path) as world:
        freight = await _begin(world, hook_document(steps=steps))
        await world.promote("dev", freight)
        await world.settled()
        await world.apply(task)
        await world.promote("dev", freight)
        await world.settled()
        before, after = await _runs(world)
        assert before["status"]["phase"] == "Errored"
        assert (
            "there is no PromotionTask of that name; nothing can be run"
            in before["status"]["message"]
        )
        assert after["status"]["phase"] == "Succeeded"
        assert world.work.configs["t::it"] == {"what": "hello"}


@pytest.mark.parametrize("event", ["promotion-created", "promotion-started", "promotion-failed"])
async def test_other_ends_and_beginnings_are_heard_of(tmp_path: Path, event: str) -> None:
    """By the names that hooks have for them."""
    async with running(tmp_path) as world:
        freight = await _begin(world, hook_document(events=[event]))
        world.work.fail("dev")
        world.work.outcomes["tell"] = Succeeded
        await world.promote("dev", freight)
        await world.settled()
        [run] = await _runs(world)
    assert run["spec"]["event"]["event"] == event


async def test_an_event_that_names_no_freight_is_about_what_the_stage_holds(tmp_path: Path) -> None:
    """The Freight of an event that names none is what the Stage holds."""
    async with running(tmp_path) as world:
        freight = await _begin(world, hook_document(events=["verification-succeeded"]))
        await world.promote("dev", freight)
        await world.settled()
        [run] = await _runs(world)
    assert run["status"]["freight"]["name"] == freight


async def test_runs_go_with_their_hook(tmp_path: Path) -> None:
    """One of the same name that is made later hears only of what happens then."""
    async with running(tmp_path) as world:
        freight = await _begin(world, hook_document())
        await world.promote("dev", freight)
        await world.settled()
        [first] = await _runs(world)
        await world.writer.delete(Ref(scheme.STAGE_HOOK, PROJECT, "tell"), USER)
        await world.settled()
        assert await _runs(world) == []
        await world.apply(hook_document())
        await world.settled()
        assert await _runs(world) == []
        await world.promote("dev", freight)
        await world.settled()
        [second] = await _runs(world)
    assert first["metadata"]["name"] != second["metadata"]["name"]


async def test_a_hook_that_blocks_has_the_next_promotion_wait_until_it_is_dealt_with(
    tmp_path: Path,
) -> None:
    """Only such a one; a further try that succeeds lets it go on."""
    async with running(tmp_path) as world:
        freight = await _begin(world, hook_document(blocking=True, retry={"attempts": 1}))
        world.work.outcomes["tell"] = lambda: Failed(message="the page is down")
        first = await world.promote("dev", freight)
        second = await world.promote("dev", freight)
        await world.settled()
        await world.clock.advance(2)
        await world.settled()
        [run] = await _runs(world)
        assert (await world.status(scheme.PROMOTION, first))["phase"] == "Succeeded"
        assert (await world.status(scheme.PROMOTION, second))["phase"] == "Pending"
        [stages] = [each for each in world.controllers if each.name == "stages"]
        waiting = stages.waiting(Ref(scheme.STAGE, PROJECT, "dev"))
        name = run["metadata"]["name"]
        assert waiting is not None
        assert waiting.reason == (
            f"hook tell has failed, which blocks (HookRun {name}): the page is down"
        )
        del world.work.outcomes["tell"]
        await _annotate(world, Ref(scheme.HOOK_RUN, PROJECT, name), REFRESH, "1")
        await world.settled()
        await world.clock.advance(1)
        await world.settled()
        assert (await world.status(scheme.PROMOTION, second))["phase"] == "Succeeded"


@pytest.mark.parametrize("way", ["abort", "delete"])
async def test_who_ends_or_deletes_a_run_that_blocks_lets_the_stage_go_on(
    tmp_path: Path, way: str
) -> None:
    """A hook that does not block keeps nothing waiting."""
    async with running(tmp_path) as world:
        freight = await _begin(world, hook_document(blocking=True, retry={"attempts": 1}))
        world.work.outcomes["tell"] = lambda: Failed(message="no")
        await world.promote("dev", freight)
        second = await world.promote("dev", freight)
        await world.settled()
        [run] = await _runs(world)
        ref = Ref(scheme.HOOK_RUN, PROJECT, run["metadata"]["name"])
        if way == "abort":
            await _annotate(world, ref, ABORT, '{"action": "terminate"}')
        else:
            await world.writer.delete(ref, USER)
        await world.settled()
        await world.clock.advance(1)
        await world.settled()
        assert (await world.status(scheme.PROMOTION, second))["phase"] == "Succeeded"
