"""An object that is deleted while it is reconciled, at whichever await: it goes, and nothing breaks."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cancelling import Between
from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.runtime.controller import Controller
    from towpath.runtime.reconcile import Done, Reconciler

MOST = 150


class _Deleting:
    """Has a reconciler work, and deletes a new object at the n-th await of one of its passes."""

    def __init__(self, inner: Reconciler, world: Pipeline, passes: int) -> None:
        """`passes`: how many of each object are let go before."""
        self._inner = inner
        self._world = world
        self.suspension = 0
        """0: nothing is deleted."""
        self._passes = passes
        self._seen: Counter[Ref] = Counter()
        self.has_come = False

    async def reconcile(self, request: Ref) -> Done:
        """Reconcile."""
        suspension = self.suspension
        self._seen[request] += 1
        if not suspension or self._seen[request] != self._passes + 1:
            return await self._inner.reconcile(request)
        self.suspension = 0

        async def delete() -> None:
            await self._world.writer.delete(request, USER)

        work = Between(self._inner.reconcile(request), suspension, delete)
        try:
            done: Done = await work
        finally:
            self.has_come = work.has_come
        return done


def _deleting(world: Pipeline, name: str, passes: int) -> tuple[Controller, _Deleting]:
    controller = next(each for each in world.controllers if each.name == name)
    controller._reconciler = found = _Deleting(controller._reconciler, world, passes)
    return controller, found


async def _is_gone(world: Pipeline, ref: Ref) -> bool:
    try:
        await world.store.get(ref)
    except NotFound:
        return True
    return False


async def _at_each_await(
    world: Pipeline, controllers: str, make: Any, *, passes: int = 0, least: int = 2
) -> None:
    """Make an object for each await of a pass, the first after so many; `make` returns its name.

    `least`: how many awaits the pass has at least.
    """
    controller, deleting = _deleting(world, controllers, passes)
    suspension, misses = 1, 0
    while suspension < MOST:
        deleting.suspension, deleting.has_come = suspension, False
        ref = await make(suspension)
        await world.settled()
        assert not deleting.suspension, f"{ref}: never reconciled"
        if not deleting.has_come:
            if suspension > least:
                break
            # Who wakes it first decides what a pass has to do: one with nothing to do has few awaits.
            misses += 1
            assert misses < MOST, f"no pass has {suspension} awaits"
            continue
        for _ in range(3):
            if await _is_gone(world, ref):
                break
            await world.clock.advance(10)
            await world.settled()
        assert await _is_gone(world, ref), f"deleted at await {suspension}"
        assert ref not in controller.queue.waiting()
        assert controller.waiting(ref) is None
        suspension += 1
    else:
        pytest.fail(f"a pass has more than {MOST} awaits")
    raised = {error for _, error in controller.counts.raised}
    assert raised <= {"NotFound", "Conflict"}, raised
    assert controller.untold == 0


async def test_a_stage(tmp_path: Path) -> None:
    """New, with Freight that goes there by itself."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document())
        await world.freight("1.0.0")

        async def make(number: int) -> Ref:
            ref = Ref(scheme.STAGE, PROJECT, f"dev{number}")
            await world.apply(stage_document(ref.name))
            return ref

        await _at_each_await(world, "stages", make)


async def test_a_warehouse(tmp_path: Path) -> None:
    """New, with an image that becomes Freight."""
    async with running(tmp_path) as world:
        world.images.tags = ["1.0.0"]
        await world.apply(project_document())

        async def make(number: int) -> Ref:
            document = warehouse_document(automatic=True)
            document["metadata"]["name"] = f"main{number}"
            ref = Ref(scheme.WAREHOUSE, PROJECT, f"main{number}")
            await world.apply(document)
            return ref

        await _at_each_await(world, "warehouses", make)


async def test_a_promotion(tmp_path: Path) -> None:
    """While it begins, runs its steps and ends: in one pass, as a rule."""
    async with running(tmp_path) as world:
        await world.apply(project_document(), warehouse_document(), stage_document("dev"))
        freight = await world.freight("1.0.0")

        async def make(_: int) -> Ref:
            name = await world.promote("dev", freight)
            return Ref(scheme.PROMOTION, PROJECT, name)

        await _at_each_await(world, "promotions", make)


async def test_a_project(tmp_path: Path) -> None:
    """With its Namespace and what is in it."""
    async with running(tmp_path) as world:

        async def make(number: int) -> Ref:
            document = project_document()
            document["metadata"]["name"] = f"shop{number}"
            ref = Ref(scheme.PROJECT, "", f"shop{number}")
            await world.apply(document)
            return ref

        await _at_each_await(world, "projects", make)
