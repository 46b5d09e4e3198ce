"""However narrowly Stages are woken: once everything has settled, looking at each of them anew changes nothing.

Histories are drawn: Freight comes, goes and is approved, Stages are made, changed and deleted, Promotions are asked for
and fail, policies are turned on and off, others meddle with what Freight says, time passes. What a Stage would do if it
were looked at, it has done.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.stores import ACTOR
from towpath import errors
from towpath.controllers.stage import REQUESTER
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from towpath.store.contract import Document

_STAGES = ("a", "b", "c", "flow", "late")
_CHOSEN = st.integers(0, 3)
_STAGE = st.sampled_from(_STAGES)
_STEPS = st.one_of(
    st.tuples(st.just("freight"), _CHOSEN, st.just("a")),
    st.tuples(st.just("promote"), _CHOSEN, _STAGE),
    st.tuples(st.just("approve"), _CHOSEN, _STAGE),
    st.tuples(st.just("unmark"), _CHOSEN, _STAGE),
    st.tuples(st.just("remove"), _CHOSEN, st.just("a")),
    st.tuples(st.just("rewire"), _CHOSEN, _STAGE),
    st.tuples(st.just("delete"), st.just(0), _STAGE),
    st.tuples(st.just("fail"), st.just(0), _STAGE),
    st.tuples(st.just("mend"), st.just(0), _STAGE),
    st.tuples(st.just("policy"), _CHOSEN, _STAGE),
    st.tuples(st.just("wait"), _CHOSEN, st.just("a")),
)


class _World:
    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.made = 0

    async def begin(self) -> None:
        await self.pipeline.apply(
            project_document("a", "b", "c", "late"),
            warehouse_document(),
            stage_document("a"),
            stage_document("b", "a"),
            stage_document("c", "a", "b", soak="10m"),
            stage_document("flow", "b", steps=False),
        )

    async def freight(self, number: int, _: str) -> None:
        self.made += 1
        await self.pipeline.freight(f"1.{self.made}.{number}")

    async def chosen(self, number: int) -> str:
        page = await self.pipeline.store.list(Query(kind=scheme.FREIGHT, namespace=PROJECT))
        return page.items[number % len(page.items)].ref.name if page.items else "none"

    async def promote(self, number: int, stage: str) -> None:
        await self.pipeline.promote(stage, await self.chosen(number))

    async def approve(self, number: int, stage: str) -> None:
        def approved(status: Document) -> Document:
            entries = {**(status.get("approvedFor") or {})}
            if entries.pop(stage, None) is None:
                entries[stage] = {"approvedAt": "2026-01-01T00:00:00Z"}
            return {**status, "approvedFor": entries}

        await self._mark(number, approved)

    async def unmark(self, number: int, stage: str) -> None:
        """Have somebody else take away what the Freight says of a Stage."""

        def unmarked(status: Document) -> Document:
            return {
                place: {name: each for name, each in entries.items() if name != stage}
                for place, entries in status.items()
            }

        await self._mark(number, unmarked)

    async def _mark(self, number: int, change: Callable[[Document], Document]) -> None:
        ref = Ref(scheme.FREIGHT, PROJECT, await self.chosen(number))
        await self.pipeline.writer.set_status(ref, change, REQUESTER)

    async def remove(self, number: int, _: str) -> None:
        await self.pipeline.store.delete(
            Ref(scheme.FREIGHT, PROJECT, await self.chosen(number)), actor=ACTOR
        )

    async def rewire(self, number: int, stage: str) -> None:
        """Make a Stage, or have it take its Freight from elsewhere."""
        sources: tuple[str, ...] = ((), ("a",), ("b", "flow"), ("flow",))[number]
        more: dict[str, Any] = {"availabilityStrategy": "All"} if number == 2 else {}
        if number == 3:
            more["autoPromotionOptions"] = {"selectionPolicy": "MatchUpstream"}
        made = stage_document(stage, *(each for each in sources if each != stage), **more)
        if stage == "flow":
            del made["spec"]["promotionTemplate"]
        await self.pipeline.apply(made)

    async def delete(self, _: int, stage: str) -> None:
        await self.pipeline.writer.delete(Ref(scheme.STAGE, PROJECT, stage), USER)

    async def fail(self, _: int, stage: str) -> None:
        self.pipeline.work.fail(stage)

    async def mend(self, _: int, stage: str) -> None:
        self.pipeline.work.outcomes.pop(stage, None)

    async def policy(self, number: int, stage: str) -> None:
        """Turn auto-promotion on or off for one Stage, or for all others."""
        on = [name for name in _STAGES if (name == stage) == (number < 2)]
        await self.pipeline.apply(project_document(*on))

    async def wait(self, number: int, _: str) -> None:
        await self.pipeline.clock.advance(300 * (number + 1))


async def _holds(steps: list[tuple[str, int, str]], folder: Path) -> None:
    async with running(folder) as pipeline:
        world = _World(pipeline)
        await world.begin()
        for what, number, stage in steps:
            act: Callable[[int, str], Coroutine[Any, Any, None]] = getattr(world, what)
            try:
                await act(number, stage)
            except errors.TowpathError:
                continue  # it is refused, or what it is about is not there
            if number % 2:
                await pipeline.settled()
        await pipeline.settled()
        before = pipeline.store.revision()
        [stages] = [each for each in pipeline.controllers if each.name == "stages"]
        for item in (await pipeline.store.list(Query(kind=scheme.STAGE))).items:
            stages.add(item.ref)
        await pipeline.settled()
        log = await pipeline.store.log(after=before)
        assert not log, f"a look that nobody asked for had something to do: {log}"


@settings(max_examples=examples(20), deadline=None)
@given(steps=st.lists(_STEPS, min_size=6, max_size=24))
@pytest.mark.slow
def test_no_stage_has_anything_left_to_do(steps: list[tuple[str, int, str]]) -> None:
    """Nobody was passed over."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_holds(steps, Path(folder)))
