"""However tells and readers come between each other, every reader ends with what its channels end with."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest

from tests.support.pipeline import USER
from towpath.clock import VirtualClock, settle
from towpath.screens import subjects
from towpath.screens.channels import Channels
from towpath.screens.subscription import ScreenSubscription

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.kinds import Ref
    from towpath.rules.board.patches import Document, Patch

TOPICS = ("one", "two", "three")


@dataclass(frozen=True)
class _Part:
    """What a channel is about: a document whose reading others may come between."""

    topic: str
    world: _World = field(compare=False, repr=False)
    ref: None = None

    async def document(self) -> tuple[Document, int]:
        await self.world.wait()
        found = dict(self.world.values[self.topic]), self.world.changed_at[self.topic]
        await self.world.wait()
        return found

    def shown(self, patch: Patch) -> Patch:
        return patch

    def concerns(self, project: str) -> bool:
        return bool(project)


class _World:
    """A store and what is made of it, as far as channels ask."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.values: dict[str, dict[str, int]] = {topic: {} for topic in TOPICS}
        self.changed_at = dict.fromkeys(TOPICS, 0)
        self.revision = 0
        self.named = 0
        self.listeners: list[Callable[[], None]] = []
        self.kept: Callable[[str], bool] | None = None
        self.written: Callable[[Ref | None], None] | None = None
        self.clock = VirtualClock()
        self.channels = Channels(cast("Any", self), self.clock)
        store = SimpleNamespace(changed=lambda _: 0)
        self.screens: Any = SimpleNamespace(
            projects=self, channels=self.channels, store=store, clock=self.clock
        )

    async def wait(self) -> None:
        for _ in range(self.chance.randrange(3)):
            await asyncio.sleep(0)

    async def catch_up(self) -> None:
        await self.wait()

    def due(self) -> None:
        return None

    def write(self) -> None:
        self.revision += 1
        topic = self.chance.choice(TOPICS)
        self.values[topic] = {**self.values[topic], self.chance.choice("abc"): self.revision}
        self.changed_at[topic] = self.revision


class _Page:
    """Somebody who has loaded the documents, and changes them as the stream tells."""

    def __init__(self, world: _World) -> None:
        self.world = world
        self._using = asyncio.Lock()
        self.load()
        self.reader = self._new()

    def _new(self) -> ScreenSubscription:
        return ScreenSubscription(self.world.screens, cast("Any", None), USER.user, TOPICS)

    def load(self) -> None:
        """Have all documents as they are now."""
        self.shown = {topic: dict(of) for topic, of in self.world.values.items()}
        self.revision = self.world.revision

    async def begin(self) -> None:
        await self.reader.begin(self.revision)

    async def read(self) -> None:
        async with self._using:
            told = await self.reader.frames()
        for event in told.split(b"\n\n"):
            lines = dict(each.split(b": ", 1) for each in event.split(b"\n") if each)
            data = msgspec.json.decode(lines[b"data"]) if lines else {}
            if b"id" in lines:
                self.revision = int(lines[b"id"])
            if not lines:
                continue
            if lines[b"event"] == b"reset":
                self.shown[data["t"]] = dict(self.world.values[data["t"]])
            elif "set" in data and data["set"] is not None:
                self.shown[data["t"]][data["k"]] = data["set"]

    async def begin_anew(self) -> None:
        """Have the stream break off, and go on from what was told last, or from documents that are loaded anew."""
        async with self._using:
            await self.reader.aclose()
            if self.world.chance.random() < 0.5:
                self.load()
            await self.world.wait()
            self.reader = self._new()
            await self.begin()


@pytest.mark.parametrize("seed", range(100))
async def test_every_reader_ends_with_what_its_channels_end_with(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """What is told is shared by who has heard as much, and tells of several channels have others between them."""
    world = _World(seed)

    async def subject(*given: Any) -> _Part:
        return _Part(given[-1], world)

    monkeypatch.setattr(subjects, "subject", subject)
    pages = [_Page(world) for _ in range(4)]
    for each in pages:
        await each.begin()
    tasks: list[asyncio.Task[Any]] = []
    for _ in range(60):
        chance = world.chance.random()
        if chance < 0.3:
            world.write()
        elif chance < 0.5:
            tasks.append(asyncio.create_task(world.channels.update()))
        elif chance < 0.6:
            tasks.append(asyncio.create_task(world.chance.choice(pages).begin_anew()))
        elif chance < 0.9:
            tasks.append(asyncio.create_task(world.chance.choice(pages).read()))
        else:
            await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    await world.channels.update()
    for each in pages:
        await each.read()
        assert each.shown == world.values
    for each in pages:
        await each.reader.aclose()
    await world.channels.close()
    await settle()
