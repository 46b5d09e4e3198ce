"""Requests under way at one host: whoever waits long for answers there leaves turns to others."""

from __future__ import annotations

import asyncio
from collections import Counter

from towpath.clients.http.host_turns import AT_ONCE, HostTurns
from towpath.clock import settle


async def test_projects_whose_answers_do_not_come_leave_turns_to_others() -> None:
    """One alone has half of those that are shared; of many, whoever comes has one."""
    turns, held, leave = HostTurns(), Counter[str](), asyncio.Event()

    async def ask(whom: str) -> None:
        async with turns.turn("git.example:443", whom):
            held[whom] += 1
            await leave.wait()

    tasks = []
    for number in range(20):
        tasks += [asyncio.create_task(ask(f"p{number}")) for _ in range(100)]
        await settle()
        assert held[f"p{number}"] >= 1
    assert held["p0"] == AT_ONCE // 2
    assert held.total() < turns.most
    async with asyncio.timeout(10), turns.turn("other.example:443", "p0"):
        pass
    leave.set()
    await asyncio.gather(*tasks)
    assert not turns._hosts


async def test_who_is_cancelled_gives_its_place_back() -> None:
    """And who waits for one waits no more."""
    turns, held, leave = HostTurns(), Counter[str](), asyncio.Event()

    async def ask(whom: str) -> None:
        async with turns.turn("git.example:443", whom):
            held[whom] += 1
            await leave.wait()

    tasks = [asyncio.create_task(ask("a")) for _ in range(100)]
    await settle()
    assert held == {"a": AT_ONCE // 2}
    tasks.append(asyncio.create_task(ask("b")))
    await settle()
    assert held["b"] == 1
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert not turns._hosts
