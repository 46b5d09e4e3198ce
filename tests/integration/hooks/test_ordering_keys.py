"""Ordering keys of a channel: each goes on by itself, in its own order, whatever the receiver does not take of another."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.support import outbox
from towpath.demo import message_services as demo
from towpath.demo.message_services import MessageServices

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAKEN = {"successExpression": "response.status == 204", "failureExpression": "false"}
SECONDS = 30


@pytest.fixture
def services() -> Iterator[MessageServices]:
    """The services."""
    made = MessageServices()
    yield made
    made.close()


async def test_what_is_never_taken_holds_up_its_own_key_alone(
    tmp_path: Path, services: MessageServices
) -> None:
    """Others are sent at once, also those that come later; the channel says what is not taken, and why."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("http", how=TAKEN)
        services.too_early.add("a0")
        first = await world.send("a0", "http", orderingKey="a")
        for text in ("a1", "b0", "b1", "c0"):
            await world.send(text, "http", orderingKey=text[0])
        await world.settled()
        assert services.texts(demo.SERVER) == ["b0", "b1", "c0"]
        await world.passes(600, 20)
        await world.send("b2", "http", orderingKey="b")
        await world.settled()
        assert services.texts(demo.SERVER) == ["b0", "b1", "c0", "b2"]
        fares = await world.fares("http")
        assert (fares["status"], fares["reason"], fares["waiting"]) == ("False", "NotTaken", 2)
        assert "answered 202" in fares["message"]
        assert "successExpression does not hold" in fares["message"]
        status = await world.status(first)
        assert (status["state"], "nextTry" in status) == ("Waiting", True)
        assert 5 <= status["attempts"] <= 12, "it is asked less and less often"
        services.too_early.clear()
        await world.passes(320, 20)
        assert services.texts(demo.SERVER)[4:] == ["a0", "a1"]
        assert (await world.fares("http"))["reason"] == "Delivering"


async def test_what_is_never_taken_is_given_up(tmp_path: Path, services: MessageServices) -> None:
    """After the time that the channel says, though others are delivered meanwhile; those behind it go on."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("http", how=TAKEN, delivery={"retryFor": "10m"})
        services.too_early.add("a0")
        first = await world.send("a0", "http", orderingKey="a")
        await world.send("a1", "http", orderingKey="a")
        for number in range(10):
            await world.send(f"b{number}", "http", orderingKey="b")
            await world.passes(100, 20)
        status = await world.status(first)
        assert status["state"] == "Failed"
        assert status["lastError"].startswith("given up after 10m0s: the server answered 202")
        assert "a1" in services.texts(demo.SERVER)


async def test_a_changed_channel_tries_all_keys_at_once(
    tmp_path: Path, services: MessageServices
) -> None:
    """Whoever mends the expression does not wait for each key's own next try."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("http", how=TAKEN | {"successExpression": "response.status == 200"})
        services.too_early.update(("a0", "b0"))
        for text in ("a0", "b0"):
            await world.send(text, "http", orderingKey=text[0])
        await world.passes(300, 20)
        asked = len(services.asked)
        await world.channel("http", how=TAKEN | {"successExpression": "response.status == 202"})
        await world.settled()
        assert len(services.asked) == asked + 2
        fares = await world.fares("http")
        assert (fares["status"], fares.get("waiting", 0)) == ("True", 0)


@pytest.mark.parametrize("seed", range(6))
async def test_each_key_goes_on_by_itself(
    seed: int, tmp_path: Path, services: MessageServices
) -> None:
    """For any queue and whatever is not taken of it: exactly what stands before that in its own key is delivered, in order."""
    chance = random.Random(seed)
    keys = [chance.choice("abcd") for _ in range(chance.randint(5, 25))]
    texts = [f"{key}{number}" for number, key in enumerate(keys)]
    services.too_early.update(chance.sample(texts, chance.randint(1, 3)))
    of_keys = {key: [text for text in texts if text[0] == key] for key in set(keys)}
    async with outbox.running(tmp_path, services) as world:
        await world.channel("http", how=TAKEN)
        for text in texts:
            await world.send(text, "http", orderingKey=text[0])
        await world.passes(SECONDS, 1)
        for key, mine in of_keys.items():
            stuck = [mine.index(text) for text in services.too_early if text[0] == key]
            came = [text for text in services.texts(demo.SERVER) if text[0] == key]
            assert came == mine[: min(stuck, default=len(mine))]
        services.too_early.clear()
        await world.passes(SECONDS * 4, 1)
        for key, mine in of_keys.items():
            assert [text for text in services.texts(demo.SERVER) if text[0] == key] == mine
