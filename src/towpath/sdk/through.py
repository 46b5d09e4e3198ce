"""Parts of a client, which carry their calls out by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from towpath.sdk.call import Awaiting, Blocking

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from towpath.sdk.call import ApiCall, Listening

    T = TypeVar("T")


class Through(Blocking):
    """A part of a client that waits for answers."""

    def __init__(self, client: Blocking) -> None:
        self._client = client

    def perform(self, call: ApiCall[T]) -> T:
        """Carry a call out."""
        return self._client.perform(call)

    def listen(self, listening: Listening[T]) -> Generator[T, None, None]:
        """Yield what a stream tells."""
        return self._client.listen(listening)


class AwaitedThrough(Awaiting):
    """A part of a client that is awaited."""

    def __init__(self, client: Awaiting) -> None:
        self._client = client

    async def perform(self, call: ApiCall[T]) -> T:
        """Carry a call out."""
        return await self._client.perform(call)

    def listen(self, listening: Listening[T]) -> AsyncGenerator[T, None]:
        """Yield what a stream tells."""
        return self._client.listen(listening)
