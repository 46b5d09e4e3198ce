"""Names whose servers do not answer keep nobody else's from being looked up, nor take the threads of others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from towpath.clients.http import lookups
from towpath.clock import settle


class _Resolver:
    """Answers every name but those of `slow.example`, which it is told to answer."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answered = asyncio.Event()

    async def __call__(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        if host.endswith("slow.example"):
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
