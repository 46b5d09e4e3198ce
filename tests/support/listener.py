"""A port that tells who came to it."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType


class Listener:
    """Counts the connections that arrive at a forbidden port of this machine, on every address of it."""

    def __init__(self, answer: bytes = b"", host: str = "", *, closing: bool = False) -> None:
        """`closing`: no answer is given, and it is told when the other side closes."""
        self.arrived = threading.Semaphore(0)
        self.ended = threading.Semaphore(0)
        self._closing = closing
        self._socket = (
            socket.create_server((host, 0))
            if host
            else socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        )
        self.port = self._socket.getsockname()[1]
        self.heard: list[bytes] = []
        self._answer = answer
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(10)
                self.heard.append(connection.recv(4096))
                self.arrived.release()
                if self._closing:
                    while connection.recv(4096):
                        pass
                    self.ended.release()
                connection.sendall(self._answer)
