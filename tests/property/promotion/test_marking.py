"""A thing is made once, wherever the process ends and whatever is lost on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from towpath import errors
from towpath.clock import VirtualClock
from towpath.promotion.doors.marking import SETTLED, Making

CALM = "calm"
WAYS = st.sampled_from(
    [
        CALM,
        "ended before the note",
        "ended after the note",
        "ended before it was sent",
        "ended after it was made",
        "the answer was lost",
        "refused",
        "the search failed",
    ]
)


class _Ended(BaseException):
    """The process is gone."""


@dataclass
class _Notes:
    """A journal that outlives the process."""

    kept: dict[str, Any] = field(default_factory=dict)
    way: str = CALM

    def noted(self, key: str) -> Any | None:
        return self.kept.get(key)

    async def note(self, key: str, value: Any, *, effect: Any) -> None:
        assert effect
        is_first = set(value) == {"at"}
        if is_first and self.way == "ended before the note":
            raise _Ended
        self.kept[key] = value
        if is_first and self.way == "ended after the note":
            raise _Ended


@dataclass
class _Tracker:
    """Whatever things are made in; a search shows them after a while."""

    clock: VirtualClock
    lag: timedelta
    made: list[datetime] = field(default_factory=list)
    way: str = CALM

    async def make(self) -> dict[str, Any]:
        if self.way == "ended before it was sent":
            raise _Ended
        if self.way == "refused":
            raise errors.BadRequest("no")
        self.made.append(self.clock.now())
        if self.way == "ended after it was made":
            raise _Ended
        if self.way == "the answer was lost":
            raise errors.Unavailable("broken off")
        return {"key": str(len(self.made))}

    async def look(self, minutes: int) -> dict[str, Any] | None:
        if self.way == "the search failed":
            raise errors.Unavailable("away")
        now = self.clock.now()
        shown = [
            number
            for number, at in enumerate(self.made, 1)
            if now - at > self.lag and now - at < timedelta(minutes=minutes)
        ]
        return {"key": str(shown[0])} if shown else None


@given(
    runs=st.lists(st.tuples(WAYS, st.integers(0, 600)), max_size=12),
    lag=st.integers(0, int(SETTLED.total_seconds()) - 1),
)
async def test_it_is_made_once(runs: list[tuple[str, int]], lag: int) -> None:
    """And at last it is made; the time between two runs is up to ten minutes."""
    clock = VirtualClock()
    notes, tracker = _Notes(), _Tracker(clock, timedelta(seconds=lag))
    making = Making(notes, clock, "n", "thing", settles=True)
    for way, seconds in [*runs, *((CALM, 30) for _ in range(3))]:
        notes.way = tracker.way = way
        try:
            found, _ = await making.once(tracker.make, tracker.look)
        except (_Ended, errors.TowpathError):
            pass
        else:
            assert found == {"key": "1"}
        assert len(tracker.made) <= 1
        await clock.advance(seconds)
    assert len(tracker.made) == 1
