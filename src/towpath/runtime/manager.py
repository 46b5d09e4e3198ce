"""The manager: starts controllers, says when they have seen everything, stops them in order.

One manager is one term of office: it is started once and stopped once. Where several processes share the
work, whoever holds the lease makes a manager, and stops it before the lease is given away.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from towpath import errors
from towpath.runtime.ending import GRACE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from towpath.clock import Clock
    from towpath.runtime.controller import Controller

_log = logging.getLogger(__name__)


class Manager:
    """Runs controllers until it is stopped. Nothing that failed is restarted in silence."""

    def __init__(
        self, controllers: Iterable[Controller], *, clock: Clock, stop_seconds: float = 10.0
    ) -> None:
        """`stop_seconds`: how long the work under way may take to end before it is cancelled."""
        self._controllers = tuple(controllers)
        self._clock = clock
        self._stop_seconds = stop_seconds
        self._following: list[asyncio.Task[Any]] = []
        self._working: list[asyncio.Task[None]] = []
        self._started = False
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Start the controllers, in their order. Raises RuntimeError when that was done before."""
        if self._started:
            raise RuntimeError("the manager was started before; make another one")
        self._started = True
        for controller in self._controllers:
            self._following.append(
                asyncio.create_task(controller.follow(), name=f"{controller.name}-sources")
            )
            self._working.append(
                asyncio.create_task(controller.work(), name=f"{controller.name}-workers")
            )

    async def listed(self) -> None:
        """Return when every controller has seen all there is, so that reads of others can be trusted.

        Raises what made a controller fail before that, and Unavailable when the manager was stopped.
        """
        self._require_started()
        listing = asyncio.create_task(self._all_listed())
        ending = asyncio.create_task(self.ended())
        try:
            await asyncio.wait((listing, ending), return_when=asyncio.FIRST_COMPLETED)
            if ending.done():
                ending.result()
                raise errors.Unavailable("the manager was stopped before everything was listed")
        finally:
            listing.cancel()
            ending.cancel()

    async def _all_listed(self) -> None:
        for controller in self._controllers:
            await controller.listed()

    async def ended(self) -> None:
        """Return when `stop` was called. Raises what made a controller fail before that."""
        self._require_started()
        stopping = asyncio.create_task(self._stopping.wait())
        tasks = (*self._following, *self._working)
        try:
            await asyncio.wait((stopping, *tasks), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        if self._stopping.is_set():
            return
        for task in tasks:
            if task.cancelled():
                raise RuntimeError(f"{task.get_name()} was cancelled by somebody else")
            if task.done():
                task.result()

    def wake_failed(self) -> None:
        """Have everything that waits for its back-off worked on now: what was in the way is gone."""
        for controller in self._controllers:
            controller.wake_failed()

    def wake_all(self) -> None:
        """Have everything that waits for a time worked on now: the wall clock was set."""
        for controller in self._controllers:
            controller.wake_all()

    async def stop(self) -> None:
        """Begin nothing new, let the work under way end up to the deadline, then cut off what is left.

        What does not end then either is left behind: this always returns. Twice is fine. A controller's fault is not
        raised here; `ended` does that.
        """
        self._stopping.set()
        for controller in self._controllers:
            controller.stop()
        timer = asyncio.create_task(self._clock.sleep(self._stop_seconds))
        finishing = asyncio.gather(*self._working, return_exceptions=True)
        try:
            await asyncio.wait((timer, finishing), return_when=asyncio.FIRST_COMPLETED)
            self._warn_of_cuts()
        finally:
            for task in (timer, *self._working, *self._following):
                task.cancel()
        await self._see_off((*self._working, *self._following))

    async def _see_off(self, tasks: Sequence[asyncio.Task[Any]]) -> None:
        """Wait for tasks that were told to end: workers leave behind what does not, so they end soon after."""
        patience = asyncio.create_task(self._clock.sleep(2 * GRACE_SECONDS))
        ending = asyncio.gather(*tasks, return_exceptions=True)
        try:
            await asyncio.wait((ending, patience), return_when=asyncio.FIRST_COMPLETED)
        finally:
            patience.cancel()

    def _require_started(self) -> None:
        if not self._started:
            raise RuntimeError("the manager was not started")

    def _warn_of_cuts(self) -> None:
        for controller, working in zip(self._controllers, self._working, strict=False):
            if not working.done():
                keys = ", ".join(str(key) for key in controller.queue.active())
                _log.warning(
                    "%s: cut off after %g s of waiting for it to end: the work on %s",
                    controller.name,
                    self._stop_seconds,
                    keys,
                )
