"""How much is done in one turn of the event loop: what is heavy gives it away in between, and tests count instead of measuring time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

GivenT = ParamSpec("GivenT")
AnswerT = TypeVar("AnswerT")


class PerTurn:
    """Counts calls, and the most of them between two turns of the loop while `counting`."""

    def __init__(self) -> None:
        self.calls = self.most = 0
        self._now = 0

    def counted(self, function: Callable[GivenT, AnswerT]) -> Callable[GivenT, AnswerT]:
        """Return a function whose calls count."""

        def called(*args: GivenT.args, **given: GivenT.kwargs) -> AnswerT:
            self.note()
            return function(*args, **given)

        return called

    def note(self, weight: int = 1) -> None:
        """Count something."""
        self.calls += 1
        self._now += weight
        self.most = max(self.most, self._now)

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[None]:
        """Begin anew with each turn of the loop."""

        async def turns() -> None:
            while True:
                self._now = 0
                await asyncio.sleep(0)

        task = asyncio.create_task(turns())
        try:
            yield
        finally:
            task.cancel()
