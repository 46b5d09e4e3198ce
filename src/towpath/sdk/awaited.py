"""The same calls for programs with an event loop: every method is awaited, streams are read with `async for`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self, TypeVar

from towpath.sdk.awaited_transport import AwaitedTransport
from towpath.sdk.call import Awaiting
from towpath.sdk.calls.everything import EveryCall
from towpath.sdk.client import Client
from towpath.sdk.kept import AwaitedKeptThings, AwaitedRoleAccess
from towpath.sdk.personal_tokens import AwaitedTokensOfMine
from towpath.sdk.transfers import AwaitedTransfers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path
    from types import TracebackType

    from towpath.sdk.call import ApiCall, Listening
    from towpath.sdk.client import Received
    from towpath.sdk.kept import KeptPlace

    T = TypeVar("T")


class AsyncClient(EveryCall, Awaiting):
    """Speaks to one server as one caller, on the event loop that it is first used on; close it, or use `async with`.

    Raises as `Client` does.
    """

    def __init__(
        self, server: str, token: str, *, seconds: float = 600.0, insecure: bool = False
    ) -> None:
        """Take what `Client` takes. Raises BadRequest for an address or a token that is none."""
        self._transport = AwaitedTransport(server, token, seconds=seconds, insecure=insecure)
        self._waiting = Client(server, token, seconds=seconds, insecure=insecure)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def perform(self, call: ApiCall[T]) -> T:
        """Carry a call out."""
        return await self._transport.perform(call)

    def listen(self, listening: Listening[T]) -> AsyncGenerator[T, None]:
        """Yield what a stream tells."""
        return self._transport.listen(listening)

    def kept(self, collection: str, place: KeptPlace) -> AwaitedKeptThings:
        """Return what asks for a collection in a place: `roles`, `api-tokens`, `configmaps`, `generic-credentials`, `repo-credentials`."""
        return AwaitedKeptThings(self, collection, place)

    def access(self, place: KeptPlace) -> AwaitedRoleAccess:
        """Return what changes who may do what in a place."""
        return AwaitedRoleAccess(self, place)

    def own_tokens(self) -> AwaitedTokensOfMine:
        """Return what asks for the caller's own tokens."""
        return AwaitedTokensOfMine(self)

    @property
    def transfers(self) -> AwaitedTransfers:
        """Moving Projects to and from this server."""
        return AwaitedTransfers(self, self._waiting.transfers)

    async def back_up(self, path: Path) -> Received:
        """Do as `Client.back_up`, on a thread: it writes a large file."""
        return await asyncio.to_thread(self._waiting.back_up, path)
