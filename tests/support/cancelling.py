"""Cancels an operation, or does something else, at each of its awaits in turn."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator


async def at_each_await(
    operation: Callable[[], Awaitable[Any]], *, most: int = 200, every: int = 1
) -> AsyncIterator[int]:
    """Yield after each run of an operation that was cancelled at its 1st, 2nd, 3rd... await, until one was not.

    `every`: how many awaits further each run is cancelled.
    """

    async def run(suspension: int) -> None:
        await Between(operation(), suspension, _cancel)

    for suspension in range(1, most, every):
        task = asyncio.ensure_future(run(suspension))
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()
            return
        yield suspension
    raise AssertionError(f"it suspends more than {most} times")


async def _cancel() -> None:
    """Cancel the task this runs in, without an await of its own."""
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


class Between:
    """Runs an awaitable, and does something else first when it suspends for the n-th time."""

    def __init__(
        self, work: Awaitable[Any], suspension: int, other: Callable[[], Awaitable[Any]]
    ) -> None:
        self._work = work
        self._left = suspension
        self._other = other

    @property
    def has_come(self) -> bool:
        """Whether it suspended so often."""
        return self._left <= 0

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._work.__await__()
        try:
            waited_for = next(steps)
            while True:
                self._left -= 1
                if not self._left:
                    yield from self._other().__await__()
                try:
                    sent = yield waited_for
                except BaseException as error:  # noqa: BLE001 - it is handed on, whatever it is
                    waited_for = steps.throw(error)
                else:
                    waited_for = steps.send(sent)
        except StopIteration as end:
            return end.value
