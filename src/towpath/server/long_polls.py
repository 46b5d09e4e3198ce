"""Requests that are answered once something has happened. Each counts as one of its caller's watches, and ends as one does.

Whoever asks and leaves without waiting for the answer leaves one behind until its time is over: so they are bounded, however
few connections somebody has.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from towpath.server.auth import caller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from towpath.errors import TowpathError
    from towpath.server.services import Services


class LongPoll:
    """One that waits."""

    def __init__(self) -> None:
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Is done when it is to be answered, whatever has happened: the server stops, or its caller may know no more."""

    async def stop(self, error: TowpathError | None = None) -> None:
        """Have it answered now."""
        del error  # whoever answers asks once more whether the caller may know
        if not self.over.done():
            self.over.set_result(None)


@contextmanager
def waiting(request: Request, services: Services) -> Iterator[LongPoll]:
    """Let a request wait while the context lasts, with what was asked for it. Raises TooManyRequests."""
    poll, standing = LongPoll(), caller.standing(request, services.authorizer)
    services.watches.admit(standing)
    services.watches.keep(poll, standing)
    try:
        if services.watches.is_closed:
            poll.over.set_result(None)
        yield poll
    finally:
        services.watches.forget(poll)
        poll.over.cancel()
