"""Names whose servers do not answer keep nobody else's from being looked up, nor take the threads of others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from towpath.clients.http import Egress, lookups
from towpath.clients.http.on_behalf import on_behalf
from towpath.clock import SystemClock, settle


class _Resolver:
    """Answers every name but those with `slow` in them, which it is told to answer."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answered = asyncio.Event()

    async def __call__(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        if "slow" in host:
            await self.answered.wait()
        return [(host, port)]


@pytest.fixture
async def resolver(monkeypatch: pytest.MonkeyPatch) -> _Resolver:
    """Return what is asked in the place of the machine's resolver."""
    found = _Resolver()
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
    return found


async def test_names_of_one_domain_that_are_not_answered_leave_others_their_turn(
    resolver: _Resolver,
) -> None:
    """However many there are, few are asked for at the same time."""
    looked = lookups.Lookups()
    slow = [asyncio.create_task(looked.look_up(f"n{n}.slow.example", 1)) for n in range(100)]
    await settle()
    assert len(resolver.asked) == lookups.OF_ONE_DOMAIN
    assert await looked.look_up("git.other.example", 2) == [("git.other.example", 2)]
    assert await looked.look_up("127.0.0.1", 3) == [("127.0.0.1", 3)]
    resolver.answered.set()
    assert len(await asyncio.gather(*slow)) == 100


async def test_a_look_nobody_waits_for_any_more_keeps_its_turn(resolver: _Resolver) -> None:
    """Its thread is not free: a time limit must not let the next ones in, one after the other."""
    looked = lookups.Lookups()
    for n in range(20):
        waiting = asyncio.create_task(looked.look_up(f"n{n}.slow.example", 1))
        await settle()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert len(resolver.asked) == lookups.OF_ONE_DOMAIN
    resolver.answered.set()
    await settle()
    assert await looked.look_up("again.slow.example", 1) == [("again.slow.example", 1)]
    assert looked._domains == {}


async def test_a_name_that_is_not_there_gives_its_turn_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the resolver says is raised as it is."""

    async def refused(*_: Any, **__: Any) -> list[Any]:
        raise OSError("no such name")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", refused)
    looked = lookups.Lookups()
    for _ in range(2 * lookups.AT_ONCE):
        with pytest.raises(OSError, match="no such name"):
            await looked.look_up("none.example", 1)
    assert looked._domains == {}


async def test_a_project_whose_names_are_not_answered_leaves_others_their_turn(
    resolver: _Resolver,
) -> None:
    """However many domains it has; and so do many such Projects: who looks nothing up finds a turn."""
    looked = lookups.Lookups()
    slow = []
    for project in range(20):
        with on_behalf(f"p{project}"):
            slow += [
                asyncio.create_task(looked.look_up(f"a.slow{n}p{project}.example", 1))
                for n in range(100)
            ]
        await settle()
        if not project:
            assert len(resolver.asked) == lookups.AT_ONCE // 2
    assert len(resolver.asked) < 2 * lookups.AT_ONCE
    with on_behalf("shop"):
        assert await looked.look_up("git.example", 2) == [("git.example", 2)]
    resolver.answered.set()
    assert len(await asyncio.gather(*slow)) == 2_000
    assert looked._domains == {}


async def test_domains_below_that_of_a_registry_are_not_one(resolver: _Resolver) -> None:
    """Whoever has `slow.co.uk` does not keep `shop.co.uk` from being looked up."""
    looked = lookups.Lookups()
    slow = [asyncio.create_task(looked.look_up(f"n{n}.slow.co.uk", 1)) for n in range(100)]
    await settle()
    assert len(resolver.asked) == lookups.OF_ONE_DOMAIN
    assert await looked.look_up("git.shop.co.uk", 2) == [("git.shop.co.uk", 2)]
    resolver.answered.set()
    await asyncio.gather(*slow)


async def test_the_http_client_looks_names_up_in_turn(resolver: _Resolver) -> None:
    """Its library would take a thread for each name, until none is left for work on files."""
    async with Egress(clock=SystemClock()) as egress:
        asking = [
            asyncio.create_task(egress.request("GET", f"http://n{n}.slow.example/"))
            for n in range(100)
        ]
        while not resolver.asked:
            await asyncio.sleep(0)
        await settle()
        assert len(resolver.asked) == lookups.OF_ONE_DOMAIN
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        resolver.answered.set()
        await settle()
