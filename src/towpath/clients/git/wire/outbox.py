"""Where those meet who push to different branches of one server: who comes while a push is under way goes along with the next.

Each branch has an answer of its own. Where a server refuses some of those that went together, they are sent again in halves: a
hook may have refused all because of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.clients.git.push_outcomes import Refused
from towpath.clients.git.pushing.waiting_line import Waiter, WaitingLine
from towpath.clients.git.wire import pushing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.mirrors.talk import RefUpdate
    from towpath.clients.git.push_outcomes import Outcome
    from towpath.clients.git.wire.pushing import Answers
    from towpath.clients.git.wire.server import RemoteServer

_MOST: Final = 100
"""Branches of one push."""


@dataclass(eq=False, slots=True)
class _Sender(Waiter["Outcome | None"]):
    update: RefUpdate


class Outbox:
    """The pushes to one server that need no git."""

    def __init__(self, mirror: Mirror, server: RemoteServer) -> None:
        self._mirror = mirror
        self._server = server
        self._line = WaitingLine(f"pushes to {mirror}", _one_for_each_branch, self._send)

    async def push(self, update: RefUpdate) -> Outcome | None:
        """Return what became of an update; None if git has to send it. Raises what `pushing.pushed` raises.

        Who is cancelled is not sent any more, unless that is under way.
        """
        sender = _Sender(update)
        await self._line.join(sender)
        return sender.answer.result()

    async def close(self) -> None:
        """End the push that is under way."""
        await self._line.close()

    async def _send(self, senders: Sequence[_Sender]) -> None:
        found = await self._settled([sender.update for sender in senders])
        for sender in senders:
            sender.settle(found[sender.update])

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


def _one_for_each_branch(waiting: Sequence[_Sender]) -> Sequence[_Sender]:
    first: dict[str, _Sender] = {}
    for sender in waiting:
        first.setdefault(sender.update.ref, sender)
    return list(first.values())[:_MOST]
