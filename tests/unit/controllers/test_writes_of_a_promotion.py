"""What a Promotion that does nothing outside costs: how many writes, how many flushes to the disk, how many looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.stores import ACTOR
from towpath.promotion.step import Outcome, Succeeded, Waiting
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime.reconcile import Done

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from towpath.store.contract import Stored
    from towpath.store.sqlite.store import SQLiteStore

MOST = 7


def _stage(name: str, steps: int = 1, *upstream: str) -> dict[str, Any]:
    document = stage_document(name, *upstream)
    step = {"uses": "compose-output", "config": {"tag": "1.0.0"}}
    document["spec"]["promotionTemplate"]["spec"]["steps"] = [step] * steps
    return document


async def _begin(world: Pipeline, *stages: dict[str, Any]) -> str:
    await world.apply(project_document(), warehouse_document(), *stages)
    freight = await world.freight("1.0.0")
    await world.settled()
    return freight


def _flushes(world: Pipeline) -> int:
    return cast("SQLiteStore", world.store)._writer._batches


async def _written(world: Pipeline, stage: str, freight: str) -> list[str]:
    """Promote, and return what was written until nothing is left to do."""
    before = world.store.revision()
    await world.promote(stage, freight)
    await world.settled()
    assert await world.held(stage) == freight
    return [f"{each.verb} {each.ref.kind.name}" for each in await world.store.log(after=before)]


async def test_a_promotion_is_seven_writes(tmp_path: Path) -> None:
    """Whatever was there before; of Freight that is new to the Stage two more, and no more flushes than that."""
    async with running(tmp_path) as world:
        freight = await _begin(world, _stage("dev"))
        before = _flushes(world)
        first = await _written(world, "dev", freight)
        assert _flushes(world) - before <= MOST
        assert sorted(first) == [
            "create Event",
            "create Event",
            "create Event",
            "create Event",
            "create Promotion",
            "update_status Freight",
            "update_status Promotion",
            "update_status Stage",
            "update_status Stage",
        ]
        for _ in range(3):
            before = _flushes(world)
            assert len(await _written(world, "dev", freight)) <= MOST
            assert _flushes(world) - before <= MOST


async def test_that_it_has_ended_is_told_before_it_is_written(tmp_path: Path) -> None:
    """Whoever sees the end finds its Event: hooks that block are asked before the next Promotion begins."""
    async with running(tmp_path) as world:
        freight = await _begin(world, _stage("dev"))
        for _ in range(3):
            written = await _written(world, "dev", freight)
            last = len(written) - 1 - written[::-1].index("update_status Promotion")
            assert written[:last].count("create Event") == 3


async def test_more_steps_that_do_nothing_outside_are_no_more_writes(tmp_path: Path) -> None:
    """That they have begun is written with what they came to; and no directory is made for them."""
    async with running(tmp_path) as world:
        freight = await _begin(world, _stage("dev", 40))
        assert len(await _written(world, "dev", freight)) == 9
        assert not list((tmp_path / "work").glob("promotion-*"))
        status = (await world.promotions("dev"))[0].document["status"]
        assert len(status["stepExecutionMetadata"]) == 40
        assert all(each["startedAt"] for each in status["stepExecutionMetadata"])
        assert status["startedAt"]


async def test_what_a_step_did_is_written_before_a_momentary_one(tmp_path: Path) -> None:
    """Whoever goes on after a crash does not do it once more."""
    async with running(tmp_path) as world:
        document = _stage("dev")
        work, out = {"uses": "work"}, {"uses": "compose-output", "config": {"tag": "1"}}
        document["spec"]["promotionTemplate"]["spec"]["steps"] = [work, out, out, work]
        freight = await _begin(world, document)
        kinds = await _written(world, "dev", freight)
        # Each begins, but for the second of two that are momentary; and the end.
        assert kinds.count("update_status Promotion") == 4


async def test_a_promotion_nobody_lets_run_is_said_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second later: one that is let run by then needs no write that says so."""
    async with running(tmp_path) as world:
        freight = await _begin(world, _stage("dev"))
        await world.promote("dev", freight)
        await world.settled()
        [stages] = [each for each in world.controllers if each.name == "stages"]

        async def nothing(_: Ref) -> Done:
            return Done()

        monkeypatch.setattr(stages._reconciler, "reconcile", nothing)
        name = await world.promote("dev", freight)
        await world.settled()
        assert not (await world.status(scheme.PROMOTION, name)).get("phase")
        await world.clock.advance(1)
        await world.settled()
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Pending"


async def test_a_promotion_is_two_looks_at_its_stage_and_none_at_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many Stages hold the Freight; those behind take a look, for it may be theirs now."""
    async with running(tmp_path) as world:
        names = [f"s{number}" for number in range(8)]
        freight = await _begin(world, *map(_stage, names), _stage("behind", 1, "s7"))
        for name in names[:-1]:
            await world.promote(name, freight)
        await world.settled()
        [stages] = [each for each in world.controllers if each.name == "stages"]
        looks: list[str] = []
        honest = stages._reconciler.reconcile

        async def counted(request: Ref) -> Any:
            looks.append(request.name)
            return await honest(request)

        monkeypatch.setattr(stages._reconciler, "reconcile", counted)
        await world.promote("s7", freight)
        await world.settled()
        assert sorted(looks) == ["behind", "s7", "s7"]
        looks.clear()
        ref = Ref(scheme.FREIGHT, PROJECT, freight)
        document = (await world.store.get(ref)).document
        del document["status"]["currentlyIn"]["s3"]
        await world.store.update_status(document, actor=ACTOR)
        await world.settled()
        assert looks == ["s3"]
        assert "s3" in (await world.status(scheme.FREIGHT, freight))["currentlyIn"]


async def test_what_is_asked_for_behind_a_promotion_does_not_wake_its_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs when its turn comes all the same; where auto-promotion is on, what waits may hold it back."""
    async with running(tmp_path) as world:
        looks: list[str] = []
        [stages] = [each for each in world.controllers if each.name == "stages"]
        honest = stages._reconciler.reconcile

        async def counted(request: Ref) -> Any:
            looks.append(request.name)
            return await honest(request)

        monkeypatch.setattr(stages._reconciler, "reconcile", counted)
        await world.apply(project_document("auto"), warehouse_document())
        await world.apply(stage_document("dev"), stage_document("auto"))
        waits: list[Outcome] = [Waiting(waiting_for="a word", again_seconds=60)]
        world.work.outcomes["dev"] = lambda: waits[0] if waits else Succeeded()
        freight = await world.freight("1.0.0")
        names = [await world.promote("dev", freight)]
        await world.settled()
        looks.clear()
        names += [await world.promote("dev", freight) for _ in range(3)]
        await world.settled()
        assert looks == []
        await world.promote("auto", freight)
        await world.settled()
        assert set(looks) == {"auto"}
        waits.clear()
        await world.clock.advance(60)
        await world.settled()
        ended = {item.ref.name for item in await world.promotions("dev") if _has_succeeded(item)}
        assert ended == set(names)


def _has_succeeded(item: Stored) -> bool:
    return (item.document.get("status") or {}).get("phase") == "Succeeded"
