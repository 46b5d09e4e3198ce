"""Requests for looks: what is written, and how often."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

from towpath import errors
from towpath.clock import VirtualClock
from towpath.resources import scheme
from towpath.resources.annotations import REFRESH
from towpath.resources.kinds import Ref
from towpath.rules import polling
from towpath.webhooks.look_requests import LookRequests

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.document import Document

REF = Ref(scheme.WAREHOUSE, "p", "w")


class Writing:
    """Keeps the metadata of one object; a write is over when the test says so."""

    def __init__(self, token: str = "") -> None:
        self.metadata: Document = {"annotations": {REFRESH: token, "other": "stays"}}
        self.writes = 0
        self.may_end = asyncio.Event()
        self.error: errors.TowpathError | None = None

    async def modify(self, ref: Ref, change: Callable[[Document], Document], _: Any) -> None:
        """Change the metadata."""
        assert ref == REF
        self.metadata = change(self.metadata)
        self.writes += 1
        await self.may_end.wait()
        if self.error is not None:
            raise self.error

    @property
    def token(self) -> str:
        """What is asked for."""
        return str(self.metadata["annotations"][REFRESH])


def _refreshing(writing: Writing) -> LookRequests:
    return LookRequests(cast("Any", writing), VirtualClock())


async def test_a_request_by_hand_that_waits_stays_one_by_hand() -> None:
    """A request by hand that waits stays one by hand."""
    writing = Writing("by hand")
    writing.may_end.set()
    refreshing = _refreshing(writing)
    await refreshing.ask(REF, "d1", "")
    assert writing.token != "by hand"
    assert polling.heard_at(writing.token) is None
    assert writing.metadata["annotations"]["other"] == "stays"


async def test_one_that_was_met_is_followed_by_a_delivery() -> None:
    """One that was met is followed by a delivery."""
    writing = Writing("by hand")
    writing.may_end.set()
    await _refreshing(writing).ask(REF, "d1", "by hand")
    assert polling.heard_at(writing.token) == VirtualClock().now()


async def test_those_that_come_while_one_is_written_share_the_next() -> None:
    """Those that come while one is written share the next."""
    writing = Writing()
    refreshing = _refreshing(writing)
    first = asyncio.create_task(refreshing.ask(REF, "first", ""))
    while not writing.writes:
        await asyncio.sleep(0)
    others = [asyncio.create_task(refreshing.ask(REF, f"d{each}", "")) for each in range(50)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert writing.writes == 1  # what is being written may have been taken up already
    writing.may_end.set()
    await asyncio.gather(first, *others)
    assert writing.writes == 2
    assert writing.token.endswith("/webhook-d0")


async def test_a_write_that_fails_is_told_to_all_who_share_it_and_to_nobody_later() -> None:
    """A write that fails is told to all who share it and to nobody later."""
    writing = Writing()
    writing.may_end.set()
    writing.error = errors.Unavailable("the disk is full")
    refreshing = _refreshing(writing)
    asked = await asyncio.gather(
        *(refreshing.ask(REF, "d", "") for _ in range(2)), return_exceptions=True
    )
    assert [type(each) for each in asked] == [errors.Unavailable] * 2
    writing.error = None
    await refreshing.ask(REF, "later", "")
    assert writing.token.endswith("/webhook-later")


async def test_who_goes_away_takes_no_request_along() -> None:
    """Who goes away takes no request along."""
    writing = Writing()
    refreshing = _refreshing(writing)
    asked = asyncio.create_task(refreshing.ask(REF, "d", ""))
    while not writing.writes:
        await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    writing.may_end.set()
    await refreshing.ask(REF, "next", "")
    assert writing.writes == 2
