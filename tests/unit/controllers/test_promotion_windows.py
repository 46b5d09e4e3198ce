"""Promotion windows: what is asked for, what a Stage takes by itself and what waits, while they are shut and once they open."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.controllers.stage.reconciler import REQUESTER
from towpath.errors import Invalid, TowpathError
from towpath.promotion.step import Succeeded, Waiting
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.pipeline import Pipeline
    from towpath.controllers.stage.reconciler import StageReconciler
    from towpath.promotion.step import Outcome
    from towpath.runtime.controller import Controller

FORM = "%Y%m%dT%H%M%SZ"


def _window(world: Pipeline, kind: str, begins: float, hours: float, **more: Any) -> dict[str, Any]:
    """Return a window from some hours after now on."""
    start = world.clock.now() + timedelta(hours=begins)
    end = start + timedelta(hours=hours)
    times = {"dtstart": start.strftime(FORM), "dtend": end.strftime(FORM)}
    return {"name": "freeze", "kind": kind, **times, **more}


def _config(kind: str = "ProjectConfig", **spec: Any) -> dict[str, Any]:
    name = PROJECT if kind == "ProjectConfig" else "cluster"
    metadata = {"name": name, **({"namespace": PROJECT} if kind == "ProjectConfig" else {})}
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
    }


async def _begin(world: Pipeline) -> str:
    await world.apply(project_document(), warehouse_document(), stage_document("dev"))
    return await world.freight("1.0.0")


async def _begin_stage(world: Pipeline) -> None:
    await world.apply(warehouse_document(), stage_document("dev"))


def _controller(world: Pipeline) -> Controller:
    return next(each for each in world.controllers if each.name == "stages")


async def _in_dev(world: Pipeline) -> list[str]:
    await world.settled()
    status = await world.status(scheme.STAGE, "dev")
    return [each["name"] for each in _items(status)]


def _items(status: dict[str, Any]) -> list[Any]:
    history = status.get("freightHistory") or [{"items": {}}]
    return list(history[0]["items"].values())


async def test_nobody_promotes_while_a_window_keeps_out(tmp_path: Path) -> None:
    """The refusal names the window and when it ends; after it the same goes through."""
    async with running(tmp_path) as world:
        freight = await _begin(world)
        window = _window(world, "Deny", -1, 3)
        await world.writer.create(_config(promotionWindows=[window]), USER)
        with pytest.raises(
            TowpathError, match="window: promotion window freeze keeps promotions out until"
        ):
            await world.promote("dev", freight)
        await world.clock.advance(2 * 3600 + 1)
        await world.promote("dev", freight)
        assert await _in_dev(world) == [freight]


async def test_a_stage_takes_freight_by_itself_once_it_opens(tmp_path: Path) -> None:
    """Nothing is asked for meanwhile, and nobody has to wake the Stage: it knows the time."""
    async with running(tmp_path) as world:
        policies = [{"stage": "dev", "autoPromotionEnabled": True}]
        window = _window(world, "Allow", 5, 2, stageSelector={"name": "glob:d*"})
        config = _config(promotionWindows=[window], promotionPolicies=policies)
        await world.apply(project_document())
        await world.writer.create(config, USER)
        freight = await _begin(world)
        assert await _in_dev(world) == []
        await world.clock.advance(5 * 3600 - 10)
        assert await _in_dev(world) == []
        await world.clock.advance(11)
        assert await _in_dev(world) == [freight]


async def test_what_waits_begins_once_it_opens(tmp_path: Path) -> None:
    """A Promotion that was asked for in time waits; one that runs is not stopped."""
    async with running(tmp_path) as world:
        freight = await _begin(world)
        other = await world.freight("2.0.0")
        answers: list[Outcome] = [Waiting(waiting_for="somebody", again_seconds=60)]
        world.work.outcomes["dev"] = lambda: answers[0]
        first = await world.promote("dev", freight)
        second = await world.promote("dev", other)
        await world.settled()
        policy = {"stage": "dev", "promotionWindows": [_window(world, "Deny", 0, 3)]}
        await world.writer.create(_config(promotionPolicies=[policy]), USER)
        answers[0] = Succeeded()
        await world.clock.advance(61)
        await world.settled()
        assert (await world.status(scheme.PROMOTION, first))["phase"] == "Succeeded"
        assert (await world.status(scheme.PROMOTION, second))["phase"] == "Pending"
        assert "currentPromotion" not in await world.status(scheme.STAGE, "dev")
        waiting = next(each for each in world.controllers if each.name == "promotions").waiting(
            Ref(scheme.PROMOTION, PROJECT, second)
        )
        assert waiting is not None
        assert "promotion window freeze keeps promotions out" in waiting.reason
        await world.clock.advance(3 * 3600 + 1)
        assert await _in_dev(world) == [other]


async def test_a_window_that_is_taken_away_lets_go_on_what_had_its_turn(tmp_path: Path) -> None:
    """It was chosen, and a window closed before it began: nobody but the window keeps it, so its end is heard of."""
    async with running(tmp_path) as world:
        freight = await _begin(world)
        name = await world.promote("dev", freight)
        window = {**_window(world, "Deny", -1, 24), "rrule": "FREQ=DAILY"}  # it never ends
        await world.writer.create(_config(promotionWindows=[window]), USER)
        await world.settled()
        ref = Ref(scheme.STAGE, PROJECT, "dev")
        chosen = {"name": name, "freight": {"name": freight}}
        await world.writer.set_status(
            ref, lambda old: {**(old or {}), "currentPromotion": chosen}, REQUESTER
        )
        await world.settled()
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Pending"
        assert (await world.status(scheme.STAGE, "dev"))["currentPromotion"]["name"] == name
        await world.writer.delete(Ref(scheme.PROJECT_CONFIG, PROJECT, PROJECT), USER)
        assert await _in_dev(world) == [freight]


async def test_a_window_of_the_instance_counts_and_its_end_is_heard_of(tmp_path: Path) -> None:
    """Taking it out of the ClusterConfig wakes the Stages of all Projects."""
    async with running(tmp_path) as world:
        policies = [{"stage": "dev", "autoPromotionEnabled": True}]
        await world.apply(project_document())
        await world.writer.create(_config(promotionPolicies=policies), USER)
        window = _window(world, "Deny", -1, 48, projectSelector={"name": PROJECT})
        await world.writer.create(_config("ClusterConfig", promotionWindows=[window]), USER)
        freight = await _begin(world)
        assert await _in_dev(world) == []
        await world.writer.delete(Ref(scheme.CLUSTER_CONFIG, "", "cluster"), USER)
        assert await _in_dev(world) == [freight]


async def test_the_status_says_what_the_windows_mean(tmp_path: Path) -> None:
    """For whoever reads the Stage alone; it follows the time, and is gone with the windows."""
    async with running(tmp_path) as world:
        await _begin(world)
        window = _window(world, "Deny", 1, 2)
        config = _config(promotionWindows=[window])
        await world.writer.create(config, USER)
        await world.settled()
        open_ = (await world.status(scheme.STAGE, "dev"))["promotionWindowStatus"]
        assert open_["closed"] is False
        assert "freeze keeps promotions out" in open_["nextCloseReason"]
        await world.clock.advance(3600 + 1)
        await world.settled()
        shut = (await world.status(scheme.STAGE, "dev"))["promotionWindowStatus"]
        assert shut["closed"] is True
        assert shut["nextOpen"] > open_["nextClose"]
        await world.writer.delete(Ref(scheme.PROJECT_CONFIG, PROJECT, PROJECT), USER)
        await world.settled()
        assert "promotionWindowStatus" not in await world.status(scheme.STAGE, "dev")


async def test_a_window_that_closes_during_a_look_is_no_end(tmp_path: Path) -> None:
    """Admission refuses what the Stage has just decided: it is asked for again once the window opens."""
    async with running(tmp_path) as world:
        policies = [{"stage": "dev", "autoPromotionEnabled": True}]
        await world.apply(project_document())
        window = _window(world, "Deny", 1, 2)
        await world.writer.create(
            _config(promotionWindows=[window], promotionPolicies=policies), USER
        )
        await _begin_stage(world)
        await world.settled()
        reconciler = cast("StageReconciler", _controller(world)._reconciler)
        create = reconciler._writer.create

        async def late(*given: Any, **named: Any) -> Any:
            await world.clock.advance(3600 + 1)  # the look took that long
            return await create(*given, **named)

        reconciler._writer.create = late  # type: ignore[method-assign]
        freight = await world.freight("1.0.0")
        await world.settled()
        reconciler._writer.create = create  # type: ignore[method-assign]
        assert await _in_dev(world) == []
        await world.clock.advance(2 * 3600 + 1)
        assert await _in_dev(world) == [freight]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rrule": "FREQ=HOURLY"}, "spec.promotionWindows[0].rrule"),
        ({"dtstart": "monday"}, "spec.promotionWindows[0].dtstart"),
        ({"dtend": ""}, "spec.promotionWindows[0].dtend"),
        ({"projectSelector": {"name": "x"}}, "spec.promotionWindows[0].projectSelector"),
    ],
)
async def test_what_cannot_be_read_is_refused(
    tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    """By its field."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        window = {**_window(world, "Deny", 0, 1), **change}
        with pytest.raises(Invalid) as raised:
            await world.writer.create(_config(promotionWindows=[window]), USER)
        assert [error.path for error in raised.value.causes] == [field]
