"""Following a watch: snapshots, resuming, waiting, polling; in virtual time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.support.argocd_answers import application
from tests.support.argocd_fake import FakeArgoCD, changed, deleted, snapshot
from towpath import errors
from towpath.argocd.application_index import ApplicationIndex
from towpath.argocd.following import Following
from towpath.argocd.reach import Reach, State
from towpath.clients.argocd import ApplicationEvent, EventKind
from towpath.clock import VirtualClock, settle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from towpath.argocd.application_index import IndexChange

BOOKMARK = ApplicationEvent(EventKind.BOOKMARK, version="50")


@dataclass
class World:
    """A watch that is followed."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    api: FakeArgoCD = field(default_factory=FakeArgoCD)
    index: ApplicationIndex = field(default_factory=ApplicationIndex)
    told: list[IndexChange] = field(default_factory=list)
    turns: list[State] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reach = Reach(self.clock, turned=lambda: self.turns.append(self.reach.state))
        self.task: asyncio.Task[None] | None = None

    async def tell(self, *events: ApplicationEvent | Exception | None) -> None:
        """Have the watch tell events, and everything come to rest."""
        self.api.tell(*events)
        await settle()

    @property
    def names(self) -> list[str]:
        """The Applications that are known."""
        known = self.index.keys()
        return sorted(name for _, name in known)


@asynccontextmanager
async def following(namespace: str = "") -> AsyncIterator[World]:
    """Follow a watch while the context lasts."""
    world = World()
    follower = Following(
        "Argo CD connection prod",
        world.api,
        namespace=namespace,
        index=world.index,
        reach=world.reach,
        clock=world.clock,
        jitter=lambda: 0.5,
        changed=world.told.append,
    )
    world.task = asyncio.create_task(follower.run())
    await settle()
    try:
        yield world
    finally:
        world.task.cancel()
        await asyncio.gather(world.task, return_exceptions=True)


async def test_a_snapshot_and_what_follows() -> None:
    """The index has what is there, and whoever listens is told of each change."""
    async with following() as world:
        assert world.reach.state is State.CONNECTING
        await world.tell(*snapshot(application("a"), application("b")))
        assert (world.names, world.reach.state) == (["a", "b"], State.CONNECTED)
        await world.tell(changed(application("a", 2), "11"), deleted("b", "12"))
        assert world.names == ["a"]
        assert [change.name for change in world.told] == ["a", "b", "a", "b"]
        assert world.reach.counts.events == 2


async def test_a_watch_that_ends_is_resumed_from_its_last_position() -> None:
    """Servers end them every few minutes: that is no failure, and nothing is listed."""
    async with following() as world:
        await world.tell(*snapshot(application("a")), changed(application("a", 2), "11"))
        await world.clock.advance(300)
        await world.tell(None)
        assert world.api.watched == ["", "11"]
        assert world.turns == [State.CONNECTED]
        assert world.reach.counts.interruptions == 0


async def test_a_watch_that_breaks_off_once_is_no_news() -> None:
    """It is resumed after a second; if that fails too, it is."""
    async with following() as world:
        await world.tell(*snapshot(application("a")))
        await world.clock.advance(10)
        await world.tell(errors.Unavailable("broke off"))
        assert world.reach.state is State.CONNECTED
        await world.clock.advance(1)
        assert world.api.watched == ["", "10"]
        await world.tell(errors.Unavailable("refused"))
        assert (world.reach.state, world.reach.error) == (State.DOWN, "refused")
        await world.clock.advance(2)
        await world.tell(BOOKMARK)
        assert (world.reach.state, world.reach.error) == (State.CONNECTED, "")
        assert world.names == ["a"]


async def test_waits_grow_and_are_bounded() -> None:
    """A server that stays away is asked about once a minute."""
    async with following() as world:
        for _ in range(12):
            await world.clock.advance(30)  # that it takes to refuse
            await world.tell(errors.Unavailable("away"))
            await world.clock.advance(61)
        assert len(world.api.watched) == 13
        await world.tell(errors.Unavailable("away"))
        await world.clock.advance(59)
        assert len(world.api.watched) == 13
        await world.clock.advance(2)
        assert len(world.api.watched) == 14
        assert world.reach.state is State.DOWN


async def test_a_server_that_ends_each_watch_at_once_is_not_asked_in_circles() -> None:
    """An answer that ends at once is a failure like another."""
    async with following() as world:
        await world.tell(*snapshot(), None)
        for _ in range(200):
            await world.tell(BOOKMARK, None)
        assert len(world.api.watched) < 3
        await world.clock.advance(600)
        assert len(world.api.watched) < 25


async def test_a_position_that_is_too_old_begins_anew() -> None:
    """What went meanwhile is found missing from the list."""
    async with following() as world:
        await world.tell(*snapshot(application("a"), application("b")))
        await world.tell(errors.Expired("too old"))
        assert world.api.watched == ["", ""]
        await world.tell(*snapshot(application("b"), application("c"), version="90"))
        assert world.names == ["b", "c"]
        assert world.told[-1].name == "a"


async def test_a_list_counts_after_a_position_that_is_no_more() -> None:
    """A cluster that was restored from a backup counts its versions from there on."""
    async with following() as world:
        await world.tell(*snapshot(application("a", 500)))
        await world.tell(errors.Expired("too old"))
        gone_bad = application("a", 90, status={"health": {"status": "Degraded"}})
        await world.tell(*snapshot(gone_bad, version="95"))
        assert (world.index.get("argocd", "a") or {})["status"]["health"]["status"] == "Degraded"


async def test_a_server_that_refuses_what_it_has_just_listed_is_not_asked_in_circles() -> None:
    """Once it is listed anew at once; then after a pause."""
    async with following() as world:
        for _ in range(2):
            await world.tell(*snapshot(application("a")), errors.Expired("too large"))
        assert world.api.watched == ["", ""]
        await world.clock.advance(2)
        assert world.api.watched == ["", "", ""]


async def test_half_a_snapshot_drops_nothing() -> None:
    """It broke off: what it did not come to may be there."""
    async with following() as world:
        await world.tell(*snapshot(application("a"), application("b")))
        await world.tell(errors.Expired("too old"))
        await world.tell(*snapshot(application("a"))[:2], errors.Unavailable("broke off"))
        assert world.names == ["a", "b"]
        await world.clock.advance(5)
        assert world.api.watched[-1] == ""


async def test_where_watching_is_refused_it_is_polled() -> None:
    """The list every half minute, and each time another try to watch."""
    async with following() as world:
        await world.tell(*snapshot(application("a")), errors.Forbidden("may not watch"))
        assert world.reach.state is State.POLLING
        assert "every 30 s: may not watch" in world.reach.error
        await world.clock.advance(31)
        await world.tell(*snapshot(application("b")), errors.Forbidden("may not watch"))
        assert (world.names, world.reach.state) == (["b"], State.POLLING)
        assert world.turns == [State.CONNECTED, State.POLLING]
        await world.clock.advance(31)
        await world.tell(*snapshot(application("b")), changed(application("b", 5), "20"))
        assert world.turns[-1] is State.CONNECTED


async def test_where_listing_is_refused_it_is_down() -> None:
    """With the reason, which is that of the rights."""
    async with following() as world:
        await world.tell(errors.Forbidden("may not list"))
        assert (world.reach.state, world.reach.error) == (State.DOWN, "may not list")


async def test_a_token_that_has_ended_is_for_whoever_opened_it() -> None:
    """Another may be at hand."""
    async with following() as world:
        await world.tell(*snapshot(), errors.Unauthenticated("expired"))
        assert world.task is not None
        with pytest.raises(errors.Unauthenticated):
            await world.task
        assert world.reach.state is State.DOWN


async def test_a_snapshot_of_one_namespace_leaves_the_others() -> None:
    """Each namespace has a watch of its own."""
    async with following("argocd") as world:
        world.index.take("team", "x", b'{"metadata":{"name":"x","namespace":"team"}}')
        await world.tell(*snapshot(application("a")))
        assert world.names == ["a", "x"]


def test_a_connection_fares_as_the_worst_of_its_watches() -> None:
    """One namespace that refuses is not hidden by one that does not."""
    reach = Reach(VirtualClock())
    reach.opened(["one", "two"])
    reach.become(State.CONNECTED, watch="one")
    assert reach.state is State.CONNECTING
    reach.become(State.DOWN, "no", watch="two")
    reach.become(State.CONNECTED, watch="one")
    assert (reach.state, reach.error) == (State.DOWN, "no")
    reach.become(State.POLLING, "slow", watch="two")
    assert (reach.state, reach.error) == (State.POLLING, "slow")
    reach.become(State.CONNECTED, watch="two")
    assert (reach.state, reach.error) == (State.CONNECTED, "")
