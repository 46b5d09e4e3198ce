"""Where those meet who push to different branches of one server: who comes while a push is under way goes along with the next.

Each branch has an answer of its own. Where a server refuses some of those that went together, they are sent again in halves: a
hook may have refused all because of one.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git.push_outcomes import Refused
from towpath.clients.git.wire import pushing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.clients.git.mirror import Mirror
    from towpath.clients.git.push_outcomes import Outcome
    from towpath.clients.git.talk import RefUpdate
    from towpath.clients.git.wire.pushing import Answers
    from towpath.clients.git.wire.server import RemoteServer

    Waiting = tuple[RefUpdate, asyncio.Future[Outcome | None]]

_MOST: Final = 100
"""Branches of one push."""


class Outbox:
    """The pushes to one server that need no git."""

    def __init__(self, mirror: Mirror, server: RemoteServer) -> None:
        self._mirror = mirror
        self._server = server
        self._waiting: list[Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def push(self, update: RefUpdate) -> Outcome | None:
        """Return what became of an update; None if git has to send it. Raises what `pushing.pushed` raises.

        Who is cancelled is not sent any more, unless that is under way.
        """
        answer: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((update, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._serve(), name=f"pushes to {self._mirror}")
        return await answer

    async def close(self) -> None:
        """End the push that is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._leave(self._waiting)  # if it was ended before it had begun

    async def _serve(self) -> None:
        taken: list[Waiting] = []
        try:
            while self._waiting:
                taken = self._next()
                try:
                    found = await self._settled([update for update, _ in taken])
                except Exception as error:  # noqa: BLE001 - whatever it is, those who wait for it are told
                    for _, answer in taken:
                        if not answer.done():
                            answer.set_exception(error)
                else:
                    for update, answer in taken:
                        if not answer.done():
                            answer.set_result(found[update])
        finally:
            self._task = None
            self._leave([*taken, *self._waiting])

    def _leave(self, waiting: Sequence[Waiting]) -> None:
        """Tell those who wait that nobody will answer them."""
        for _, answer in waiting:
            if not answer.done():
                answer.set_exception(
                    errors.Unavailable("the server stops; the push is looked after when it is back")
                )
        self._waiting.clear()

    def _next(self) -> list[Waiting]:
        """Take those who go next out of the queue: one for each branch."""
        taken: list[Waiting] = []
        later: list[Waiting] = []
        refs: set[str] = set()
        for update, answer in self._waiting:
            if answer.done():
                continue
            if len(taken) < _MOST and update.ref not in refs:
                refs.add(update.ref)
                taken.append((update, answer))
            else:
                later.append((update, answer))
        self._waiting = later
        return taken

    async def _settled(self, updates: Sequence[RefUpdate]) -> Answers:
        if not updates:
            return {}
        found = await pushing.pushed(self._mirror, self._server, updates)
        refused = [each for each in updates if isinstance(found[each], Refused)]
        if len(updates) == 1 or not refused:
            return found
        middle = (len(refused) + 1) // 2
        for half in (refused[:middle], refused[middle:]):
            found |= await self._settled(half)
        return found
