"""History against a model that remembers every moment: whatever happens to the objects and to the clock."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.stage_history import collection, hold
from tests.support.stores import ACTOR, document, freight, opened, ref
from towpath.clock import VirtualClock
from towpath.resources import scheme
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from towpath.store.contract import Store

START = datetime(2026, 1, 1, tzinfo=UTC)
STAGES, FREIGHT = ("prod", "test"), ("f1", "f2", "f3")
END_OF_TIME = datetime.max.replace(tzinfo=UTC)

Step = tuple[str, str, list[str], int]
"""What happens, to which Stage, with which Freight, and the seconds until the next."""

steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "hold",
                "hold",
                "hold",
                "leave",
                "approve",
                "drop",
                "promote",
                "finish",
                "purge",
                "back",
            ]
        ),
        st.sampled_from(STAGES),
        st.lists(st.sampled_from(FREIGHT), max_size=2),
        st.integers(0, 3),
    ),
    max_size=25,
)


@dataclass
class World:
    """What is there now, as the model has it."""

    held: dict[str, list[str]] = field(default_factory=dict)
    """Stage to its Freight, by origin."""
    approved: dict[str, set[str]] = field(default_factory=dict)
    """Freight to the Stages it is approved for."""
    promotions: dict[str, str] = field(default_factory=dict)
    """Every Promotion that ever was, to its last phase."""
    present: list[str] = field(default_factory=list)
    """Those that are not deleted."""


async def step(store: Store, clock: VirtualClock, world: World, what: Step) -> None:
    """Do one thing, to the store and to the model."""
    verb, stage, names, seconds = what
    name = names[0] if names else FREIGHT[0]
    match verb:
        case "back":
            clock.set_wall(clock.now() - timedelta(seconds=seconds))
        case "hold":
            await hold(store, stage, collection(*names))
            world.held[stage] = names
        case "leave" if stage in world.held:
            await store.delete(ref(scheme.STAGE, stage), actor=ACTOR)
            del world.held[stage]
        case "approve":
            if name not in world.approved:
                await store.create(freight(name), actor=ACTOR)
            world.approved[name] = world.approved.get(name, set()) ^ {stage}
            approvals = {one: {"approvedAt": "t"} for one in world.approved[name]}
            await store.update_status(freight(name, status={"approvedFor": approvals}), actor=ACTOR)
        case "drop" if name in world.approved:
            await store.delete(ref(scheme.FREIGHT, name), actor=ACTOR)
            del world.approved[name]
        case "promote":
            promotion = f"p{len(world.promotions)}"
            spec = {"stage": stage, "freight": name}
            await store.create(document(scheme.PROMOTION, promotion, spec=spec), actor=ACTOR)
            world.promotions[promotion] = ""
            world.present.append(promotion)
        case "finish" if world.present:
            promotion = world.present[-1]
            status = {"phase": "Succeeded"}
            await store.update_status(
                document(scheme.PROMOTION, promotion, status=status), actor=ACTOR
            )
            world.promotions[promotion] = "Succeeded"
        case "purge" if world.present:
            await store.delete(ref(scheme.PROMOTION, world.present.pop(0)), actor=ACTOR)
        case _:
            pass


async def held_at(store: Store, at: datetime) -> dict[str, list[str]]:
    """Return what was in each Stage at a moment, as history tells."""
    return {
        stage: [one.record.freight for one in await store.history.in_stage("shop", stage, at)]
        for stage in STAGES
    }


async def stages_of(store: Store, name: str, at: datetime) -> list[str]:
    """Return in which Stages a Freight was at a moment, as history tells."""
    return [one.record.stage for one in await store.history.of_freight("shop", name, at)]


async def check_moments(store: Store, moments: dict[datetime, World]) -> None:
    """Compare every moment's answers with the model's memory of it."""
    approvals = (await store.history.approvals(HistorySelection(), limit=1000)).items
    for moment, world in moments.items():
        held = {stage: world.held.get(stage, []) for stage in STAGES}
        assert await held_at(store, moment) == held
        for name in FREIGHT:
            expected = [stage for stage in STAGES for one in held[stage] if one == name]
            assert await stages_of(store, name, moment) == expected
        holding = {
            (one.record.freight, one.record.stage)
            for one in approvals
            if one.given <= moment < (one.ended or END_OF_TIME)
        }
        assert holding == {
            (name, stage) for name, stages in world.approved.items() for stage in stages
        }


async def check_intervals(store: Store) -> None:
    """Intervals of one Stage and origin follow one another, and so do those of one approval."""
    spans: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}
    for found in (await store.history.occupancies(HistorySelection(), limit=1000)).items:
        key = (found.record.stage, found.record.origin)
        spans.setdefault(key, []).append((found.began, found.ended or END_OF_TIME))
    for one in (await store.history.approvals(HistorySelection(), limit=1000)).items:
        key = (one.record.freight, one.record.stage)
        spans.setdefault(key, []).append((one.given, one.ended or END_OF_TIME))
    for newest_first in spans.values():
        intervals = newest_first[::-1]
        assert all(began <= ended for began, ended in intervals)
        assert all(first[1] <= second[0] for first, second in itertools.pairwise(intervals))


async def check_promotions(store: Store, world: World) -> None:
    """Every Promotion that ever was is there, as last seen."""
    found = (await store.history.promotions(HistorySelection(), limit=1000)).items
    told = [(one.record.name, one.record.phase) for one in reversed(found)]
    assert told == list(world.promotions.items())
    assert [one.record.name for one in reversed(found) if one.deleted is None] == world.present
    assert all(one.recorded <= one.updated for one in found)


@settings(max_examples=examples(60))
@given(steps)
def test_every_moment_is_answered_as_it_was(script: list[Step]) -> None:
    """The last state that a moment of history's time had is the answer for it."""

    async def run(folder: Path) -> None:
        clock, world = VirtualClock(START), World()
        latest, moments = START, dict[datetime, World]()
        async with opened(folder, clock=clock) as store:
            for what in script:
                await step(store, clock, world, what)
                latest = max(latest, clock.now())
                moments[latest] = World(
                    held=dict(world.held),
                    approved={name: set(stages) for name, stages in world.approved.items()},
                )
                await clock.advance(what[3])
            await check_moments(store, moments)
            await check_intervals(store)
            await check_promotions(store, world)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))
