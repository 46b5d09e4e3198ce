"""What is ill with a server, as it sees itself, and what is to be done about it.

Each look is a function that says what it finds; whoever adds a part that can be ill adds its look to `looks`. A look says at most
so many things, however many are ill, and one that raises keeps no other from being made.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import __version__, errors
from towpath.local import examining
from towpath.messages import FOREIGN_BYTES, foreign
from towpath.resources import moments, scheme
from towpath.resources.document import at
from towpath.resources.finding import MOST_NAMED, Finding, Wellness, together
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from pathlib import Path

    from towpath.app.system import System
    from towpath.clock import Clock
    from towpath.resources.kinds import Kind
    from towpath.server.open_watches import OpenWatches
    from towpath.store.contract import Store, Stored

    Look = Callable[[], AsyncIterator[Finding]]

_OK, _ILL, _UNKNOWN = Wellness.OK, Wellness.ILL, Wellness.UNKNOWN
_LOOK_SECONDS: Final = 10.0
_BACKWARDS_SECONDS: Final = 5.0
_LATE_SECONDS: Final = 10.0
"""How long a key may be ready without anybody working on it."""
_LAG: Final = 5_000
"""Writes that a watch may have still to read: with 10,000 it is cut off."""
_LEAST_FREE: Final = 1 << 30
_STALL_SECONDS: Final = 0.25
_READY: Final = (
    (scheme.WAREHOUSE, "Warehouses", "warehouse"),
    (scheme.MESSAGE_CHANNEL, "message channels", "channel"),
)
"""What looks outside, and says of itself whether it can: all of them, and one as `towpath explain` calls it."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Doctor:
    """Looks at a server. Parts that are not made with it add their looks."""

    store: Store
    clock: Clock
    system: System
    watches: OpenWatches
    data: Path
    looks: tuple[Look, ...] = ()
    """Of other parts."""

    async def findings(self) -> list[Finding]:
        """Return what every look finds, in their order."""
        own = (
            self._server,
            self._clocks,
            self._disk,
            self._search,
            self._programs,
            self._hosts,
            self._connections,
            self._ready,
            self._queues,
            self._loop,
            self._streams,
        )
        found: list[Finding] = []
        for look in (*own, *self.looks):
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    found += [each async for each in look()]
            except Exception as error:  # noqa: BLE001 - one look that fails keeps no other from being made
                _log.exception("a look at the server failed")
                what = getattr(look, "__name__", "look").strip("_")
                said = (
                    error.message
                    if isinstance(error, errors.TowpathError)
                    else type(error).__name__
                )
                found.append(
                    Finding(what, _UNKNOWN, f"it could not be looked at: {said}", "see the log")
                )
        return found

    async def _server(self) -> AsyncIterator[Finding]:
        health = self.system.health
        remedy = "start it anew; if it is so again, the log says what it waits for"
        if why := health.not_live():
            yield Finding("server", _ILL, why, remedy)
        elif why := health.not_ready():
            yield Finding(
                "server", _ILL, why, "see disk; it goes on by itself once the store can be written"
            )
        else:
            yield Finding(
                "server", _OK, f"version {__version__}, at revision {self.store.revision()}"
            )

    async def _clocks(self) -> AsyncIterator[Finding]:
        now = self.clock.now()
        newest = self.store.revision()
        entries = await self.store.log(after=max(newest - 1, 0), limit=1) if newest else ()
        behind = (entries[-1].time - now).total_seconds() if entries else 0.0
        if behind > _BACKWARDS_SECONDS:
            said = f"it is {moments.written(now)}, and the last write was {behind:.0f} s later: the clock was set back"
            yield Finding("clock", _ILL, said, "have the machine follow a time server")
        else:
            yield Finding("clock", _OK, f"it is {moments.written(now)}")

    async def _disk(self) -> AsyncIterator[Finding]:
        usage = await asyncio.to_thread(shutil.disk_usage, self.data)
        said = f"{usage.free:,} of {usage.total:,} bytes are free where the data lies"
        if usage.free < _LEAST_FREE:
            yield Finding(
                "disk", _ILL, said, "make room: when the disk is full nothing can be written"
            )
        else:
            yield Finding("disk", _OK, said)

    async def _search(self) -> AsyncIterator[Finding]:
        if why := self.store.terms_hindrance():
            said = (
                f"what things are found by cannot be kept: {foreign(why, most_bytes=FOREIGN_BYTES)}"
            )
            remedy = "see disk; it is tried again by itself, and made anew where it is damaged"
            yield Finding("search", _ILL, said, remedy)
        else:
            yield Finding("search", _OK, "what things are found by is kept")

    async def _programs(self) -> AsyncIterator[Finding]:
        yield await asyncio.to_thread(examining.program_found, "git")

    async def _hosts(self) -> AsyncIterator[Finding]:
        silent = self.system.egress.health.silent()
        for host, since, cause in silent[:MOST_NAMED]:
            said = f"it has not answered since {moments.written(since)}: {foreign(cause, most_bytes=FOREIGN_BYTES)}"
            yield Finding(
                f"host {host}",
                _ILL,
                said,
                "see whether it is reached from the server, and through which proxy",
            )
        yield together("hosts", len(silent), "all that were asked lately have answered")

    async def _connections(self) -> AsyncIterator[Finding]:
        connections = self.system.argocd.every()
        ill = [each for each in connections if each.reach.error]
        for each in ill[:MOST_NAMED]:
            name = each.definition.name
            said = (
                f"{each.reach.state.value}: {foreign(each.reach.error, most_bytes=FOREIGN_BYTES)}"
            )
            remedy = f"towpath get argocd {name} -o wide"
            yield Finding(f"Argo CD connection {name}", _ILL, said, remedy)
        yield together("Argo CD connections", len(ill), f"{len(connections)}, all of them reached")

    async def _ready(self) -> AsyncIterator[Finding]:
        for kind, title, called in _READY:
            ill, count = 0, 0
            async for each in _all_of(self.store, kind):
                count += 1
                why = _unready(each)
                if why is None:
                    continue
                ill += 1
                if ill <= MOST_NAMED:
                    name, project = each.ref.name, each.ref.namespace
                    said = foreign(why, most_bytes=FOREIGN_BYTES)
                    remedy = f"towpath explain {called}/{name} -p {project}"
                    yield Finding(f"{called}/{name} of {project}", _ILL, said, remedy)
            yield together(title, ill, f"{count}, all of them ready")

    async def _queues(self) -> AsyncIterator[Finding]:
        overdue = self.system.health.overdue()
        late = 0
        for each in self.system.controllers:
            waits = each.queue.takeable_seconds
            if overdue.get(each.name):
                late += 1
                said = f"{overdue[each.name]} keys are due and nobody works on them"
                yield Finding(
                    f"queue of {each.name}", _ILL, said, "this is a fault: report it with the log"
                )
            elif waits > _LATE_SECONDS:
                late += 1
                said = f"{len(each.queue)} keys are ready, the first for {waits:.0f} s"
                yield Finding(
                    f"queue of {each.name}",
                    _ILL,
                    said,
                    "see whether the machine is busy, or passes wait for a host",
                )
            for gone in itertools.islice(each.interruptions(), MOST_NAMED):
                late += 1
                said = foreign(str(gone), most_bytes=FOREIGN_BYTES)
                yield Finding(f"sources of {each.name}", _ILL, said, "it is tried again by itself")
        yield together(
            "queues", late, f"{len(self.system.controllers)} controllers, none of them behind"
        )

    async def _loop(self) -> AsyncIterator[Finding]:
        stall = self.system.heartbeat.stalls.recent_seconds()
        if stall >= _STALL_SECONDS:
            said = f"it stood still for {stall * 1000:.0f} ms within the last minute"
            yield Finding(
                "event loop",
                _ILL,
                said,
                "see whether the machine is busy; the log names what stood for long",
            )
        else:
            yield Finding(
                "event loop",
                _OK,
                f"it stood still for {stall * 1000:.0f} ms at most within the last minute",
            )

    async def _streams(self) -> AsyncIterator[Finding]:
        waiting = self.store.waiting()
        said = f"{self.watches.count} are open, the slowest has {waiting.lag} writes to read"
        if waiting.lag > _LAG:
            yield Finding(
                "streams",
                _ILL,
                said,
                "a client does not read: it is cut off before long, and begins anew",
            )
        else:
            yield Finding("streams", _OK, said)


async def _all_of(store: Store, kind: Kind) -> AsyncIterator[Stored]:
    async for batch in store.scan(Query(kind=kind)):
        for each in batch:
            yield each


def _unready(stored: Stored) -> str | None:
    """Return why an object says that it is not ready; None where it is, or nothing has looked at it yet."""
    found: Any = at(stored.document, "status", "conditions")
    conditions: Iterable[Any] = found if isinstance(found, list) else ()
    for each in conditions:
        if at(each, "type") == "Ready" and at(each, "status") == "False":
            return str(at(each, "message") or at(each, "reason") or "it does not say why")
    return None
