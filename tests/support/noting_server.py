"""An HTTP server that answers as it is told, and keeps what it was asked."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.demo.loopback import Answer, Request


class NotingServer:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.answer: Callable[[Request], Answer] = lambda _: (200, {}, b"ok")
        self.http = Loopback(self._respond)

    @property
    def where(self) -> str:
        """HOST:PORT."""
        return self.http.url.removeprefix("http://")

    def _respond(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answer(request)


@contextmanager
def serving() -> Iterator[NotingServer]:
    """Run a server."""
    server = NotingServer()
    try:
        yield server
    finally:
        server.http.close()
