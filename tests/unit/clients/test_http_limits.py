"""How fast a host is asked, and what it says of when it is to be asked again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.clients.http import limits
from towpath.clients.http.limits import LONGEST_PAUSE_SECONDS, HostLimits, retry_after
from towpath.clock import VirtualClock, settle

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("7", 7.0),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Mon, 01 Jan 2024 00:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("\u0663", None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999999999", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2024 99999999999999999999:00:00 GMT", None),
    ],
)
def test_when_to_ask_again(value: str | None, seconds: float | None) -> None:
    """Seconds or a moment; what is neither, whatever its numbers, says nothing."""
    assert retry_after(value, NOW) == seconds


class _Asking:
    """Asks as soon as it may, and notes when that was."""

    def __init__(self, clock: VirtualClock, host_limits: HostLimits) -> None:
        self.clock = clock
        self.limits = host_limits
        self.sent: list[float] = []
        self.unsent: list[float] = []

    async def ask(self, host: str = "a", account: str = "", *, longest_pause: float = 5.0) -> None:
        seconds = await self.limits.turn(host, account, longest_pause=longest_pause)
        if seconds:
            self.unsent.append(seconds)
        else:
            self.sent.append(self.clock.monotonic())


def _asking(per_second: float = 2.0, burst: float | None = None) -> _Asking:
    clock = VirtualClock()
    return _Asking(clock, HostLimits(clock, per_second=per_second, burst=burst))


@given(
    per_second=st.integers(1, 50),
    burst=st.integers(1, 20),
    waits=st.lists(st.integers(0, 2000), min_size=1, max_size=40),
)
def test_no_span_of_time_has_more_than_its_share(
    per_second: int, burst: int, waits: list[int]
) -> None:
    """In any span, however requests come: the burst, and what the rate gives in that time."""

    async def run() -> list[float]:
        asking = _asking(per_second, burst)
        tasks = []
        for wait in waits:
            tasks.append(asyncio.create_task(asking.ask()))
            await asking.clock.advance(wait / 1000)
        await asking.clock.advance(len(waits) / per_second + 1)
        await asyncio.gather(*tasks)
        return asking.sent

    sent = asyncio.run(run())
    assert len(sent) == len(waits)
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            assert last - first + 1 <= burst + (sent[last] - sent[first]) * per_second + 1e-6


async def test_each_account_has_a_bucket_of_its_own_at_each_host() -> None:
    """One that asks much keeps nobody else waiting."""
    asking = _asking(per_second=1.0, burst=1.0)
    first = [asyncio.create_task(asking.ask("a", "greedy")) for _ in range(50)]
    await settle()
    assert asking.sent == [0.0]
    places = (("a", "other"), ("b", "greedy"), ("b", ""))
    first += [asyncio.create_task(asking.ask(*place)) for place in places]
    await settle()
    assert asking.sent == [0.0] * 4
    for each in first:
        each.cancel()


async def test_who_gives_up_leaves_no_gap() -> None:
    """Else those who come after wait for the turns of those whose time was over, and give up as well."""
    asking = _asking(per_second=1.0, burst=1.0)
    await asking.ask()
    gone = [asyncio.create_task(asking.ask()) for _ in range(100)]
    await settle()
    for each in gone:
        each.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    last = asyncio.create_task(asking.ask())
    await settle()
    await asking.clock.advance(1.0)
    last.cancel()
    assert asking.sent == [0.0, 1.0]


async def test_after_a_pause_all_do_not_come_at_once() -> None:
    """A short pause is waited for; then requests are spaced as ever. A long one is said at once, to one account alone."""
    asking = _asking(per_second=2.0, burst=1.0)
    asking.limits.pause("a", "", 3.0)
    waiting = [asyncio.create_task(asking.ask()) for _ in range(4)]
    await asking.clock.advance(10.0)
    await asyncio.gather(*waiting)
    assert asking.sent[0] == pytest.approx(3.0)
    assert all(late - early >= 0.5 - 1e-6 for early, late in pairwise(asking.sent))
    asking.limits.pause("a", "", 1e12)
    await asking.ask()
    await asking.ask("a", "another")
    assert asking.unsent == [LONGEST_PAUSE_SECONDS]


async def test_who_stands_in_line_hears_of_a_pause_that_begins_meanwhile() -> None:
    """Nobody is sent into a host that has just asked to be left alone."""
    asking = _asking(per_second=1.0, burst=1.0)
    await asking.ask()
    waiting = [asyncio.create_task(asking.ask()) for _ in range(3)]
    await settle()
    asking.limits.pause("a", "", 60.0)
    await asking.clock.advance(1.0)
    for each in waiting:
        each.cancel()
    assert asking.sent == [0.0]
    assert len(asking.unsent) == 3


async def test_hosts_that_nobody_asks_any_more_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Names of hosts come from manifests: there may be any number."""
    monkeypatch.setattr(limits, "_MOST_KEPT", 10)
    asking = _asking(per_second=1.0, burst=1.0)
    for number in range(100):
        await asking.ask(f"host-{number}")
        await asking.clock.advance(2.0)
    assert len(asking.limits._buckets) <= 11
