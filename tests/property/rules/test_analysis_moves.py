"""Runs whose measurements take their time, are cut off and taken again: none is lost, none counts twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.analysis_specs import ENDS, SPECS
from towpath.errors import Invalid
from towpath.resources import moments
from towpath.resources.analysis_run import AnalysisPhase, Measurement
from towpath.rules.analysis import assessment, definition, moves, rehearsal, schedule
from towpath.rules.analysis.schedule import Action

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from towpath.resources.analysis_run import AnalysisRunSpec, AnalysisRunStatus
    from towpath.rules.analysis.moves import WantedMeasurement

_MOST_PASSES = 400


@dataclass
class _World:
    """A run, what is under way of it, and what has ended; time goes from one event to the next."""

    spec: AnalysisRunSpec
    source: random.Random
    slowest: int
    now: datetime = rehearsal.BEGIN
    status: AnalysisRunStatus = field(default_factory=assessment.begun)
    under_way: dict[str, tuple[datetime, WantedMeasurement]] = field(default_factory=dict)
    over: dict[str, Measurement | None] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)
    again: int = 0

    def pass_over(self) -> datetime | None:
        """Make one pass; return when the next is due."""
        known = definition.read(self.spec)
        over, self.over = self.over, {}
        for name, measurement in over.items():
            self.counted[name] += measurement is not None and bool(measurement.finished_at)
        move = moves.moved(known, self.status, self.now, over=over, busy=self.under_way)
        self.status = move.status
        for each in move.wanted:
            self._have_taken(each)
        for result in self.status.metric_results:
            assert result.count + result.error == self.counted[result.name]
            assert all(not schedule.is_in_flight(each) for each in result.measurements[:-1])
        return move.at

    def _have_taken(self, each: WantedMeasurement) -> None:
        name = each.metric.name
        assert schedule.is_in_flight(schedule.last_of(schedule.result_of(self.status, name)))
        assert each.number == self.counted[name] + 1
        if each.action is Action.TERMINATE:
            self.under_way.pop(name, None)
            ended = _finished(each.measurement, "Successful", self.now)
            self.over[name] = ended if each.is_left else None
            return
        assert name not in self.under_way, "one measurement of a metric at a time"
        self.again += each.is_taken_again
        seconds = self.source.randint(0, self.slowest)
        self.under_way[name] = (self.now + timedelta(seconds=seconds), each)

    def end_those_due(self) -> None:
        """Have end what is under way and has taken its time; some of it is left in flight by its provider."""
        for name, (at, each) in list(self.under_way.items()):
            if at <= self.now:
                del self.under_way[name]
                if self.slowest and each.action is Action.START and self.source.random() < 0.2:
                    resume = moments.written(
                        self.now + timedelta(seconds=self.source.randint(0, 5))
                    )
                    self.over[name] = msgspec.structs.replace(each.measurement, resume_at=resume)
                else:
                    phase = self.source.choice(ENDS)
                    self.over[name] = _finished(each.measurement, phase, self.now)


def _finished(one: Measurement, phase: str, now: datetime) -> Measurement:
    return msgspec.structs.replace(
        one, phase=phase, finished_at=moments.written(now), resume_at=None
    )


def _is_runnable(spec: AnalysisRunSpec) -> bool:
    try:
        definition.read(spec)
    except Invalid:
        return False
    return True


@given(SPECS, st.randoms(use_true_random=False), st.booleans(), st.integers(0, 20))
def test_none_is_lost_and_none_counts_twice(
    spec: AnalysisRunSpec, source: random.Random, ends_early: bool, slowest: int
) -> None:
    """However long measurements take, and whenever the server ends and all that was under way is forgotten."""
    assume(_is_runnable(spec))
    world = _World(spec, source, slowest)
    at_one_moment, crashes = 0, 0
    for number in range(_MOST_PASSES):
        if ends_early and number == 9:
            world.spec = msgspec.structs.replace(spec, terminate=True)
        at = world.pass_over()
        if AnalysisPhase(world.status.phase).is_terminal:
            lasts = [schedule.last_of(each) for each in world.status.metric_results]
            assert not any(map(schedule.is_in_flight, lasts)), "it is assessed when all has ended"
            return
        if crashes < 20 and source.random() < 0.1:  # the server ends: what was not recorded is gone
            crashes += 1
            world.under_way.clear()
            world.over.clear()
            at = world.now
        times = [each for each, _ in world.under_way.values()]
        times += [world.now] if world.over else []
        times += [at] if at is not None else []
        assert times, "something is always certain to go on"
        at_one_moment = at_one_moment + 1 if min(times) <= world.now else 0
        assert at_one_moment < 100
        world.now = max(world.now, min(times))
        world.end_those_due()


@given(SPECS)
def test_measurements_that_take_no_time_come_to_what_the_rehearsal_says(
    spec: AnalysisRunSpec,
) -> None:
    """As if they had been taken within the pass."""
    assume(_is_runnable(spec))
    script = [{"phase": phase} for phase in ("Successful", "Error", "Failed", "Inconclusive")]
    results = rehearsal.scripts({f"m{index}": script for index in range(3)})
    wanted = rehearsal.rehearsed(spec, results, until=timedelta(minutes=2)).status
    now, status = rehearsal.BEGIN, assessment.begun()
    over: dict[str, Measurement | None] = {}
    known = definition.read(spec)
    while True:
        move = moves.moved(known, status, now, over=over, busy=())
        status, over = move.status, {}
        if move.is_over:
            break
        for each in move.wanted:
            phase = script[min(each.number, len(script)) - 1]["phase"]
            over[each.metric.name] = _finished(each.measurement, phase, now)
        if not over:
            assert move.at is not None
            if move.at > rehearsal.BEGIN + timedelta(minutes=2):
                break
            now = move.at
    assert status == wanted
