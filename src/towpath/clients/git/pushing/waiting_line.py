"""Those who wait to be served together: one task serves batch after batch, as long as anybody waits.

Who is cancelled while waiting leaves the line; of a batch that is being served nobody is cut off.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

AnswerT = TypeVar("AnswerT")
WaiterT = TypeVar("WaiterT", bound="Waiter[Any]")


@dataclass(eq=False, slots=True)
class Waiter(Generic[AnswerT]):
    """One who waits for an answer. Made where an event loop runs."""

    answer: asyncio.Future[AnswerT] = field(
        init=False, default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def is_over(self) -> bool:
        """Whether it has its answer, or went away."""
        return self.answer.done()

    def settle(self, answer: AnswerT) -> None:
        """Give it its answer, if it is still there."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, error: BaseException) -> None:
        """Have it raise an error, if it is still there."""
        if not self.answer.done():
            self.answer.set_exception(error)


class WaitingLine(Generic[WaiterT]):
    """A line that is served in batches, first come first."""

    def __init__(
        self,
        name: str,
        choose: Callable[[Sequence[WaiterT]], Sequence[WaiterT]],
        serve: Callable[[Sequence[WaiterT]], Awaitable[None]],
        on_idle: Callable[[], object] = lambda: None,
    ) -> None:
        """`choose` picks at least one, who go next, of those who wait; `serve` sees to it that each of them has its answer.

        What `serve` raises, those of its batch that have no answer yet raise. `on_idle`: called once nobody waits.
        """
        self._name = name
        self._choose = choose
        self._serve_batch = serve
        self._on_idle = on_idle
        self._waiting: list[WaiterT] = []
        self._task: asyncio.Task[None] | None = None

    async def join(self, waiter: WaiterT) -> None:
        """Wait until it has its answer. Raises what it is to raise; `errors.Unavailable` if the line is closed."""
        self._waiting.append(waiter)
        if self._task is None:
            self._task = asyncio.create_task(self._serve(), name=self._name)
        try:
            await waiter.answer
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    async def close(self) -> None:
        """End the batch that is under way; who waits is told so."""
        task = self._task
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if self._task is task:  # it was ended before it had begun
            self._end(())

    async def _serve(self) -> None:
        """Serve until nobody waits."""
        batch: Sequence[WaiterT] = ()
        try:
            while batch := self._next():
                try:
                    await self._serve_batch(batch)
                except Exception as error:  # noqa: BLE001 - whatever it is, those who wait for it are told
                    for waiter in batch:
                        waiter.fail(error)
        finally:
            self._end(batch)

    def _next(self) -> Sequence[WaiterT]:
        """Take those who go next out of the line; nobody if nobody is left."""
        there = [waiter for waiter in self._waiting if not waiter.is_over]
        batch = self._choose(there) if there else ()
        taken = set(batch)
        self._waiting = [waiter for waiter in there if waiter not in taken]
        return batch

    def _end(self, batch: Iterable[WaiterT]) -> None:
        """Tell those who are left that nobody will answer them."""
        self._task = None
        for waiter in (*batch, *self._waiting):
            waiter.fail(
                errors.Unavailable("the server stops; the push is looked after when it is back")
            )
        self._waiting.clear()
        self._on_idle()
