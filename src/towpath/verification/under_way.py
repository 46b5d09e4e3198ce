"""Measurements that are being taken, and those that are over and not recorded yet, by run.

Of one metric at most one is under way. Whoever reconciles runs begins them, is told when one is over, records it, and says
so. Nothing here outlives the process: what was under way when it ended is in flight in the run's status.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.rules.analysis import counting
from towpath.rules.analysis.schedule import Action
from towpath.runtime.ending import end

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Mapping
    from typing import Any

    from towpath.clock import Clock
    from towpath.resources.analysis_run import Measurement
    from towpath.resources.analysis_template import Metric
    from towpath.resources.kinds import Ref
    from towpath.verification.taking import MeasuredRun, MeasurementOrder, MeasurementTaker

_log = logging.getLogger(__name__)
_TOGETHER_SECONDS: Final = 0.025
"""Within which measurements of one run end that are recorded in one write."""
_LAST_CHANCE_SECONDS: Final = 0.5
"""For which what is under way may go on when its run ends; then it is cut off."""

Outcome = "Measurement | None"
"""What became of one that was under way; None: it was cut off, as its run ends, and does not count."""


@dataclass(slots=True)
class _Run:
    ref: Ref
    tasks: dict[str, asyncio.Task[Measurement | None]] = field(default_factory=dict)
    """By metric."""
    over: dict[str, Measurement | None] = field(default_factory=dict)
    begun: dict[str, tuple[MeasuredRun, MeasurementOrder]] = field(default_factory=dict)
    """What may be going on outside: how it is ended, should the run go away."""
    ending: set[str] = field(default_factory=set)
    is_told_soon: bool = False


class UnderWay:
    """The measurements of all runs."""

    def __init__(self, taker: MeasurementTaker, clock: Clock) -> None:
        self._taker = taker
        self._clock = clock
        self._runs: dict[str, _Run] = {}
        """By uid."""
        self._loose: set[asyncio.Task[Measurement | None]] = set()
        """Ends of what belongs to no run any more."""
        self._tell: Callable[[Ref], None] = lambda _: None

    def follow(self, tell: Callable[[Ref], None]) -> None:
        """Have `tell` called with each run of which a measurement is over."""
        self._tell = tell

    @property
    def count(self) -> int:
        """How many measurements are under way."""
        return sum(len(run.tasks) for run in self._runs.values())

    def busy(self, uid: str) -> Collection[str]:
        """Return the metrics of a run of which one is under way, or over and not recorded."""
        run = self._runs.get(uid)
        return () if run is None else {*run.tasks, *run.over}

    def over(self, uid: str) -> Mapping[str, Measurement | None]:
        """Return, by metric, the measurements of a run that are over and not recorded; None for those that do not count."""
        run = self._runs.get(uid)
        return {} if run is None else dict(run.over)

    def recorded(self, uid: str, metrics: Collection[str]) -> None:
        """Forget what is recorded now."""
        run = self._runs.get(uid)
        if run is None:
            return
        for metric in metrics:
            run.over.pop(metric, None)
        if not run.tasks and not run.over and not run.begun:
            del self._runs[uid]

    def described(self, run: MeasuredRun, metric: Metric) -> dict[str, str]:
        """Return what is noted once for a whole metric."""
        return self._taker.described(run, metric)

    def begin(self, ref: Ref, run: MeasuredRun, order: MeasurementOrder) -> None:
        """Have a measurement begun or resumed. Of its metric none must be under way."""
        held = self._runs.setdefault(run.uid, _Run(ref))
        name = order.metric.name
        held.begun[name] = (run, order)
        self._start(held, run.uid, name, self._taker.take(run, order))

    def end(
        self, ref: Ref, run: MeasuredRun, order: MeasurementOrder, *, is_in_flight: bool
    ) -> None:
        """Have a measurement ended, whether it is under way or between two looks; asked again it does nothing.

        `order`: of the action TERMINATE. `is_in_flight`: its provider has left it in flight, and says what it comes to; else
        it is cut off, and does not count.
        """
        held = self._runs.setdefault(run.uid, _Run(ref))
        name = order.metric.name
        if name in held.ending or name in held.over:
            return
        held.ending.add(name)
        before = held.tasks.get(name)
        ending = self._end(before, run, order, is_in_flight=is_in_flight)
        self._start(held, run.uid, name, ending)

    def forget(self, uid: str) -> None:
        """Have all of a run ended that is under way outside: it is gone, or over, and nothing of it counts any more."""
        run = self._runs.pop(uid, None)
        if run is None:
            return
        for name, (of, order) in run.begun.items():
            last = dataclasses.replace(order, action=Action.TERMINATE)
            ending = self._end(run.tasks.pop(name, None), of, last, is_in_flight=False)
            self._loosen(asyncio.create_task(ending, name=f"ending {name} of {run.ref}"))
        for task in run.tasks.values():
            self._loosen(task)
            task.cancel()

    async def close(self) -> None:
        """Cut off whatever is under way: it stays in flight, and is taken again after the next start."""
        tasks = [task for run in self._runs.values() for task in run.tasks.values()]
        self._runs.clear()
        await asyncio.gather(
            *(end(task, self._clock, what=task.get_name()) for task in (*tasks, *self._loose))
        )

    def _start(
        self,
        held: _Run,
        uid: str,
        name: str,
        work: Coroutine[Any, Any, Measurement | None],
    ) -> None:
        task = asyncio.create_task(work, name=f"metric {name} of {held.ref}")
        held.tasks[name] = task
        task.add_done_callback(lambda done: self._over(uid, name, done))

    async def _end(
        self,
        before: asyncio.Task[Measurement | None] | None,
        run: MeasuredRun,
        order: MeasurementOrder,
        *,
        is_in_flight: bool,
    ) -> Measurement | None:
        """Cut off what is under way, have the provider end what it has begun, and return what that comes to."""
        if before is not None:
            try:
                await self._last_chance(before)
            finally:
                await end(before, self._clock, what=before.get_name())
            found = _result(before)
            if found is not None and found.finished_at:
                return found
            if found is not None:
                order = dataclasses.replace(order, metadata=found.metadata)
                is_in_flight = True
        if not is_in_flight and not self._taker.ends(order):
            return None
        taken = await self._taker.take(run, order)
        return counting.terminated(taken) if is_in_flight else None

    async def _last_chance(self, task: asyncio.Task[Measurement | None]) -> None:
        """Let a measurement come to its end that is about to: it counts, as others do that were begun with it."""
        timer = self._clock.timer(_LAST_CHANCE_SECONDS)
        try:
            await asyncio.wait((task, timer), return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()

    def _over(self, uid: str, name: str, task: asyncio.Task[Measurement | None]) -> None:
        held = self._runs.get(uid)
        if held is None or held.tasks.get(name) is not task:
            _heard(task)
            return
        del held.tasks[name]
        held.ending.discard(name)
        if task.cancelled() or task.exception() is not None:
            _heard(task)
            held.begun.pop(name, None)
        else:
            found = task.result()
            held.over[name] = found
            if found is None or found.finished_at:
                held.begun.pop(name, None)
            else:
                run, order = held.begun[name]
                held.begun[name] = (run, dataclasses.replace(order, metadata=found.metadata))
        self._tell_of(held)

    def _tell_of(self, held: _Run) -> None:
        """Tell of a run at once when nothing more of it is under way, else soon: what ends meanwhile is recorded with it."""
        if not held.tasks:
            self._tell(held.ref)
        elif not held.is_told_soon:
            held.is_told_soon = True
            self._clock.timer(_TOGETHER_SECONDS).add_done_callback(lambda _: self._tell_now(held))

    def _tell_now(self, held: _Run) -> None:
        held.is_told_soon = False
        if held.over:
            self._tell(held.ref)

    def _loosen(self, task: asyncio.Task[Measurement | None]) -> None:
        self._loose.add(task)
        task.add_done_callback(self._loose.discard)
        task.add_done_callback(_heard)


def _result(task: asyncio.Task[Measurement | None]) -> Measurement | None:
    if not task.done() or task.cancelled() or task.exception() is not None:
        return None
    return task.result()


def _heard(task: asyncio.Task[Measurement | None]) -> None:
    """Log what a task raised that is to raise nothing."""
    if not task.cancelled() and (fault := task.exception()) is not None:
        _log.error("%s: %s", task.get_name(), fault, exc_info=fault)
