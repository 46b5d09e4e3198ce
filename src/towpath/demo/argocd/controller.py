"""The application controller: one pass per Application at a time, woken by what is written and by time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from typing import TYPE_CHECKING, Final

from towpath.demo.argocd import application_status, auto_sync
from towpath.demo.argocd.comparing import Comparing, Level
from towpath.demo.argocd.operating import Operating
from towpath.demo.argocd.surroundings import APPLICATIONS, PROJECTS
from towpath.errors import Expired, NotFound

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from towpath.demo.argocd.cluster import Cluster
    from towpath.demo.argocd.keys import Document, Key
    from towpath.demo.argocd.manifests import Manifests
    from towpath.demo.argocd.surroundings import InstallationParts

SKIP: Final = "argocd.argoproj.io/skip-reconcile"
_FINALIZERS: Final = frozenset(
    {"resources-finalizer.argocd.argoproj.io", "resources-finalizer.argocd.argoproj.io/background"}
)
_AT_ONCE: Final = 20
_log = logging.getLogger(__name__)


class ApplicationController:
    """Reconciles every Application while it runs."""

    def __init__(
        self, around: InstallationParts, cluster: Cluster, manifests: Manifests, *, seed: int = 0
    ) -> None:
        self._around = around
        self._cluster = cluster
        self._comparing = Comparing(around, cluster, manifests)
        self._operating = Operating(around, cluster, manifests, self._comparing)
        self._random = random.Random(seed)  # noqa: S311 - jitter
        self._working: dict[Key, asyncio.Task[None]] = {}
        self._again: set[Key] = set()
        self._wanted: dict[Key, Level] = {}
        self._timers: dict[Key, asyncio.Task[None]] = {}
        self._resync_at: dict[Key, float] = {}
        self._seen: dict[Key, datetime] = {}
        """When what is live was looked at last."""
        self._automated: set[Key] = set()
        self._position = 0
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._rested = asyncio.Condition()
        self._following: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, with every Application that there is."""
        self._position = self._around.objects.revision
        self._following = asyncio.create_task(self._follow())
        for key, _ in self._around.objects.items(APPLICATIONS):
            self._kick(key)

    async def stop(self) -> None:
        """End everything."""
        tasks = [*self._working.values(), *self._timers.values()]
        if self._following is not None:
            tasks.append(self._following)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._timers.clear()

    async def settled(self) -> None:
        """Return once there is nothing to do but to wait for time to pass, or for somebody."""
        async with self._rested:
            await self._rested.wait_for(
                lambda: not self._working and self._position >= self._around.objects.revision
            )

    def look_at_everything(self) -> None:
        """Look at every Application again, as after a fault was taken away."""
        for key, _ in self._around.objects.items(APPLICATIONS):
            self._kick(key)

    async def _follow(self) -> None:
        objects = self._around.objects
        while True:
            await objects.beyond(self._position)
            try:
                changes = objects.since(self._position)
                keys = {change.key for change in changes}
                self._position = max(self._position, *(change.revision for change in changes))
            except Expired:
                keys = set(objects.keys())
                self._position = objects.revision
            if any(key.resource == PROJECTS for key in keys):
                keys |= {key for key, _ in objects.items(APPLICATIONS)}
            for key in keys:
                if key.resource == APPLICATIONS:
                    self._kick(key)
            await self._tell()

    def _kick(self, key: Key) -> None:
        if key in self._working:
            self._again.add(key)
        else:
            self._working[key] = asyncio.create_task(self._work(key))

    async def _work(self, key: Key) -> None:
        try:
            while True:
                self._again.discard(key)
                async with self._turns:
                    with contextlib.suppress(NotFound):  # it was deleted meanwhile
                        await self._pass(key)
                if key not in self._again:
                    break
        except Exception:  # noqa: BLE001 - the others go on; what went wrong is in the log
            _log.exception("Application %s/%s", key.namespace, key.name)
        finally:
            del self._working[key]
            await self._tell()

    async def _tell(self) -> None:
        async with self._rested:
            self._rested.notify_all()

    async def _pass(self, key: Key) -> None:
        application = self._around.objects.get(key)
        if application is None:
            self._forget(key)
            return
        if self._around.faults.stalls:
            return
        if application["metadata"].get("deletionTimestamp"):
            self._finalize(key, application)
            return
        level = self._level(key, application)
        if level is not None and not _is_skipped(application):
            self._wanted.pop(key, None)
            self._seen[key] = self._around.now()
            await self._comparing.compare(key, level)
            self._resync_at[key] = self._next_resync(key, level)
            self._automated.discard(key)
            if auto_sync.policy(application) is not None:
                self._automated.add(key)
        is_over, look = await self._operating.operate(key)
        if is_over:
            self._wanted[key] = Level.LATEST
            self._again.add(key)
        self._set_timer(key, look)

    def _level(self, key: Key, application: Document) -> Level | None:
        """Return how much is to be compared, None if nothing is."""
        asked = application_status.refresh_of(application)
        if asked:
            return Level.HARD if asked == "hard" else Level.LATEST
        wanted = self._wanted.get(key)
        status = application.get("status") or {}
        compared = (status.get("sync") or {}).get("comparedTo")
        if compared != application_status.compared_to(application):
            return Level.LATEST
        if auto_sync.policy(application) is not None and key not in self._automated:
            return Level.LATEST  # it was switched on
        if self._around.clock.monotonic() >= self._resync_at.get(key, 0.0):
            return Level.LATEST
        return wanted

    def _next_resync(self, key: Key, level: Level) -> float:
        if level is Level.RECENT:
            return self._resync_at.get(key, 0.0)
        settings = self._around.settings
        jitter = self._random.uniform(0.0, settings.resync_jitter_seconds)
        return self._around.clock.monotonic() + settings.resync_seconds + jitter

    def _set_timer(self, key: Key, look: timedelta | None) -> None:
        """Have an Application looked at when time alone changes something."""
        if (former := self._timers.pop(key, None)) is not None:
            former.cancel()
        application = self._around.objects.get(key)
        if application is None or _is_skipped(application):
            return
        seen = self._seen.get(key, self._around.now())
        changes = self._cluster.next_change(self._comparing.owner(key), seen)
        heals = self._comparing.heals_in(application)
        seconds = self._resync_at.get(key, 0.0) - self._around.clock.monotonic()
        if look is not None:
            seconds = min(seconds, look.total_seconds())
        moving = [each.total_seconds() for each in (changes, heals) if each is not None]
        level = Level.RECENT if moving and min(moving) <= seconds else None
        wait = max(0.0, min([seconds, *moving]))
        self._timers[key] = asyncio.create_task(self._kick_in(key, wait, level))

    async def _kick_in(self, key: Key, seconds: float, level: Level | None) -> None:
        await self._around.clock.sleep(seconds)
        if level is not None:
            self._wanted[key] = max(level, self._wanted.get(key, level))
        self._timers.pop(key, None)
        self._kick(key)

    def _finalize(self, key: Key, application: Document) -> None:
        """Take away what a deleted Application had deployed, if its finalizer asks for that; then the Application goes."""
        finalizers = application["metadata"].get("finalizers") or []
        if not _FINALIZERS & set(finalizers):
            return
        for live in list(self._cluster.live(self._comparing.owner(key))):
            self._cluster.delete(live)
        left = [each for each in finalizers if each not in _FINALIZERS]
        metadata = application["metadata"] | {"finalizers": left}
        self._around.objects.write(key, application | {"metadata": metadata})

    def _forget(self, key: Key) -> None:
        for known in (self._wanted, self._resync_at, self._seen):
            known.pop(key, None)
        self._automated.discard(key)
        if (timer := self._timers.pop(key, None)) is not None:
            timer.cancel()


def _is_skipped(application: Document) -> bool:
    return (application["metadata"].get("annotations") or {}).get(SKIP) == "true"
