"""The manager: starts controllers, says when they have seen everything, stops them in order."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.clock import Clock
    from towpath.runtime.controller import Controller

_log = logging.getLogger(__name__)


class Manager:
    """Runs controllers until it is stopped, or one of them fails."""

    def __init__(
        self, controllers: Iterable[Controller], *, clock: Clock, stop_seconds: float = 10.0
    ) -> None:
        """`stop_seconds`: how long the work under way may take to end before it is cancelled."""
        self._controllers = tuple(controllers)
        self._clock = clock
        self._stop_seconds = stop_seconds
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start the controllers. Raises RuntimeError when that was done before."""
        if self._tasks:
            raise RuntimeError("the manager was started before")
        self._tasks = [
            asyncio.create_task(controller.run(), name=controller.name)
            for controller in self._controllers
        ]

    async def listed(self) -> None:
        """Return when every controller has seen all there is. Raises what made one of them fail."""
        listing = asyncio.ensure_future(
            asyncio.gather(*(controller.listed() for controller in self._controllers))
        )
        failing = asyncio.ensure_future(self.failed())
        await asyncio.wait((listing, failing), return_when=asyncio.FIRST_COMPLETED)
        try:
            if not listing.done():
                failing.result()
        finally:
            listing.cancel()
            failing.cancel()

    async def failed(self) -> None:
        """Return when a controller has ended. Raises what made it fail: nothing is restarted in silence."""
        if self._tasks:
            done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if not task.cancelled():
                    task.result()

    async def stop(self) -> None:
        """Let the work under way end, up to the deadline, then cancel what is left; twice is fine."""
        for controller in self._controllers:
            controller.stop()
        if not self._tasks:
            return
        timer = asyncio.create_task(self._clock.sleep(self._stop_seconds))
        stopping = asyncio.ensure_future(asyncio.wait(self._tasks))
        await asyncio.wait((timer, stopping), return_when=asyncio.FIRST_COMPLETED)
        timer.cancel()
        for task in self._tasks:
            if not task.done():
                _log.warning("%s: its work did not end in time and is cancelled", task.get_name())
                task.cancel()
        await stopping
