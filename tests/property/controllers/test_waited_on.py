"""Whatever happens to Promotions and their Stages, each that has not ended is waited on by somebody, and ends once it can.

Histories are drawn from a seed, over the real controllers and a real database, with time that is moved: Promotions are asked
for, aborted, refreshed, deleted and retried, their steps wait, fail, err and raise, Stages are changed, deleted and made
again, work directories are lost, and the process ends at any moment.
"""

from __future__ import annotations

import os
import random
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

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
from towpath.errors import TowpathError
from towpath.promotion.step import Errored, Failed, StartOver, Succeeded, Waiting
from towpath.resources import scheme
from towpath.resources.annotations import ABORT, REFRESH, RETRY_OF
from towpath.resources.kinds import Ref
from towpath.resources.promotion import PromotionPhase
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from towpath.promotion.step import Outcome
    from towpath.runtime.controller import Controller
    from towpath.store.contract import Stored

STAGES: Final = ("dev", "test")
STEPS: Final = 40
SEEDS: Final = range(4)
SOAK: Final = range(int(os.environ.get("TOWPATH_HISTORIES", "150")))


def _raise() -> Outcome:
    message = "a fault of the step"
    raise RuntimeError(message)


_WAITS: Final[tuple[Callable[[], Outcome], ...]] = (
    lambda: Failed(message="not yet", retry=True),
    lambda: Errored(message="could not"),
    lambda: Waiting(waiting_for="time", again_seconds=60),
    lambda: Waiting(waiting_for="an event", wake=("url:https://git.example/shop",)),
)
ANSWERS: Final[tuple[Callable[[], Outcome], ...]] = (
    *_WAITS * 2,
    *(Succeeded,) * 4,
    lambda: Failed(message="no"),
    lambda: Failed(message="no, and it counts", counts=True),
    lambda: Errored(message="never will", final=True),
    lambda: StartOver(message="the branch has moved"),
    _raise,
)


class _History:
    """One world after the other, over one database."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.draw = random.Random(seed)
        self.stack = AsyncExitStack()
        self.world: Pipeline
        self.freight: list[str] = []
        self.done: list[str] = []
        """What happened, for whoever reads of a failure."""

    async def start(self) -> None:
        """Begin a process."""
        self.stack = AsyncExitStack()
        self.world = await self.stack.enter_async_context(running(self.folder))
        self._answer()

    async def restart(self) -> None:
        """End the process, whatever it does, and begin another; the clock begins anew as well."""
        await self.stack.aclose()
        await self.start()

    def _answer(self) -> None:
        for alias in ("one", "two"):
            self.world.work.outcomes[alias] = self.draw.choice(ANSWERS)

    def stage(self, name: str) -> dict[str, Any]:
        """Return a Stage whose steps are drawn."""
        document = stage_document(name)
        retry = self.draw.choice(({}, {"timeout": "5m"}, {"errorThreshold": 3}))
        document["spec"]["promotionTemplate"]["spec"]["steps"] = [
            {"uses": "work", "as": "one", "retry": retry},
            {"uses": "work", "as": "two", "continueOnError": self.draw.random() < 0.2},
        ]
        return document

    async def promotions(self) -> list[Stored]:
        """Return all Promotions."""
        query = Query(kind=scheme.PROMOTION, namespace=PROJECT)
        return list((await self.world.store.list(query)).items)

    async def act(self) -> None:
        """Do one thing; what is refused is refused."""
        names = [each.ref.name for each in await self.promotions()]
        name = self.draw.choice(names) if names else ""
        stage, world = self.draw.choice(STAGES), self.world
        ref = Ref(scheme.PROMOTION, PROJECT, name)
        what = self.draw.choice(_ACTIONS)
        self.done.append(f"{what} {name or stage}")
        try:
            match what:
                case "promote":
                    await world.promote(stage, self.draw.choice(self.freight))
                case "abort" if name:
                    await world.writer.annotate(ref, {ABORT: "terminate"}, USER)
                case "refresh" if name:
                    await world.writer.annotate(ref, {REFRESH: str(self.draw.random())}, USER)
                case "delete" if name:
                    await world.writer.delete(ref, USER)
                case "retry" if name:
                    before = await world.get(scheme.PROMOTION, name)
                    document = {key: before[key] for key in ("apiVersion", "kind")}
                    document["metadata"] = {"namespace": PROJECT, "annotations": {RETRY_OF: name}}
                    document["spec"] = {key: before["spec"][key] for key in ("stage", "freight")}
                    await world.writer.create(document, USER)
                case "answer":
                    self._answer()
                case "time":
                    await world.clock.advance(self.draw.choice((1, 11, 61, 301)))
                case "change":
                    await world.apply(self.stage(stage))
                case "shut":  # no Freight is available to it any more
                    document = self.stage(stage)
                    source = {"stages": ["nowhere"]}
                    document["spec"]["requestedFreight"][0]["sources"] = source
                    await world.apply(document)
                case "delete Stage":
                    await world.writer.delete(Ref(scheme.STAGE, PROJECT, stage), USER)
                case "lose" if name:
                    await world.workshop.remove((await world.store.get(ref)).uid)
                case "restart":
                    await self.restart()
        except TowpathError as error:
            self.done[-1] += f": {error}"

    async def check(self) -> None:
        """Each Promotion that has not ended has a due time, a key that wakes it, or one before it that has."""
        await self.world.settled()
        queues = {each.name: each for each in self.world.controllers}
        for stored in await self.promotions():
            if _has_ended(stored):
                continue
            told = f"{stored.ref}: {stored.document.get('status')}: {'; '.join(self.done)}"
            if _is_due(queues["promotions"], stored.ref):
                continue
            stage = Ref(scheme.STAGE, PROJECT, stored.document["spec"]["stage"])
            status = (await self.world.store.get(stage)).document.get("status") or {}
            current = (status.get("currentPromotion") or {}).get("name", "")
            assert current != stored.ref.name, f"it is its turn, and nobody looks: {told}"
            before = Ref(scheme.PROMOTION, PROJECT, current)
            is_next = current and _is_due(queues["promotions"], before)
            assert is_next or _is_due(queues["stages"], stage), f"waited on by nobody: {told}"


_ACTIONS: Final = (
    *("promote",) * 6,
    *("time",) * 5,
    *("answer",) * 3,
    *("retry",) * 2,
    *("restart",) * 2,
    *("abort", "refresh", "delete", "change", "change", "shut", "delete Stage", "lose"),
)


def _is_due(controller: Controller, ref: Ref) -> bool:
    return controller.queue.due(ref) is not None


def _has_ended(stored: Stored) -> bool:
    phase = (stored.document.get("status") or {}).get("phase", "")
    return PromotionPhase(phase).is_terminal


async def _told(folder: Path, seed: int) -> None:
    history = _History(folder, seed)
    await history.start()
    try:
        await history.world.apply(
            project_document(), warehouse_document(), *(history.stage(name) for name in STAGES)
        )
        history.freight = [await history.world.freight(tag) for tag in ("1.0.0", "2.0.0")]
        for _ in range(STEPS):
            await history.act()
            if history.draw.random() < 0.6:
                await history.check()
        await history.check()
        history.world.work.outcomes.clear()  # everything that steps wait for happens
        for _ in range(40):
            if all(map(_has_ended, await history.promotions())):
                break
            await history.world.clock.advance(310)
            await history.world.settled()
        left = [each.ref.name for each in await history.promotions() if not _has_ended(each)]
        assert not left, f"{left} never end: {'; '.join(history.done)}"
    finally:
        await history.stack.aclose()


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_promotion_is_waited_on_by_nobody(tmp_path: Path, seed: int) -> None:
    """In a few histories, always the same."""
    await _told(tmp_path, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SOAK)
async def test_in_many_histories(tmp_path: Path, seed: int) -> None:
    """The same, and others."""
    await _told(tmp_path, 1000 + seed)
