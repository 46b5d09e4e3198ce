"""Follows the store: keeps the Projects that somebody looks at up to date, and tells who listens that something was written.

One watch for each kind serves everybody. It costs nothing until somebody looks for the first time; a Project that nobody looks
at any more is forgotten when there is too much.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from towpath.errors import TowpathError
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.screens import loading
from towpath.screens.live_project import KINDS, LiveProject
from towpath.screens.taking_in import Tasks, take_in, windows_of
from towpath.screens.touched_projects import TouchedProjects
from towpath.store.contract import EventType, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from towpath.clock import Clock
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Store, Watch, WatchEvent

_MOST_STAGES: Final = 30_000
"""Of all Projects that are kept; those that were looked at last stay."""
_LEAST: Final = 10
"""Stages that a Project counts for besides its own: one that has none, or is not there, is not kept for nothing."""
_TOGETHER: Final = 256
_OF_PROJECTS: Final = (scheme.PROJECT, scheme.NAMESPACE)
_TASKS: Final = (scheme.PROMOTION_TASK, scheme.CLUSTER_PROMOTION_TASK)
_log = logging.getLogger(__name__)


class LiveProjects:
    """The Projects that somebody looks at."""

    def __init__(self, store: Store, clock: Clock, most_stages: int = _MOST_STAGES) -> None:
        self._store = store
        self._clock = clock
        self._most = most_stages
        self._projects: OrderedDict[str, LiveProject] = OrderedDict()
        self._reading: dict[str, asyncio.Task[LiveProject]] = {}
        self._tasks = Tasks()
        self._watches: dict[Kind, Watch] = {}
        self._readers: list[asyncio.Task[None]] = []
        self._applied: dict[Kind, int] = {}
        self._news = asyncio.Event()
        self._starting: asyncio.Task[None] | None = None
        self.listeners: list[Callable[[], None]] = []
        """Called when something was written, or when `epoch` has changed."""
        self.touched = TouchedProjects()
        """In which Projects something was written, whether they are kept or not."""
        self.names: tuple[str, ...] = ()
        """Of the Projects that there are, in order, once `catch_up` was called."""
        self.named = 0
        """Grows when a Project has come or gone."""
        self.epoch = 0
        """Grows when what was known had to be thrown away, because the store's news were read too slowly."""
        self.kept: Callable[[str], bool] = lambda _: False
        """Whether somebody listens to what becomes of a Project, so that it must be kept."""
        self.written: Callable[[Ref | None], None] = lambda _: None
        """Called with each object that was written; None: with any, since news were lost."""

    @property
    def revision(self) -> int:
        """The revision of the store that is shown, once `project` has returned or `catch_up` was called."""
        return self._store.revision()

    def known(self, name: str) -> LiveProject | None:
        """Return a Project that is kept, as it was shown last; None if it is not kept."""
        return self._projects.get(name)

    async def project(self, name: str) -> LiveProject:
        """Return a Project as the store has it now. One that does not exist is empty."""
        await self._start()
        while True:
            epoch = self.epoch
            live = self._projects.get(name)
            if live is None or name in self._reading:
                reading = self._reading.get(name)
                if reading is None:
                    reading = asyncio.create_task(self._read(name), name=f"board of {name}")
                    self._reading[name] = reading
                    reading.add_done_callback(lambda _: self._reading.pop(name, None))
                live = await asyncio.shield(reading)
            self._projects.move_to_end(name)
            await self.catch_up()
            while live.wanted_freight or live.wanted_promotions:
                await loading.complete(self._store, live, self._tasks)
            if epoch == self.epoch and self._projects.get(name) is live and await self._made(live):
                return live

    async def current(self, name: str) -> LiveProject:
        """Return a Project as of what was taken in so far; it is read if it is not kept."""
        live = self._projects.get(name)
        if live is None or name in self._reading or live.wanted_freight or live.wanted_promotions:
            return await self.project(name)
        return live if await self._made(live) else await self.project(name)

    def due(self) -> datetime | None:
        """Return when time alone will change something of what is kept because somebody listens; None if it will not."""
        moments = [
            each.due for name, each in self._projects.items() if each.due and self.kept(name)
        ]
        return min(moments, default=None)

    async def _made(self, live: LiveProject) -> bool:
        """Bring a Project in line with what was taken in so far; return whether it still is what is kept, and complete."""
        while not live.refresh(self._clock.now(), self._store.revision()):  # noqa: ASYNC110 - each turn does a part
            await asyncio.sleep(0)
        is_complete = not (live.wanted_freight or live.wanted_promotions)
        return is_complete and self._projects.get(live.name) is live

    async def catch_up(self) -> None:
        """Return once everything that the store had acknowledged was taken in."""
        await self._start()
        wanted = {kind: self._store.changed((kind,)) for kind in KINDS}
        while True:
            self.take()
            if all(self._applied[kind] >= at for kind, at in wanted.items()):
                return
            self._news.clear()
            await self._news.wait()
            await self._start()  # should everything have been forgotten meanwhile

    def take(self) -> None:
        """Take in what is there without waiting."""
        for kind, watch in tuple(self._watches.items()):
            while events := watch.take(_TOGETHER):
                self._apply_all(kind, events)

    async def close(self) -> None:
        """Follow no more."""
        for each in (*self._readers, *self._reading.values()):
            each.cancel()
        await asyncio.gather(*self._readers, *self._reading.values(), return_exceptions=True)
        for watch in self._watches.values():
            await watch.aclose()
        self._watches.clear()

    async def _start(self) -> None:
        if self._watches:
            return
        if self._starting is None:
            self._starting = asyncio.create_task(self._begin(), name="screens-begin")
        starting = self._starting
        await asyncio.shield(starting)

    async def _begin(self) -> None:
        """Begin to watch; tasks are read at once, they are few."""
        try:
            await self._watch()
        finally:
            self._starting = None

    async def _watch(self) -> None:
        since = self._store.revision()
        names: list[str] = []
        async for batch in self._store.scan(Query(kind=scheme.PROJECT)):
            names += [each.ref.name for each in batch]
        self._set_names(names)
        self._tasks = Tasks()
        for kind in _TASKS:
            async for batch in self._store.scan(Query(kind=kind)):
                for stored in batch:
                    self._tasks.set(stored.ref, stored)
        self._applied = dict.fromkeys(KINDS, since)
        self._watches = {kind: self._store.watch(Query(kind=kind), since=since) for kind in KINDS}
        self._readers = [
            asyncio.create_task(self._follow(kind, watch), name=f"screens-{kind.plural}")
            for kind, watch in self._watches.items()
        ]

    async def _read(self, name: str) -> LiveProject:
        live = LiveProject(name)
        self._projects[name] = live  # from now on news are told to it
        try:
            await loading.read(self._store, live, self._tasks)
        except BaseException:
            if self._projects.get(name) is live:
                del self._projects[name]
            raise
        self._make_room(name)
        return live

    def _make_room(self, besides: str) -> None:
        count = sum(_LEAST + len(each.stages) for each in self._projects.values())
        for name in tuple(self._projects):
            if count <= self._most:
                return
            if name != besides and name not in self._reading and not self.kept(name):
                count -= _LEAST + len(self._projects.pop(name).stages)

    async def _follow(self, kind: Kind, watch: Watch) -> None:
        try:
            async for event in watch:
                self._apply_all(kind, (event, *watch.take(_TOGETHER)))
        except TowpathError as error:
            _log.warning("what screens show is read anew: %s", error)
            await self._begin_anew()
        except Exception:  # noqa: BLE001 - else nothing of this kind would be shown any more
            _log.exception("what screens show is read anew: %s cannot be followed", kind.plural)
            await self._begin_anew()

    async def _begin_anew(self) -> None:
        """Forget everything: some news were lost."""
        if not self._watches:
            return
        watches, self._watches = self._watches, {}
        current = asyncio.current_task()
        for reader in self._readers:
            if reader is not current:
                reader.cancel()
        for watch in watches.values():
            await watch.aclose()
        self._projects.clear()
        self.touched.note_all()
        self.epoch += 1
        self.written(None)
        self._tell()

    def _apply_all(self, kind: Kind, events: Sequence[WatchEvent]) -> None:
        is_news = False
        for event in events:
            self._applied[kind] = max(self._applied[kind], event.revision)
            if event.object is not None:
                self._apply_one(event)
                is_news = True
        if is_news:
            self._tell()

    def _apply_one(self, event: WatchEvent) -> None:
        """Take in one object. Whatever is wrong with it, those behind it are taken in."""
        try:
            self._apply(event)
        except TowpathError:
            raise  # the world's answer, not a fault of the object
        except Exception:  # noqa: BLE001 - whatever it is, it concerns this one object
            ref = event.object.ref if event.object is not None else "an object"
            _log.exception("%s is shown as it was before: it cannot be taken in", ref)

    def _apply(self, event: WatchEvent) -> None:
        stored = event.object
        if stored is None:
            return
        ref = Ref(stored.ref.kind, stored.ref.namespace, stored.ref.name)
        self.written(ref)
        there = None if event.type is EventType.DELETED else stored
        if ref.kind in _TASKS:
            self._tasks.set(ref, there)
            self._apply_task(ref)
            return
        if ref.kind is scheme.CLUSTER_CONFIG:
            self.touched.note_all()
            windows = windows_of(there)
            for each in self._projects.values():
                if each.is_news(ref, event.revision):
                    each.set_cluster_windows(windows)
            return
        name = ref.name if ref.kind in _OF_PROJECTS else ref.namespace
        self.touched.note(name)
        if ref.kind is scheme.PROJECT and (name in self.names) is not (there is not None):
            others = (each for each in self.names if each != name)
            self._set_names(others if there is None else (*others, name))
        live = self._projects.get(name)
        if live is not None and live.is_news(ref, event.revision):
            take_in(live, ref, there, self._tasks)

    def _apply_task(self, ref: Ref) -> None:
        """Have Stages that may be made from a task looked at again: their Projects are read anew when next asked for."""
        if ref.namespace:
            self.touched.note(ref.namespace)
        else:
            self.touched.note_all()
        for name, live in tuple(self._projects.items()):
            if ref.namespace in ("", name) and any(
                each.made_from is not None for each in live.stages.values()
            ):
                del self._projects[name]

    def _set_names(self, names: Iterable[str]) -> None:
        found = tuple(sorted(names))
        self.named += found != self.names
        self.names = found

    def _tell(self) -> None:
        self._news.set()
        for listener in self.listeners:
            listener()
