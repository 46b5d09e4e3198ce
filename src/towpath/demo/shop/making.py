"""Has the engine live through the shop's three weeks, in seconds: with its controllers, and a clock that is put forward."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.admission.requester import ADMIN, Requester
from towpath.app import composition
from towpath.app.live_settings import LiveSettings
from towpath.demo import images
from towpath.demo.jumping_clock import JumpingClock
from towpath.demo.shop import story
from towpath.demo.shop.story import ShopBuild, ShopMove
from towpath.disk import removal
from towpath.errors import Unavailable
from towpath.resources import scheme
from towpath.resources.annotations import REASON, REFRESH
from towpath.resources.kinds import Ref
from towpath.store.contract import Query
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from towpath.app.settings.operator import OperatorSettings
    from towpath.app.system import System
    from towpath.demo.repositories import DemoRepositories
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Store

Document = dict[str, Any]
_PACE: Final = 120.0
"""How fast wall time goes while the engine works."""
_PATIENCE_SECONDS: Final = 60.0
"""Of real time, for what follows one thing that happened."""
_LOOK_SECONDS: Final = 0.01
_SETTLED: Final = frozenset({"Succeeded", "Failed", "Errored", "Aborted"})
_MEASURED: Final = frozenset({"Successful", "Failed", "Error", "Inconclusive"})
_LEAD: Final = timedelta(minutes=10)
UNFINISHED: Final = ".unfinished"
"""How the name of a data directory ends whose history is not whole."""
_REGISTRY_PATH: Final = "shop/main-containers"


@dataclass(frozen=True, slots=True)
class HistorySurroundings:
    """What the history is made with."""

    data: Path
    """The data directory; where it is there already, nothing is made."""
    key_file: Path
    operator: OperatorSettings
    registry: str
    """URL of the demo's registry."""
    sources: DemoRepositories
    """Where the sources of the products are."""
    source_base: str
    """What their URLs begin with."""
    documents: Sequence[Document]
    """The manifests of the shop as they were then, in the order in which they are applied."""
    programs: str


async def make(around: HistorySurroundings, now: datetime) -> bool:
    """Make the history that ends now, unless there is a data directory already; return whether it was made. Raises Unavailable.

    It has its name once it is whole: one that was cut off is made anew.
    """
    if await asyncio.to_thread(around.data.exists):
        return False
    unfinished = around.data.with_name(f"{around.data.name}{UNFINISHED}")
    await asyncio.to_thread(removal.remove, unfinished)
    await _made(around, unfinished, now)
    await asyncio.to_thread(unfinished.rename, around.data)
    return True


async def _made(around: HistorySurroundings, data: Path, now: datetime) -> None:
    first, *_ = story.events()
    clock = JumpingClock(now - timedelta(hours=first.hours_ago) - _LEAD, pace=_PACE)
    store = await open_store(
        data,
        key_file=around.key_file,
        scheme=scheme.SCHEME,
        clock=clock,
        command="towpath demo",
    )
    try:
        live = LiveSettings(around.operator)
        async with composition.running(
            store, clock, data=data, live=live, own=(), programs=around.programs
        ) as system:
            await system.manager.listed()
            await _Past(around, store, system, clock, now).live()
    finally:
        await store.close()


class _Past:
    """Lives through what happened."""

    def __init__(
        self,
        around: HistorySurroundings,
        store: Store,
        system: System,
        clock: JumpingClock,
        now: datetime,
    ) -> None:
        self._around = around
        self._store = store
        self._system = system
        self._clock = clock
        self._now = now
        self._looks = 0

    async def live(self) -> None:
        """Apply the shop, then have everything happen at its moment; the clock ends at now."""
        later = {each["metadata"]["name"]: each for each in self._around.documents if _looks(each)}
        for document in self._around.documents:
            if not _looks(document):
                await self._system.writer.create(document, ADMIN)
        for event in story.events():
            await self._until("everything to rest", self._is_at_rest)
            # In the same turn of the loop: a pass that is under way would count as one that took days.
            self._clock.jump(self._now - timedelta(hours=event.hours_ago))
            if isinstance(event, ShopBuild):
                await self._build(event, later.pop(event.product, None))
            else:
                await self._move(event)
        await self._until("everything to rest", self._is_at_rest)
        self._clock.jump(self._now)
        await self._until("everything to rest", self._is_at_rest)

    async def _build(self, event: ShopBuild, warehouse: Document | None) -> None:
        """Push an image, and wait for what follows. `warehouse`: is made once there is something to look at."""
        repository = f"{_REGISTRY_PATH}/{event.product}"
        sources = f"{event.product}.git"
        commit = await asyncio.to_thread(
            self._around.sources.release,
            sources,
            event.version,
            story.CHANGES.get((event.product, event.version), {}),
            self._clock.now(),
        )
        await asyncio.to_thread(
            images.push_image,
            self._around.registry,
            repository,
            event.version,
            when=self._clock.now(),
            of=images.BuiltFrom(f"{self._around.source_base}{sources}", commit),
        )
        if warehouse is not None:
            await self._system.writer.create(warehouse, ADMIN)
        self._looks += 1
        ref = Ref(scheme.WAREHOUSE, story.PROJECT, event.product)
        await self._system.writer.annotate(ref, {REFRESH: str(self._looks)}, ADMIN)
        await self._until(
            f"{event.product} {event.version} in test", lambda: self._is_verified(event)
        )

    async def _move(self, event: ShopMove) -> None:
        freight = await self._freight(event.product, event.version)
        if freight is None:
            raise Unavailable(f"the demo's history: there is no {event.product} {event.version}")
        if event.place in story.REGIONS:
            await self._until(f"the soak before {event.stage}", lambda: self._is_let_in(event))
        document = {
            "apiVersion": f"{scheme.KARGO}/v1alpha1",
            "kind": "Promotion",
            "metadata": {
                "namespace": story.PROJECT,
                "annotations": {REASON: event.reason} if event.reason else {},
            },
            "spec": {"stage": event.stage, "freight": freight["metadata"]["name"]},
        }
        by = Requester(f"email:{event.who}", user=ADMIN.user)
        written = await self._system.writer.create(document, by)
        ref = written.stored.ref

        async def is_over() -> bool:
            return _phase((await self._store.get(ref)).document) in _SETTLED

        await self._until(f"the end of {ref.name}", is_over)
        ended = (await self._store.get(ref)).document
        if (_phase(ended) == "Succeeded") == event.fails:
            said = ended["status"].get("message", "")
            raise Unavailable(f"the demo's history: {ref.name} ended {_phase(ended)}: {said}")

    async def _is_verified(self, event: ShopBuild) -> bool:
        """Whether what was built has been tried in `test`, and is verified there unless it is faulty."""
        freight = await self._freight(event.product, event.version)
        stage = f"{event.product}-test"
        status = (freight or {}).get("status") or {}
        if stage not in (status.get("currentlyIn") or {}):
            return False
        is_faulty = (event.product, event.version) in story.FAULTY
        return is_faulty or stage in (status.get("verifiedIn") or {})

    async def _is_let_in(self, event: ShopMove) -> bool:
        """Whether a version that has soaked may go to the regions: it takes a pass of the controller of Stages."""
        freight = await self._freight(event.product, event.version)
        verified = ((freight or {}).get("status") or {}).get("verifiedIn") or {}
        return f"{event.product}-soak" in verified

    async def _is_at_rest(self) -> bool:
        promotions = await self._all(scheme.PROMOTION)
        runs = await self._all(scheme.ANALYSIS_RUN)
        if any(_phase(each) not in _SETTLED for each in promotions):
            return False
        if any(_phase(each) not in _MEASURED for each in runs):
            return False
        if not all(_is_settled(each) for each in await self._all(scheme.STAGE)):
            return False
        return not any(each.queue.active() for each in self._system.controllers)

    async def _freight(self, product: str, version: str) -> Document | None:
        for each in await self._all(scheme.FREIGHT):
            image = (each.get("images") or [{}])[0]
            is_of = image.get("repoURL", "").endswith(f"/{product}")
            if is_of and image.get("tag") == version:
                return each
        return None

    async def _all(self, kind: Kind) -> list[Document]:
        query = Query(kind=kind, namespace=story.PROJECT)
        return [each.document async for batch in self._store.scan(query) for each in batch]

    async def _until(self, what: str, is_so: Callable[[], Awaitable[bool]]) -> None:
        end = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while not await is_so():
            if asyncio.get_running_loop().time() > end:
                raise Unavailable(f"the demo's history: waited in vain for {what}")
            await asyncio.sleep(_LOOK_SECONDS)


def _is_settled(stage: Document) -> bool:
    """Whether a Stage has taken in its last Promotion, and what it holds has been verified or found wanting."""
    status = stage.get("status") or {}
    if status.get("currentPromotion"):
        return False
    held = (status.get("freightHistory") or [{}])[0]
    newest = (held.get("verificationHistory") or [{}])[0]
    return newest.get("phase") not in ("Pending", "Running")


def _looks(document: Document) -> bool:
    return bool(document["kind"] == scheme.WAREHOUSE.name)


def _phase(document: Document) -> str:
    return str((document.get("status") or {}).get("phase") or "")
