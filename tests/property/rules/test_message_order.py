"""Whatever receivers answer and whenever the process ends: what was sent arrives in order, once, or says that it may be a repeat."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from hypothesis import given
from hypothesis import strategies as st

from towpath.clients.messaging.outgoing import (
    DeliveryAnswer,
    MessageRefused,
    NotYetTaken,
    Outgoing,
    ReceiverAway,
    SenderRefused,
    Taken,
)
from towpath.clock import VirtualClock
from towpath.hooks.outbox.channel_memory import ChannelMemory
from towpath.hooks.outbox.delivering import Deliveries
from towpath.hooks.outbox.tally import MessageTally
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.message import document_of, place_of
from towpath.resources.message_channel import Delivery
from towpath.runtime.aside import Aside
from towpath.runtime.waking import Waking
from towpath.store.contract import Order, Page, Stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.store.contract import Document

CHANNEL = Ref(scheme.MESSAGE_CHANNEL, "shop", "c")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Killed(BaseException):
    """The process has ended."""


@dataclass
class Disk:
    """The store and the writer, as far as the outbox needs them; it outlives the process."""

    documents: dict[str, Document]

    async def list(self, _query: Any, *, order: Order, limit: int, **_: Any) -> Page:
        """Return what waits, in order."""
        assert order.between is not None
        first, end = order.between
        waiting = [
            document
            for document in self.documents.values()
            if first <= place_of(document) < end and place_of(document)
        ]
        items = tuple(
            Stored(
                Ref(scheme.MESSAGE, "shop", each["metadata"]["name"]),
                each["metadata"]["name"],
                1,
                json.dumps(each).encode(),
            )
            for each in waiting[:limit]
        )
        return Page(items, 1, None)

    async def set_status(self, ref: Ref, change: Callable[[Document], Document], _who: Any) -> None:
        """Write a status."""
        self.documents[ref.name]["status"] = json.loads(json.dumps(change({})))


@dataclass
class Script:
    """A receiver that does what is written."""

    plays: list[str]
    takes_key: bool = False
    shown: str = "a script"
    arrived: list[Outgoing] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    async def deliver(self, message: Outgoing) -> DeliveryAnswer:
        """Answer."""
        play = self.plays.pop(0) if self.plays else "take"
        if play in ("take", "lose", "killed after"):
            self.arrived.append(message)
        match play:
            case "take":
                return Taken()
            case "lose":
                return ReceiverAway(why="lost", may_have_arrived=True)
            case "away":
                return ReceiverAway(why="away", seconds=3)
            case "no sender":
                return SenderRefused(why="token")
            case "not yet":
                return NotYetTaken(why="not yet")
            case "refuse":
                self.refused.add(message.text)
                return MessageRefused(why="too long")
        raise Killed


PLAYS = st.lists(
    st.sampled_from(
        ["take", "lose", "away", "no sender", "not yet", "refuse", "killed before", "killed after"]
    ),
    max_size=12,
)


@given(
    plays=PLAYS,
    count=st.integers(1, 5),
    ordering=st.lists(st.sampled_from("ab"), max_size=5),
    pauses=st.lists(st.sampled_from([0, 1, 600]), max_size=20),
)
def test_in_order_and_never_twice_in_silence(
    plays: list[str], count: int, ordering: list[str], pauses: list[int]
) -> None:
    """Per ordering key. All arrive but those that were refused."""
    asyncio.run(_play(plays, count, ordering, pauses))


async def _play(plays: list[str], count: int, ordering: list[str], pauses: list[int]) -> None:
    keys = [ordering[number % len(ordering)] if ordering else "" for number in range(count)]
    documents = {}
    for number, key in enumerate(keys):
        spec = {
            "channel": {"kind": "MessageChannel", "name": "c"},
            "body": f"{key}{number}",
            "orderingKey": key,
            "order": f"{number:016d}",
        }
        made = document_of(name=f"m{number}", project="shop", spec=spec)
        made["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
        documents[f"m{number}"] = made
    disk, script = Disk(documents), Script(list(plays))
    clock = VirtualClock(NOW)
    for life in range(200):
        await _life(disk, script, clock)
        if all(
            each["status"]["state"] != "Waiting" for each in documents.values() if "status" in each
        ) and all("status" in each for each in documents.values()):
            break
        clock.set_wall(clock.now() + timedelta(seconds=pauses[life] if life < len(pauses) else 600))
    states = [each["status"]["state"] for each in documents.values()]
    assert "Waiting" not in states
    texts = [each.text for each in script.arrived]
    for number, key in enumerate(keys):
        text = f"{key}{number}"
        assert (text in texts) or text in script.refused
    for key in set(keys):
        first = (
            [text for text in dict.fromkeys(texts) if text.startswith(key)]
            if key
            else list(dict.fromkeys(texts))
        )
        expected = [f"{key}{number}" for number, each in enumerate(keys) if each == key]
        assert first == [text for text in expected if text in first]
    seen: dict[str, str] = {}
    for each in script.arrived:
        if each.text in seen:
            assert each.is_repeat, f"{each.text} came twice and does not say so"
            assert each.id == seen[each.text], "a repeat has the key of the first"
        seen[each.text] = each.id


async def _life(disk: Disk, script: Script, clock: VirtualClock) -> None:
    """Run a process until it has nothing to do, or is killed."""
    deliveries = Deliveries(
        cast("Any", disk),
        cast("Any", disk),
        clock,
        waking=Waking(),
        aside=Aside(),
        tally=MessageTally(),
    )
    memory = ChannelMemory(kind="http")
    try:
        while await deliveries.deliver(CHANNEL, memory, script, Delivery(retry_for="9999h")):
            pass
    except Killed:
        return
