"""A controller: has a reconciler look at each key that something happened to.

Keys come from its sources (`towpath.runtime.source`), from the reconciler's own answers ("look again then")
and from whoever calls `add`. They pass the queue to a few workers. What a reconciler raises concerns its key
alone; a fault in a source concerns all of them, and ends the controller.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, telemetry
from towpath.clients.http.on_behalf import on_behalf
from towpath.runtime.deadline import LeftBehind, within
from towpath.runtime.ending import is_cancelled
from towpath.runtime.failures import PassFailure
from towpath.runtime.passes import Pass, Passes
from towpath.runtime.queue import BackOff, WorkQueue
from towpath.runtime.reconcile import Retry, Terminal
from towpath.runtime.source import Follower
from towpath.runtime.telling import Telling
from towpath.runtime.turns import with_spared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.runtime.failures import Reporter
    from towpath.runtime.keyed_waits import KeyedWaits
    from towpath.runtime.reconcile import Done, Reconciler
    from towpath.runtime.source import Interruption, Source
    from towpath.store.contract import Store

_log = logging.getLogger(__name__)
_UNTOLD_SECONDS: Final = 60.0
"""After which a key is looked at again whose object could not be told how it fares, as while the disk was full."""
LONGEST_PASS_SECONDS: Final = 3600.0
"""What a pass without a deadline may take before its worker counts as stuck."""
_RACES: Final = (errors.Conflict, errors.NotFound)
"""What a look at something that changes meanwhile comes to; said on the object only when it comes again."""


@dataclass(frozen=True, slots=True)
class WaitingKey:
    """What a key waits for, and until when."""

    reason: str
    seconds: float | None
    """Until it may be looked at again; None: when something happens to it."""
    wake: tuple[str, ...] = ()
    """Keys of the events that have it looked at earlier."""


@dataclass(slots=True)
class Counts:
    """What the workers of a controller have done so far. Every call ends in one of the first three."""

    done: int = 0
    failed: int = 0
    """Tried again later: the retries."""
    terminal: int = 0
    busy_seconds: float = 0.0
    """All calls together."""
    longest_seconds: float = 0.0
    raised: Counter[tuple[str, str]] = field(default_factory=Counter)
    """What was raised instead of an answer: by kind of the key, and class of the error."""


class Controller:
    """Runs one reconciler."""

    def __init__(
        self,
        name: str,
        reconciler: Reconciler,
        sources: Iterable[Source],
        *,
        store: Store,
        clock: Clock,
        workers: int = 4,
        most_of_one: int | None = None,
        deadline_seconds: float | None = None,
        back_off: BackOff | None = None,
        reporter: Reporter | None = None,
        fallback_seconds: float | None = None,
        noticed: Callable[[Ref], None] | None = None,
        waits: KeyedWaits | None = None,
    ) -> None:
        """`most_of_one`: how many workers the objects of one Namespace may have at the same time.

        There are then as many again as `workers`, one each for Namespaces that have none, however many are busy.

        `deadline_seconds` bounds one call of the reconciler; None: it bounds itself.

        `reporter` says on the objects how they fare. `fallback_seconds`: when something that waits for an event
        alone is looked at nevertheless. `noticed` is told of a key that something happens to while it is being
        worked on, so that long work can be cut short. `waits`: what its objects wait for, by the keys of events.
        """
        if workers < 1:
            raise ValueError(
                f"{name}: workers={workers}: without a worker every key waits for ever"
            )
        self.name = name
        self.counts = Counts()
        self._reconciler = reconciler
        self._clock = clock
        self._workers = workers if most_of_one is None else with_spared(workers)
        self._deadline = deadline_seconds
        self._fallback = fallback_seconds
        self._noticed = noticed
        self._waits = waits
        if waits is not None:
            waits.follow(self._woken)
        self._begun = clock.monotonic()
        self._queue: WorkQueue[Ref] = WorkQueue(
            clock,
            back_off,
            group_of=_owner_of,
            most_of_one=most_of_one,
            workers=None if most_of_one is None else workers,
        )
        self._reasons: dict[Ref, str] = {}
        self._passes = Passes()
        self._telling = Telling(name, reporter)
        self._followers = tuple(
            Follower(
                source,
                self.add,
                add_after=self._queue.add_after,
                store=store,
                clock=clock,
                owner=name,
                seen=self._seen,
            )
            for source in sources
        )

    # Telling

    @property
    def queue(self) -> WorkQueue[Ref]:
        """Its queue, to read lengths and ages from."""
        return self._queue

    @property
    def lists(self) -> int:
        """How often a whole list was read."""
        return sum(follower.lists for follower in self._followers)

    def interruptions(self) -> list[Interruption]:
        """Return the sources that cannot be watched now, why, and when they are tried again."""
        found = (follower.interruption for follower in self._followers)
        return [interruption for interruption in found if interruption is not None]

    def waiting(self, key: Ref) -> WaitingKey | None:
        """Return what a key waits for and until when; None: for nothing, or it is being worked on."""
        if key in self._queue.active():
            return None
        due, reason = self._queue.due(key), self._reasons.get(key)
        if due == 0.0:
            return WaitingKey("a free worker", due)
        if reason is None:
            return None if due is None else WaitingKey("the next look", due)
        return WaitingKey(reason, due, self._waits.shown(key) if self._waits else ())

    @property
    def passes(self) -> Passes:
        """When each key was worked on last."""
        return self._passes

    @property
    def untold(self) -> int:
        """How often it could not be said on an object how it fares."""
        return self._telling.failures

    @property
    def unmapped(self) -> int:
        """How often it could not be told which keys a change concerns."""
        return sum(follower.unmapped for follower in self._followers)

    def idle_seconds(self) -> float:
        """Return for how long no pass has ended; before the first one, since there is this controller."""
        newest = self._passes.newest
        return self._clock.monotonic() - (self._begun if newest is None else newest.ended)

    def overdue(self, slack_seconds: float) -> list[Ref]:
        """Return the keys whose time came longer ago than that, and which nobody has made ready."""
        return self._queue.overdue(slack_seconds)

    def is_stuck(self, seconds: float) -> bool:
        """Whether work has been due, and no pass has ended, for so long.

        Workers that are all busy are not stuck before their passes have taken longer than they may.
        """
        late = self._queue.takeable_seconds >= seconds or bool(self.overdue(seconds))
        if not late or self.idle_seconds() < seconds:
            return False
        active = self._queue.active()
        if len(active) < self._workers:
            return True
        may_take = max(seconds, self._deadline or LONGEST_PASS_SECONDS)
        return all(taken >= may_take for taken in active.values())

    async def listed(self) -> None:
        """Return when the whole list of every source was handed to the queue."""
        for follower in self._followers:
            await follower.listed.wait()

    # Running: the manager has both halves run, so that a fault in one does not cut off the other

    def add(self, key: Ref) -> None:
        """Have a key worked on soon: the way in for whoever is told of something by other means."""
        if self._noticed is not None and key in self._queue.active_keys:
            self._noticed(key)
        self._queue.add(key)

    def _woken(self, key: Ref) -> None:
        """Have a key worked on before those that have not begun: what it waited for has happened."""
        if self._noticed is not None and key in self._queue.active_keys:
            self._noticed(key)
        self._queue.add(key, woken=True)

    def wake_failed(self) -> None:
        """Have every key that waits for its back-off worked on now: what was in the way is gone."""
        for key in self._queue.failed():
            self._queue.forget(key)
            self._queue.add(key)

    def wake_all(self) -> None:
        """Have every key worked on now: the times they wait for, and those on their objects, may mean something else."""
        for key in {*self._queue.waiting(), *self._passes.keys()}:
            self._queue.add(key)

    def _seen(self, ref: Ref, is_there: bool) -> None:
        self._passes.seen(ref, there=is_there)
        if not is_there:
            self._telling.forget(ref)

    async def follow(self) -> None:
        """Follow the sources until cancelled. Raises what made one fail; nothing new is begun then."""
        tasks = [
            asyncio.create_task(follower.run(), name=f"{self.name}-source")
            for follower in self._followers
        ]
        never = asyncio.get_running_loop().create_future()
        try:
            await asyncio.gather(never, *tasks)
        except Exception as error:
            _log.exception("%s: ends, as a source failed: %s", self.name, error)
            raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._queue.close()  # last: when the workers end for it, this has ended and can say why

    async def work(self) -> None:
        """Work until `stop` was called and what was under way has ended. Cancelling cuts it off."""
        async with asyncio.TaskGroup() as workers:
            for _ in range(self._workers):
                workers.create_task(self._work(), name=f"{self.name}-worker")

    def stop(self) -> None:
        """Begin nothing new."""
        self._queue.close()

    async def _work(self) -> None:
        while (key := await self._queue.get()) is not None:
            self._reasons.pop(key, None)
            await self._pass(key)

    async def _pass(self, key: Ref) -> None:
        begin = self._clock.monotonic()
        outcome, left = "failed", None
        try:
            with telemetry.about(object=_named(key)), on_behalf(_owner_of(key)):
                outcome, left = await self._reconcile(key)
        finally:
            taken = self._clock.monotonic() - begin
            self.counts.busy_seconds += taken
            self.counts.longest_seconds = max(self.counts.longest_seconds, taken)
            ended = Pass(outcome, self._clock.monotonic(), self._clock.now(), taken)
            self._passes.note(key, ended)
            if left is None:
                self._queue.done(key)
            else:  # what was cut off still runs: never two on one key
                left.add_done_callback(lambda _: self._queue.done(key))

    async def _reconcile(self, key: Ref) -> tuple[str, asyncio.Task[Any] | None]:
        """Return what a pass came to, and what is left behind of it."""
        try:
            answer = await self._ask(key)
            again_seconds = answer.seconds_from(self._clock.now())
        except Terminal as error:
            return await self._give_up(key, error), None
        except asyncio.CancelledError as error:
            if is_cancelled():
                raise
            return await self._retry(key, error), None  # something it awaited was, not this worker
        except LeftBehind as error:
            return await self._retry(key, error), error.task
        except BaseException as error:  # noqa: BLE001 - one key's failure must not end the work on the others
            return await self._retry(key, error), None
        self.counts.done += 1
        self._queue.forget(key)
        if answer.waiting_for:
            self._reasons[key] = answer.waiting_for
            again_seconds = self._fallback if again_seconds is None else again_seconds
        if again_seconds is not None:
            self._queue.add_after(key, again_seconds)
        if not await self._telling.recovered(key, is_first=self._passes.find(key) is None):
            self._queue.add_after(key, _UNTOLD_SECONDS)
        return "done", None

    async def _ask(self, key: Ref) -> Done:
        work = self._reconciler.reconcile(key)
        if self._deadline is None:
            return await work
        return await within(self._clock, self._deadline, work, what=f"{self.name}: {key}")

    async def _give_up(self, key: Ref, error: Terminal) -> str:
        self.counts.terminal += 1
        self._queue.forget(key)
        self._reasons[key] = str(error)
        _log.info("%s: %s: not again until it changes: %s", self.name, key, error)
        failure = PassFailure(self.name, key, error, is_final=True)
        if not error.told and not await self._telling.failed(failure):
            self._queue.add_after(key, _UNTOLD_SECONDS)
        return "terminal"

    async def _retry(self, key: Ref, error: BaseException) -> str:
        self.counts.failed += 1
        failure = PassFailure(self.name, key, error, is_final=False)
        if not isinstance(error, Retry):
            self.counts.raised[key.kind.name, type(error).__name__] += 1
        is_race = isinstance(error, _RACES) and not self._queue.failures(key)
        seconds = self._queue.add_failed(key)
        self._reasons[key] = failure.message
        # One of ours says all there is to say; any other is a fault, and its traceback tells where, once.
        trace = error if failure.is_fault and not self._telling.has_told(failure) else None
        _log.warning(
            "%s: %s: again in %g s: %s",
            self.name, key, seconds, failure.message, exc_info=trace, extra={"fault": failure.id},
        )  # fmt: skip
        if not is_race and not isinstance(error, Retry):
            await self._telling.failed(failure)
        return "failed"


def _owner_of(key: Ref) -> str:
    """Return whose work a key is: that of its Namespace, or of the object where it lies in none."""
    return key.namespace or key.name


def _named(key: Ref) -> str:
    """Return an object as lines of the log name it: `Stage/shop/prod`."""
    return "/".join(part for part in (key.kind.name, key.namespace, key.name) if part)
