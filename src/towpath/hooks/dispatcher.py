"""Hands what happened to those who take it: each at least once, in order, across crashes.

Every taker reads the Events of all Projects from its own place on. What it makes of them is named after what happened,
so that what is given twice has its effects once. Its place is written down about once a second, and whatever lies behind it
is kept until then (`dispatched`).
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING, Final, NoReturn

from towpath import errors, faults
from towpath.hooks.happening import happening
from towpath.hooks.taker_place import TakerPlace
from towpath.resources import moments, scheme
from towpath.runtime.queue import BackOff
from towpath.store.contract import EventType, Query
from towpath.store.tolerant_reading import passing_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from towpath.clock import Clock
    from towpath.hooks.taker import Taker
    from towpath.resources.happening import Happening
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Store, Stored, WatchEvent

BEFORE_TAKING: Final = faults.point(
    "hooks.before-taking", "something happened, and nothing has followed from it yet"
)
AFTER_TAKING: Final = faults.point(
    "hooks.after-taking", "what follows is on the disk, and the taker's place is not"
)

ACTOR: Final = "controller:hook-dispatcher"
_MOST: Final = 64
"""Of what happened that is handed over at once."""
_KEEP_SECONDS: Final = 1.0
_TRIES: Final = 5
"""Of what is given alone and refused, until it is passed over."""
_BACK_OFF: Final = BackOff(first_seconds=0.5, longest_seconds=60.0)
_EVENTS: Final = Query(kind=scheme.EVENT)
_PASSED_OVER: Final = "nothing follows from it"

_log = logging.getLogger(__name__)


class Dispatch:
    """Hands what happens to one taker."""

    def __init__(self, store: Store, clock: Clock, taker: Taker) -> None:
        self.taker = taker
        self.place = TakerPlace(store, taker.name, actor=ACTOR)
        self.taken = 0
        """Things that happened and were taken, since the start."""
        self.passed_over = 0
        """Those that the taker could not take, whatever was tried."""
        self.trouble = ""
        """Why nothing can be handed over now; empty while it can."""
        self._store = store
        self._clock = clock
        self._place = 0
        self._newest = 0
        """The revision of the newest Event there was at the start."""
        self._relist = False
        self._failures = 0
        self._at_hand: Happening | None = None
        """What is being handed over, the first of it."""
        self._moved = asyncio.Event()

    async def load(self) -> None:
        """Take up the place where it was left."""
        self._place = await self.place.load()
        async for batch in self._store.scan(_EVENTS):
            self._newest = max(self._newest, *(item.revision for item in batch))

    @property
    def reached(self) -> int:
        """All that happened up to this revision was taken."""
        return self._place

    @property
    def newest(self) -> int:
        """The revision of the newest Event: once it is reached, what had happened by now was taken."""
        return max(self._newest, self._store.changed((scheme.EVENT,)))

    def waiting_seconds(self) -> float:
        """Return for how long what is handed over now has been waiting; 0 where nothing does."""
        happened = moments.read(self._at_hand.time) if self._at_hand is not None else None
        if happened is None:
            return 0.0
        return max(0.0, (self._clock.now() - happened).total_seconds())

    async def run(self) -> NoReturn:
        """Hand on what happens until cancelled. Whatever is in the way is tried again, and said in `trouble`."""
        keeping = asyncio.create_task(self._keep(), name=f"place of {self.taker.name}")
        try:
            while True:
                try:
                    await (self._list() if self._relist else self._watch())
                except errors.Expired:
                    self._relist = True  # the log does not reach back so far: Events themselves do
                except Exception as error:  # noqa: BLE001 - nobody else would go on with it
                    await self._pause(error)
        finally:
            keeping.cancel()

    async def keep(self) -> None:
        """Write the place down now, if it is not yet."""
        place = self._place
        if place != self.place.kept:
            await self.place.keep(place)

    async def _pause(self, error: Exception) -> None:
        self._failures += 1
        seconds = _BACK_OFF.seconds(self._failures)
        self.trouble = f"{self.taker.name} go on in {seconds:g} s: {error}"
        known = isinstance(error, errors.TowpathError)
        _log.warning("what happened cannot be handed over: %s", self.trouble, exc_info=not known)
        await self._clock.sleep(seconds)

    async def _watch(self) -> None:
        watch = self._store.watch(_EVENTS, since=self._place)
        try:
            async for event in watch:
                await self._hand_over([event, *watch.take(_MOST - 1)])
                # Many at once are handed over one after the other: others get the loop in between.
                await asyncio.sleep(0)
        finally:
            await watch.aclose()
        raise errors.Unavailable("the watch of Events has ended: the store was closed")

    async def _hand_over(self, events: Sequence[WatchEvent]) -> None:
        new = [each.object for each in events if each.type is EventType.ADDED and each.object]
        await self._take(new)
        self._move(events[-1].revision)

    async def _list(self) -> None:
        """Hand over what has happened since, from the Events that there are: their revisions give the order."""
        scan = self._store.scan(_EVENTS)
        missed: list[tuple[int, Ref]] = []
        async for batch in scan:
            missed += [(item.revision, item.ref) for item in batch if item.revision > self._place]
        missed.sort(key=lambda found: found[0])
        for start in range(0, len(missed), _MOST):
            some = missed[start : start + _MOST]
            await self._take([item for _, ref in some if (item := await self._still(ref))])
            self._move(some[-1][0])
        self._move(scan.revision)
        self._relist = False

    async def _still(self, ref: Ref) -> Stored | None:
        try:
            return await self._store.get(ref)
        except errors.NotFound:
            return None

    async def _take(self, events: Sequence[Stored]) -> None:
        """Have the taker take what these Events tell of."""
        found: list[Happening] = []
        for item in events:
            with passing_over(item, _PASSED_OVER):
                happened = happening(item)
                if happened is not None:
                    found.append(happened)
        if not found:
            return
        self._at_hand = found[0]
        BEFORE_TAKING()
        try:
            await self.taker.take(found)
        except (errors.Unavailable, errors.Timeout):
            raise
        except Exception:  # noqa: BLE001 - one of them may be what cannot be taken, the others are to be
            for happened in found:
                self._at_hand = happened
                await self._take_alone(happened)
        AFTER_TAKING()
        self._at_hand = None
        self.taken += len(found)

    async def _take_alone(self, happened: Happening) -> None:
        """Hand one thing over, a few times if need be."""
        for tries in range(1, _TRIES + 1):
            try:
                await self.taker.take([happened])
            except (errors.Unavailable, errors.Timeout):
                raise
            except Exception as error:  # noqa: BLE001 - it is told, and the next one is to be taken
                what = f"{happened.project}/{happened.name} ({happened.type})"
                if tries == _TRIES:
                    self.passed_over += 1
                    _log.exception("%s could not take what happened, %s", self.taker.name, what)
                    return
                self.trouble = f"{self.taker.name} could not take {what}: {error}"
                await self._clock.sleep(_BACK_OFF.seconds(tries))
            else:
                return

    def _move(self, revision: int) -> None:
        self._place = max(self._place, revision)
        self._failures, self.trouble = 0, ""
        self._moved.set()

    async def _keep(self) -> NoReturn:
        """Write the place down about once a second while it moves."""
        while True:
            await self._moved.wait()
            self._moved.clear()
            await self._clock.sleep(_KEEP_SECONDS)
            try:
                await self.keep()
            except errors.TowpathError as error:
                _log.warning("the place of %s is not written down: %s", self.taker.name, error)
                self._moved.set()


class Dispatcher:
    """Hands what happens to several takers, none of whom waits for another."""

    def __init__(self, store: Store, clock: Clock, takers: Iterable[Taker]) -> None:
        """`takers`: no two with the same name."""
        self.dispatches = tuple(Dispatch(store, clock, taker) for taker in takers)

    def to(self, taker: str) -> Dispatch:
        """Return the dispatch to a taker, by its name. Raises KeyError."""
        return {each.taker.name: each for each in self.dispatches}[taker]

    async def load(self) -> None:
        """Take up the places where they were left; before this, nobody should make hooks or the like."""
        for dispatch in self.dispatches:
            await dispatch.load()

    async def run(self) -> None:
        """Hand on what happens until cancelled."""
        async with asyncio.TaskGroup() as group:
            for dispatch in self.dispatches:
                group.create_task(dispatch.run(), name=f"dispatch to {dispatch.taker.name}")

    async def keep(self) -> None:
        """Write all places down: the server stops."""
        for dispatch in self.dispatches:
            await dispatch.keep()

    def dispatched(self) -> int:
        """Return up to which revision all takers have taken what happened, on the disk: what came later is still needed."""
        return min((each.place.kept for each in self.dispatches), default=sys.maxsize)
