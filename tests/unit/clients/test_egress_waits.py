"""A request that was not answered in time says what it waited for."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from towpath import errors
from towpath.clients.http import Egress, sessions
from towpath.clients.http.host_turns import HostTurns
from towpath.clock import SystemClock

HOST = "web.example:80"


async def _never(*_: Any, **__: Any) -> Any:
    await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize(
    ("waits_for", "error", "said"),
    [
        ("a turn at the host", errors.TooManyRequests, "under way at web.example:80"),
        ("the way", errors.Timeout, "no answer within"),
        ("its rate", errors.TooManyRequests, "raise egress.requestsPerSecond"),
    ],
)
async def test_what_was_waited_for_is_told(
    monkeypatch: pytest.MonkeyPatch, waits_for: str, error: type[errors.TowpathError], said: str
) -> None:
    """More requests a second help against the rate alone, and a host is ill only where it was asked."""
    egress = Egress(clock=SystemClock())
    async with AsyncExitStack() as held:
        await held.enter_async_context(egress)
        if waits_for == "a turn at the host":
            egress._turns = HostTurns(at_once=1)
            await held.enter_async_context(egress._turns.turn(HOST, ""))
        if waits_for == "its rate":
            monkeypatch.setattr(sessions, "proxy_for", _none)
            monkeypatch.setattr(egress._limits, "turn", _never)
        else:
            monkeypatch.setattr(sessions, "proxy_for", _never)
        with pytest.raises(error, match=said) as raised:
            await egress.request("GET", "http://web.example/", seconds=0.05)
    told = "requestsPerSecond" in raised.value.message
    assert told == (waits_for == "its rate")


async def _none(*_: Any) -> None:
    return None
