"""The answer to a watch: it goes on until its caller leaves, it is stopped, or its time is up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from towpath.runtime.ending import ended
from towpath.server.streaming import Stream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from starlette.types import Send

    from towpath.clock import Clock
    from towpath.errors import TowpathError
    from towpath.server.open_watches import OpenWatches


class Closing(Protocol):
    """What the parts of a stream end with."""

    async def aclose(self) -> None:
        """End it."""
        ...


class WatchStream(Stream):
    """A watch, which goes on until it is left, stopped, or its time is up."""

    def __init__(
        self,
        watches: OpenWatches,
        parts: AsyncGenerator[bytes, None],
        *,
        media_type: str,
        headers: Mapping[str, str],
        watch: Closing,
        told: Callable[[TowpathError], bytes],
        clock: Clock,
        seconds: float | None = None,
        pulse: tuple[bytes, float] | None = None,
    ) -> None:
        """`parts` ends with `watch`; `told` says what an error is to the caller.

        `seconds`: how long it may go on; `pulse`: what is sent when nothing else was for so many seconds.
        """
        super().__init__(watches.outlets, parts, media_type=media_type, headers=headers)
        self._watches = watches
        self._watch = watch
        self._told = told
        self._clock = clock
        self._seconds = seconds
        self._pulse = pulse
        self._stopped_by: TowpathError | None = None

    async def stop(self, error: TowpathError | None = None) -> None:
        """End the watch, and tell the caller why if there is an error; a watch that is sending is then cut off."""
        self._stopped_by = error
        await self._watch.aclose()
        if self._is_busy and error is not None:
            self.abort()

    async def _send_parts(self, send: Send) -> None:
        timing = asyncio.create_task(self._keep_time(send))
        try:
            await super()._send_parts(send)
            if self._stopped_by is not None and not self._is_over:
                await self._send_part(send, self._made(self._told(self._stopped_by)))
        finally:
            await ended(timing)

    async def _next_part(self) -> bytes:
        """Return what is told next: how much may wait of it the store has seen to."""
        return self._made(await anext(self._parts))

    async def _keep_time(self, send: Send) -> None:
        """Have it end when its time is up, and show now and then that it goes on."""
        if self._pulse is None:
            if self._seconds is not None:
                await self._clock.sleep(self._seconds)
                await self.stop()
            return
        text, seconds = self._pulse
        before = self.written_bytes
        while True:
            await self._clock.sleep(seconds)
            if self.written_bytes == before and not self._is_busy:
                await self._send_part(send, self._made(text))
            before = self.written_bytes

    async def _left(self) -> None:
        await self._watch.aclose()

    def _forget(self) -> None:
        self._watches.forget(self)
