"""A Promotion that waits: it has a due time always, and the events that it names wake it."""

from __future__ import annotations

import ast
import asyncio
import itertools
import math
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.promotion import steps
from towpath.promotion.settling import LONGEST_WAIT_SECONDS, SHORTEST_WAIT_SECONDS
from towpath.promotion.step import Succeeded, Waiting
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules import wake_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.controllers.promotion import PromotionReconciler
    from towpath.promotion.step import Outcome
    from towpath.runtime.controller import Controller
    from towpath.runtime.keyed_waits import KeyedWaits

KEY = wake_keys.pull_request("https://git.example/a/b.git", 7)
AGAIN: Sequence[float | None] = (None, 0, -5, 30, 3600, 1e12, math.inf, -math.inf, math.nan)


def _controller(world: Pipeline) -> Controller:
    return next(each for each in world.controllers if each.name == "promotions")


def _waits(world: Pipeline) -> KeyedWaits:
    return cast("PromotionReconciler", _controller(world)._reconciler).waits


async def _waiting(world: Pipeline, waiting: Waiting) -> tuple[str, list[Outcome]]:
    """Begin a Promotion whose step waits; return its name, and what the step answers next."""
    answers: list[Outcome] = [waiting]
    world.work.outcomes["dev"] = lambda: answers[0]
    await world.apply(project_document(), warehouse_document(), stage_document("dev"))
    name = await world.promote("dev", await world.freight("1.0.0"))
    await world.settled()
    return name, answers


@pytest.mark.parametrize(("again", "wake"), list(itertools.product(AGAIN, ((), (KEY,)))))
async def test_whatever_waits_has_a_due_time(
    tmp_path: Path, again: float | None, wake: tuple[str, ...]
) -> None:
    """From ten seconds to a day, whatever the step says; then it is run again."""
    async with running(tmp_path) as world:
        waiting = Waiting(waiting_for="something", again_seconds=again, wake=wake)
        name, answers = await _waiting(world, waiting)
        found = _controller(world).waiting(Ref(scheme.PROMOTION, PROJECT, name))
        assert found is not None
        assert found.reason == "something"
        assert found.seconds is not None
        assert SHORTEST_WAIT_SECONDS <= found.seconds <= LONGEST_WAIT_SECONDS
        answers[0] = Succeeded()
        await world.clock.advance(found.seconds - 0.5)
        await world.settled()
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Running"
        await world.clock.advance(1)
        await world.settled()
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Succeeded"
        assert _waits(world).shown(Ref(scheme.PROMOTION, PROJECT, name)) == ()


def test_steps_say_when_they_are_looked_at_again() -> None:
    """Each of ours that waits names a key or a time."""
    for path in sorted(Path(steps.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Waiting"):
                said = {keyword.arg for keyword in node.keywords}
                assert said & {"wake", "again_seconds"}, f"{path.name}:{node.lineno}"


async def test_its_event_wakes_it(tmp_path: Path) -> None:
    """No time passes; another's event does nothing."""
    async with running(tmp_path) as world:
        name, answers = await _waiting(
            world, Waiting(waiting_for="the merge", again_seconds=3600, wake=[KEY])
        )
        ran = len(world.work.ran)
        waits = _waits(world)
        assert waits.wake(wake_keys.pull_request("https://git.example/a/b.git", 8)) == 0
        await world.settled()
        assert len(world.work.ran) == ran
        # Still not: it waits anew.
        assert waits.wake(wake_keys.pull_request("https://git.example/A/b", 7)) == 1
        await world.settled()
        assert len(world.work.ran) == ran + 1
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Running"
        answers[0] = Succeeded()
        assert waits.wake(KEY) == 1
        await world.settled()
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Succeeded"


async def test_a_key_with_a_secret_in_it_wakes_and_is_shown_masked(tmp_path: Path) -> None:
    """Whoever may read the Promotion is shown what wakes it: no secret value, and nothing without a bound."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document(),
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "vault", "namespace": PROJECT},
                "stringData": {"token": "CANARY-1234567"},
            },
        )
        hidden, long = wake_keys.argocd("CANARY-1234567", "argocd/web"), f"mine:{'x' * 2_000}"
        world.work.outcomes["dev"] = lambda: Waiting(waiting_for="it", wake=[hidden, long, KEY])
        stage = stage_document("dev")
        step = {"uses": "work", "config": {"token": '${{ secret("vault").token }}'}}
        stage["spec"]["promotionTemplate"]["spec"]["steps"] = [step]
        await world.apply(warehouse_document(), stage)
        name = await world.promote("dev", await world.freight("1.0.0"))
        await world.settled()
        [masked, plain] = _waits(world).shown(Ref(scheme.PROMOTION, PROJECT, name))
        assert (masked, plain) == ("argocd:***/argocd/web", KEY)
        told = _controller(world).waiting(Ref(scheme.PROMOTION, PROJECT, name))
        assert told is not None
        assert told.wake == (masked, plain)
        ran = len(world.work.ran)
        assert _waits(world).wake(masked) == 0
        assert _waits(world).wake(long) == 0
        assert _waits(world).wake(hidden) == 1
        await world.settled()
        assert len(world.work.ran) == ran + 1


async def test_an_event_while_the_step_runs_is_not_lost(tmp_path: Path) -> None:
    """It looked, the event came, and only then did it say what it waits for."""
    async with running(tmp_path) as world:
        gate = world.work.gate = asyncio.Event()
        answers: list[Outcome] = [
            Waiting(waiting_for="the merge", again_seconds=3600, wake=[KEY]),
            Succeeded(),
        ]
        world.work.outcomes["dev"] = lambda: answers.pop(0)
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        name = await world.promote("dev", await world.freight("1.0.0"))
        await asyncio.wait_for(world.work.begun.wait(), 20)
        assert _waits(world).wake(KEY) == 0
        gate.set()
        await world.settled()
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Succeeded"


async def test_keys_survive_a_restart(tmp_path: Path) -> None:
    """What waits looks once at the start, and waits for the same."""
    async with running(tmp_path) as world:
        name, _ = await _waiting(
            world, Waiting(waiting_for="the merge", again_seconds=3600, wake=[KEY])
        )
    async with running(tmp_path) as world:
        answers: list[Outcome] = [
            Waiting(waiting_for="the merge", again_seconds=3600, wake=[KEY]),
            Succeeded(),
        ]
        world.work.outcomes["dev"] = lambda: answers.pop(0)
        await world.settled()
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Running"
        assert _waits(world).wake(KEY) == 1
        await world.settled()
        assert (await world.status(scheme.PROMOTION, name))["phase"] == "Succeeded"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://git.example/a/b.git", "https://git.example/A/b/"),
        ("git@git.example:a/b.git", "ssh://git@git.example/a/b"),
    ],
)
def test_keys_do_not_depend_on_how_a_repository_is_written(one: str, other: str) -> None:
    """A webhook writes it as the forge does, a manifest as its author did."""
    assert wake_keys.url(one) == wake_keys.url(other)
    assert wake_keys.pull_request(one, 1) == wake_keys.pull_request(other, 1)
    assert wake_keys.workflow(one, 1) == wake_keys.workflow(other, 1)
    made = {
        wake_keys.url(one),
        wake_keys.pull_request(one, 1),
        wake_keys.workflow(one, 1),
        wake_keys.approval("p", "q", "s"),
        wake_keys.argocd("c", "ns/app"),
    }
    assert len(made) == 5
