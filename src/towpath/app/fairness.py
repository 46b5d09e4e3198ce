"""An event loop on which a crowd does not come all at once.

asyncio handles everything that is ready before it looks again what else is. Where thousands of connections are made, or
send, or end in the same moment, whoever comes just behind them waits for all. Here a turn of the loop takes some of
them, the kernel keeps the others in line, and what was begun goes on between.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import select

EVENTS_AT_ONCE: Final = 8


def event_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop."""
    selector = selectors.DefaultSelector()
    if isinstance(selector, selectors.EpollSelector):
        selector._selector = _SomeAtOnce(selector._selector)  # type: ignore[attr-defined]  # noqa: SLF001 - no other way
    return asyncio.SelectorEventLoop(selector)


class _SomeAtOnce:
    """An epoll object that tells of some of what is ready; the next time the kernel begins with the others."""

    def __init__(self, epoll: select.epoll) -> None:
        self._epoll = epoll

    def poll(self, timeout: float, most: int) -> list[tuple[int, int]]:
        """Return descriptors that are ready, and for what."""
        return self._epoll.poll(timeout, min(most, EVENTS_AT_ONCE))

    def __getattr__(self, name: str) -> Any:
        """Everything else is the object's own."""
        return getattr(self._epoll, name)
