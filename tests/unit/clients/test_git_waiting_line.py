"""Who waits in a line has an answer in the end, whatever becomes of its batch or of the line."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from towpath import errors
from towpath.clients.git.pushing.waiting_line import Waiter, WaitingLine
from towpath.clock import settle

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(eq=False, slots=True)
class _Guest(Waiter[str]):
    name: str


class _Counter:
    """Serves two at a time, with a door that may be shut."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.served: list[list[str]] = []
        self.calls: Counter[str] = Counter()
        self.line = WaitingLine("guests", self._two, self._serve, self._rest)

    def come(self, name: str) -> asyncio.Task[str]:
        return asyncio.create_task(self._come(name))

    async def _come(self, name: str) -> str:
        guest = _Guest(name)
        await self.line.join(guest)
        return guest.answer.result()

    def _two(self, waiting: Sequence[_Guest]) -> Sequence[_Guest]:
        assert waiting
        return waiting[:2]

    async def _serve(self, guests: Sequence[_Guest]) -> None:
        self.served.append([guest.name for guest in guests])
        await self.open.wait()
        for guest in guests:
            if guest.name == "bad":
                raise ValueError(guest.name)
            guest.settle(guest.name.upper())

    def _rest(self) -> None:
        self.calls["rest"] += 1


async def test_who_comes_meanwhile_goes_together() -> None:
    """The first at once; then so many as are chosen, in their order; and again once the line has been idle."""
    counter = _Counter()
    first = counter.come("a")
    await settle()
    others = [counter.come(name) for name in "bcd"]
    await settle()
    assert counter.served == [["a"]]
    counter.open.set()
    assert list(await asyncio.gather(first, *others)) == ["A", "B", "C", "D"]
    await settle()
    assert counter.served == [["a"], ["b", "c"], ["d"]]
    assert counter.calls["rest"] == 1
    assert await counter.come("e") == "E"
    await settle()
    assert counter.calls["rest"] == 2


async def test_who_is_cancelled_while_waiting_is_not_served() -> None:
    """Also if that happens at the moment at which the next batch is chosen; its place goes to another."""
    counter = _Counter()
    first = counter.come("a")
    await settle()
    gone, late, stays, last = (counter.come(name) for name in "bcde")
    await settle()
    gone.cancel()
    await settle()
    counter.open.set()
    late.cancel()
    assert list(await asyncio.gather(first, stays, last)) == ["A", "D", "E"]
    assert counter.served == [["a"], ["d", "e"]]
    assert gone.cancelled()
    assert late.cancelled()


async def test_who_is_cancelled_while_being_served_cuts_nobody_off() -> None:
    """The others of its batch have their answers."""
    counter = _Counter()
    one, other = counter.come("a"), counter.come("b")
    await settle()
    assert counter.served == [["a", "b"]]
    one.cancel()
    counter.open.set()
    assert await other == "B"
    assert one.cancelled()


async def test_a_batch_that_fails_fails_alone() -> None:
    """Who had an answer keeps it; who comes after it is served."""
    counter = _Counter()
    counter.open.set()
    good, bad, after = counter.come("a"), counter.come("bad"), counter.come("c")
    assert await good == "A"
    with pytest.raises(ValueError, match="bad"):
        await bad
    assert await after == "C"
    assert counter.served == [["a", "bad"], ["c"]]


async def test_closed_before_it_began() -> None:
    """Who has only just come is told; the line is idle, and serves who comes later."""
    counter = _Counter()
    early = counter.come("a")
    await asyncio.sleep(0)  # it stands in the line, and nobody has been served
    assert counter.served == []
    await counter.line.close()
    with pytest.raises(errors.Unavailable, match="the server stops"):
        await early
    assert counter.served == []
    assert counter.calls["rest"] == 1
    counter.open.set()
    async with asyncio.timeout(30):
        assert await counter.come("b") == "B"


async def test_closed_in_the_middle() -> None:
    """Those of the batch are told, and those behind it."""
    counter = _Counter()
    guests = [counter.come(name) for name in "abc"]
    await settle()
    assert counter.served == [["a", "b"]]
    await counter.line.close()
    for guest in guests:
        with pytest.raises(errors.Unavailable, match="the server stops"):
            await guest
    assert counter.served == [["a", "b"]]
    assert counter.calls["rest"] == 1


async def test_closed_while_nobody_waits() -> None:
    """That is nothing."""
    counter = _Counter()
    await counter.line.close()
    assert counter.calls["rest"] == 0
