"""The parts that run by themselves: the controllers' manager, and what watches over the process."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from towpath.app.health import watch_store
from towpath.app.parts.closing import CLOSE_SECONDS
from towpath.runtime import wall

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from towpath.clock import Clock
    from towpath.runtime.heartbeat import Heartbeat
    from towpath.runtime.manager import Manager
    from towpath.store.contract import Store


@asynccontextmanager
async def watching(
    *, store: Store, clock: Clock, heartbeat: Heartbeat, manager: Manager
) -> AsyncIterator[None]:
    """Watch the event loop, the store and the wall clock; the manager is told when there is something to do again."""
    tasks = [
        asyncio.create_task(heartbeat.run(), name="heartbeat"),
        asyncio.create_task(watch_store(store, clock, manager.wake_failed), name="store-watch"),
        asyncio.create_task(
            wall.watch(clock, lambda _: manager.wake_all()), name="wall-clock-watch"
        ),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=CLOSE_SECONDS)


@asynccontextmanager
async def managing(manager: Manager) -> AsyncIterator[None]:
    """Run the controllers, which are stopped before anything they work with is closed."""
    try:
        manager.start()
        yield
    finally:
        await manager.stop()
