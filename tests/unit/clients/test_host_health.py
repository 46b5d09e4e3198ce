"""A host that does not answer is tried by one at a time, ever more rarely; others are told at once."""

from __future__ import annotations

import asyncio

import pytest

from towpath import errors
from towpath.clients.http import host_health
from towpath.clients.http.host_health import HostHealth
from towpath.clients.http.limits import HostLimits
from towpath.clients.http.manners import HostManners
from towpath.clients.http.on_behalf import on_behalf
from towpath.clock import VirtualClock, settle

HOST = "registry.example:443"


class _Host:
    """A host that is asked, and what it does."""

    def __init__(self, *, drawn: float = 0.0) -> None:
        self.clock = VirtualClock()
        self.health = HostHealth(self.clock, draw=lambda: drawn)
        self.tries = 0

    async def ask(
        self,
        error: Exception | None = None,
        *,
        host: str = HOST,
        account: str = "",
        takes: float = 0.0,
    ) -> None:
        with self.health.asking(host, account):
            self.tries += 1
            if takes:
                await self.clock.advance(takes)
            if error is not None:
                raise error

    async def fails(self, error: Exception, *, takes: float = 1.0) -> None:
        with pytest.raises(type(error)):
            await self.ask(error, takes=takes)


DEAD = errors.NoAnswer("GET https://registry.example: it cannot be reached")


async def test_one_failure_may_be_anything() -> None:
    """The next is asked as ever; only a host that fails again is left alone."""
    host = _Host()
    await host.fails(DEAD)
    await host.ask()
    await host.fails(DEAD)
    await host.fails(errors.Timeout("no answer within 30 s"))
    assert host.tries == 4
    with pytest.raises(
        errors.NoAnswer,
        match=r"registry\.example:443 has not answered since 2026-01-01T00:00:02Z .*did not come in time$",
    ):
        await host.ask()
    assert host.tries == 4
    await host.ask(host="another.example:443")
    await host.ask(account="another")


async def test_it_is_tried_ever_more_rarely_and_by_one_at_a_time() -> None:
    """After rests of 2, 4, 8 … 60 seconds, less what is drawn."""
    host = _Host()
    await host.fails(DEAD)
    await host.fails(DEAD)
    for rest in (2, 4, 8, 16, 32, 60, 60):
        await host.clock.advance(rest - 0.1)
        with pytest.raises(errors.NoAnswer, match="has not answered since"):
            await host.ask()
        await host.clock.advance(0.1)
        trying = asyncio.create_task(host.fails(DEAD))
        await settle()
        tries = host.tries
        with pytest.raises(errors.NoAnswer, match="has not answered since"):
            await host.ask()
        await trying
        assert host.tries == tries
    await host.clock.advance(60)
    await host.ask()
    await host.ask()


async def test_those_who_tried_at_the_same_time_count_once() -> None:
    """Sixteen looks that began before the host was known to be ill say no more than one."""
    host = _Host()
    await asyncio.gather(*(host.fails(DEAD) for _ in range(16)))
    assert host.tries == 16
    await host.ask()


@pytest.mark.parametrize(
    "answer",
    [None, errors.Forbidden("401"), errors.NotFound("404"), errors.Unavailable("answered 500")],
)
async def test_any_answer_tells_that_it_is_there(answer: Exception | None) -> None:
    """Also one that nobody wished for."""
    host = _Host()
    await host.fails(DEAD)
    await host.fails(DEAD)
    await host.clock.advance(2)
    if answer is None:
        await host.ask()
    else:
        await host.fails(answer)
    await host.fails(DEAD)
    await host.ask()


async def test_what_was_not_sent_says_nothing() -> None:
    """A host that is not asked because it wants to be left alone is neither well nor ill."""
    host = _Host()
    await host.fails(DEAD)
    await host.fails(errors.TooManyRequests("left alone for 10 s more"))
    await host.fails(DEAD)
    with pytest.raises(errors.NoAnswer, match="has not answered since"):
        await host.ask()


async def test_who_asks_by_hand_need_not_wait_and_others_do() -> None:
    """A look by hand asks at once; it is no reason to have everybody wait for the host again."""
    host = _Host()
    await host.fails(DEAD)
    await host.fails(DEAD)
    with host.health.insisting():
        await host.fails(DEAD)
        with pytest.raises(errors.NoAnswer, match="has not answered since"):
            await host.ask()
    with pytest.raises(errors.NoAnswer, match="has not answered since"):
        await host.ask()
    assert host.tries == 3
    with host.health.insisting():
        await asyncio.create_task(host.ask())
    await host.ask()


async def test_who_insists_does_so_for_themselves() -> None:
    """Somebody who asks at the same time is told what the last try came to."""
    host = _Host()
    await host.fails(DEAD)
    await host.fails(DEAD)

    async def other() -> None:
        with pytest.raises(errors.NoAnswer, match="has not answered since"):
            await host.ask()

    beside = other()
    waiting = asyncio.create_task(beside)
    with host.health.insisting():
        await waiting
        await host.ask()
    assert host.tries == 3


async def test_a_try_that_is_given_up_lets_the_next_one_try() -> None:
    """Else nobody would ever again."""
    host = _Host()
    await host.fails(DEAD)
    await host.fails(DEAD)
    await host.clock.advance(2)
    with pytest.raises(KeyboardInterrupt), host.health.asking(HOST):
        raise KeyboardInterrupt
    await host.ask()


async def test_hosts_are_remembered_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their names come from manifests."""
    monkeypatch.setattr(host_health, "_MOST_KEPT", 5)
    host = _Host()
    for number in range(50):
        with pytest.raises(errors.NoAnswer):
            await host.ask(DEAD, host=f"host-{number}:443")
    assert len(host.health._troubled) == 5


async def test_hosts_that_are_silent_are_listed_once() -> None:
    """Whatever accounts they do not answer, since the first of these; one failure is no silence."""
    host = _Host()
    for account in ("a", "b", "a", "b"):
        with pytest.raises(errors.NoAnswer):
            await host.ask(DEAD, account=account, takes=1.0)
    with pytest.raises(errors.NoAnswer):
        await host.ask(DEAD, host="once.example:443")
    ((name, since, cause),) = host.health.silent()
    assert name == HOST
    assert since.second == 1
    assert "cannot be reached" in cause


@pytest.mark.parametrize(
    "error",
    [
        errors.NoAnswer("GET https://registry.example/v2/secret-product/tags/list: refused"),
        errors.NoSuchHost("GET https://registry.example/v2/secret-product/tags/list: no host"),
        errors.Timeout("GET https://registry.example/v2/secret-product/tags/list: 30 s"),
    ],
)
async def test_others_are_not_told_what_was_asked_for(error: errors.TowpathError) -> None:
    """It may be a repository of another Project; the operator is."""
    host = _Host()
    for _ in range(2):
        await host.fails(error)
    with pytest.raises(errors.NoAnswer) as told:
        await host.ask()
    assert "secret-product" not in told.value.message
    assert "secret-product" in host.health.silent()[0][2]


async def test_without_a_credential_no_project_speaks_for_another() -> None:
    """What one asks for may take too long on purpose: the others would be kept from the host as long as it goes on."""
    clock = VirtualClock()
    manners = HostManners(HostLimits(clock, per_second=20), HostHealth(clock))

    async def ask(error: Exception | None = None) -> None:
        async with manners.asking(HOST, ""):
            if error is not None:
                raise error

    with on_behalf("greedy"):
        for _ in range(2):
            with pytest.raises(errors.NoAnswer):
                await ask(DEAD)
        with pytest.raises(errors.NoAnswer, match="has not answered since"):
            await ask()
    with on_behalf("shop"):
        await ask()


async def test_a_host_that_nobody_asks_any_more_is_not_told_of() -> None:
    """An hour after the last try: how it is by then nobody knows."""
    host = _Host()
    await host.fails(DEAD)
    await host.fails(DEAD)
    await host.clock.advance(3_600)
    assert [each for each, _, _ in host.health.silent()] == [HOST]
    await host.fails(DEAD)
    await host.clock.advance(3_600)
    assert host.health.silent()
    await host.clock.advance(1)
    assert host.health.silent() == []
