"""Tokens for a while: fetched once, kept till shortly before their end, forgotten when there are many."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from towpath.clients import kept_tokens
from towpath.clients.kept_tokens import GivenToken, KeptTokens
from towpath.clock import VirtualClock
from towpath.errors import Unavailable


async def test_who_asks_at_the_same_time_waits_for_one() -> None:
    """Also if the first of them is ended; a failure is nobody's for long."""
    clock, asked, gate = VirtualClock(), list[str](), asyncio.Event()

    async def fetch() -> GivenToken:
        asked.append("")
        await gate.wait()
        if len(asked) == 1:
            raise Unavailable("not now")
        return GivenToken(f"t{len(asked)}", clock.now() + timedelta(hours=1))

    kept = KeptTokens(clock, most=2)
    first, second = (asyncio.create_task(kept.get("a", fetch)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    gate.set()
    with pytest.raises(Unavailable):
        await second
    assert await kept.get("a", fetch) == "t2"
    await clock.advance(timedelta(minutes=54).total_seconds())
    assert await kept.get("a", fetch) == "t2"
    await clock.advance(60)
    assert await kept.get("a", fetch) == "t3"
    assert await kept.get("a", fetch, refused="t2") == "t3"
    assert await kept.get("a", fetch, refused="t3") == "t4"
    for name in ("b", "c"):
        await kept.get(name, fetch)
    assert await kept.get("a", fetch) == "t7"


def test_no_secret_is_read_from_a_name_and_none_shown() -> None:
    """Parts that are cut differently are another name."""
    assert "s3cret" not in kept_tokens.name("s3cret")
    assert kept_tokens.name("a", "bc") != kept_tokens.name("ab", "c")
    assert "s3cret" not in repr(GivenToken("s3cret"))
