"""What messages cost does not grow with how many wait: reads and writes of the store are counted, not time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import outbox
from tests.support.message_contracts import contracts
from tests.support.outbox import CONTROLLER, PROJECT
from towpath import errors
from towpath.demo import message_services as demo
from towpath.demo.message_services import MessageServices, ServiceFault
from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref
from towpath.resources.message import document_of
from towpath.store.sqlite.reader import Reader
from towpath.store.sqlite.writer import BatchWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.outbox import Outbox

DOWN = ServiceFault(503)
FEW, MANY = 150, 600


@dataclass
class Work:
    """What was asked of the store."""

    reads: int = 0
    """Objects that were read, each time they were."""
    counts: int = 0
    """Queues that were counted."""
    writes: int = 0
    """Objects that were written."""
    flushes: int = 0

    def taken(self) -> Work:
        """Return it, and begin anew."""
        found = Work(self.reads, self.counts, self.writes, self.flushes)
        self.reads = self.counts = self.writes = self.flushes = 0
        return found


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """Count what is asked of stores."""
    found = Work()
    get, part, count = Reader.get, Reader.slice, Reader.count
    flush = BatchWriter._flush

    def counted_get(self: Reader, ref: Ref) -> Any:
        found.reads += 1
        return get(self, ref)

    def counted_slice(self: Reader, *args: Any, **more: Any) -> Any:
        answer = part(self, *args, **more)
        found.reads += len(answer.items)
        return answer

    def counted_count(self: Reader, query: Any) -> int:
        found.counts += 1
        return count(self, query)

    def counted_flush(self: BatchWriter, batch: Any) -> Any:
        found.writes += len(batch.transaction.written)
        found.flushes += bool(batch.transaction.written)
        return flush(self, batch)

    monkeypatch.setattr(Reader, "get", counted_get)
    monkeypatch.setattr(Reader, "slice", counted_slice)
    monkeypatch.setattr(Reader, "count", counted_count)
    monkeypatch.setattr(BatchWriter, "_flush", counted_flush)
    return found


@pytest.fixture
def services() -> Iterator[MessageServices]:
    """The services."""
    made = MessageServices(contracts())
    yield made
    made.close()
    assert made.wrong == []


async def _down_and_back(
    folder: Path, services: MessageServices, work: Work, count: int
) -> tuple[Work, Work, Work]:
    """Have so many messages wait, then the receiver away for ten minutes, then back: what each of the three takes."""
    services.received.clear()
    async with outbox.running(folder, services) as world:
        await world.channel("http", delivery={"retryFor": "24h"})
        services.down[demo.SERVER] = DOWN
        await world.send("first", "http", name="first")
        await world.settled()
        work.taken()
        for number in range(count):
            await world.send(f"{number}", "http", name=f"m{number}")
        made = work.taken()
        await world.passes(600, 30)
        waited = work.taken()
        assert (await world.fares("http"))["waiting"] == count + 1
        services.down.clear()
        await world.clock.advance(300)
        work.taken()
        await world.settled()
        texts = services.texts(demo.SERVER)
        assert texts == ["first", *(f"{number}" for number in range(count))]
        return made, waited, work.taken()


async def test_work_for_each_message_does_not_grow(
    tmp_path: Path, services: MessageServices, work: Work
) -> None:
    """Neither to make one while others wait, nor to wait, nor to deliver: four times as many take four times as much."""
    few = await _down_and_back(tmp_path / "few", services, work, FEW)
    many = await _down_and_back(tmp_path / "many", services, work, MANY)
    for made, count in ((few[0], FEW), (many[0], MANY)):
        assert made.writes <= 1.05 * count + 5, "one write for each"
        assert made.reads <= 6 * count, "whether it is there, its Namespace, its channel"
        assert made.counts <= count / 500 + 4, "no message has its queue counted"
    for waited in (few[1], many[1]):
        assert waited.reads <= 600, "passes of a channel that waits look at its first message"
        assert waited.counts <= 60
        assert waited.writes <= 80
    for delivered, count in ((few[2], FEW), (many[2], MANY)):
        assert delivered.writes <= 2.1 * count + 10, "before it is sent, and after"
        assert delivered.flushes <= 1.4 * count + 10, "that one has ended goes with the next"
        assert delivered.reads <= 3 * count + 20
        assert delivered.counts <= 10


async def test_a_queue_that_is_full_is_counted_once_for_what_is_refused(
    tmp_path: Path, services: MessageServices
) -> None:
    """Not one more than may wait gets in, whatever was counted before; deliveries make room."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack", delivery={"mostWaiting": 3})
        services.down[demo.SLACK] = DOWN
        for round_ in range(3):
            for number in range(3):
                await world.send(f"{number}", name=f"r{round_}.{number}")
            with pytest.raises(errors.TooManyRequests, match="mostWaiting"):
                await world.send("more")
            services.down.clear()
            await world.passes(600, 300)
            services.down[demo.SLACK] = DOWN


async def test_a_lane_is_found_behind_hundreds_that_wait(
    tmp_path: Path, services: MessageServices, work: Work
) -> None:
    """What was looked through once is not looked through again for each new message of another key."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("http", delivery={"retryFor": "24h"})
        services.down[demo.SERVER] = DOWN
        await world.send("first", "http", orderingKey="b")
        await world.settled()
        for number in range(300):
            await world.send(f"a{number}", "http", name=f"a{number}", orderingKey="a")
        await _put_off(world, "a0")
        services.down.clear()
        await world.passes(30, 5)
        assert services.texts(demo.SERVER) == ["first"]
        work.taken()
        for number in range(40):
            await world.send(f"b{number}", "http", name=f"b{number}", orderingKey="b")
            await world.settled()
        texts = ["first", *(f"b{number}" for number in range(40))]
        assert services.texts(demo.SERVER) == texts
        assert work.taken().reads <= 40 * 60, "the 300 are not read for each"
        await world.passes(1200, 300)
        texts = [text for text in services.texts(demo.SERVER) if text.startswith("a")]
        assert texts == [f"a{number}" for number in range(300)]


async def _put_off(world: Outbox, name: str) -> None:
    """Have a message wait for a time of its own."""
    ref = Ref(scheme.MESSAGE, PROJECT, name)
    later = moments.precise(world.clock.now() + timedelta(minutes=10))
    await world.writer.set_status(ref, lambda status: {**status, "nextTry": later}, CONTROLLER)


async def test_messages_written_together_keep_their_order(
    tmp_path: Path, services: MessageServices, work: Work
) -> None:
    """One flush for all; one that is refused, or there already, keeps out no other."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        services.down[demo.SLACK] = DOWN
        await world.send("there", name="m7")
        await world.settled()
        documents = []
        for number in range(40):
            named = "nowhere" if number == 3 else "slack"
            spec = {"channel": {"kind": "MessageChannel", "name": named}, "body": f"{number}"}
            documents.append(document_of(name=f"m{number}", project=PROJECT, spec=spec))
        work.taken()
        found = await world.writer.create_all(documents, CONTROLLER)
        assert work.taken().flushes <= 8
        assert isinstance(found[3], errors.NotFound)
        assert isinstance(found[7], errors.AlreadyExists)
        assert sum(isinstance(each, errors.TowpathError) for each in found) == 2
        texts = [each["spec"]["body"] for each in await world.messages()]
        expected = [f"{number}" for number in range(40) if number not in (3, 7)]
        assert texts == ["there", *expected]
