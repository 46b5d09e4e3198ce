"""All that is said to the server of one mirror without git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.clients.git.mirrors.talk import Talk
from towpath.clients.git.wire import fetching
from towpath.clients.git.wire.outbox import Outbox
from towpath.clients.git.wire.server import RemoteServer

if TYPE_CHECKING:
    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.mirrors.talk import RefUpdate
    from towpath.clients.git.push_outcomes import Outcome


class SmallTalk(Talk):
    """Small fetches and pushes over HTTP."""

    def __init__(self, mirror: Mirror) -> None:
        self.server = RemoteServer(mirror)
        self.outbox = Outbox(mirror, self.server)
        self._mirror = mirror

    async def fetched(self, branch: str) -> bool:
        """Fetch a branch; see `fetching`."""
        return await fetching.fetched(self._mirror, self.server, branch)

    async def push(self, update: RefUpdate) -> Outcome | None:
        """Push to a branch, together with those who push to others; see `outbox` and `pushing`."""
        return await self.outbox.push(update)

    def has(self, ref: str, commit: str) -> None:
        """Take note of where a ref is."""
        self.server.has(ref, commit)

    def forget(self) -> None:
        """Take note that something was taken out of the mirror."""
        self.server.forget_all()

    async def close(self) -> None:
        """End the push that is under way."""
        await self.outbox.close()
