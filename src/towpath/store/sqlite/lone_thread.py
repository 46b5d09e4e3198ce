"""A thread that works for the event loop, one thing after another, and that nobody has to wait for at the end.

The pools of the standard library are joined when the process ends: one whose disk does not answer would keep it from ending.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

ResultT = TypeVar("ResultT")


class LoneThread:
    """The thread; it begins with the first work, and ends after `end`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._works: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def run(self, work: Callable[..., ResultT], *given: Any) -> ResultT:
        """Return what work returns, or raise what it raises. Whoever waits may be cancelled: the work is done all the same."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[ResultT] = loop.create_future()

        def done() -> None:
            try:
                result = work(*given)
            except BaseException as error:  # noqa: BLE001 - handed to who waits
                tell(answer.set_exception, error)
            else:
                tell(answer.set_result, result)

        def tell(how: Callable[[Any], None], what: Any) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(lambda: None if answer.done() else how(what))

        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._works.put(done)
        return await answer

    async def idle(self) -> None:
        """Return once everything that was given to it is done."""
        if self._thread is not None:
            await self.run(lambda: None)

    def end(self) -> None:
        """Let the thread end after what it was given."""
        self._works.put(None)

    def _work(self) -> None:
        while (work := self._works.get()) is not None:
            work()
