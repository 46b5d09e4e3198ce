"""The sockets that a server listens at: one for everything, and those that the operator wants besides."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.app import listening

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from towpath.app.settings.operator import OperatorSettings
    from towpath.app.tls import TLSSettings


@dataclass(frozen=True, slots=True)
class ServerSockets:
    """What listens already, before anything answers. None: not at all."""

    plain: socket.socket
    over_tls: socket.socket | None = None
    metrics: socket.socket | None = None
    webhooks: socket.socket | None = None

    @property
    def own(self) -> list[str]:
        """All their addresses, `HOST:PORT`: nobody may have requests sent there."""
        given = (self.plain, self.over_tls, self.metrics, self.webhooks)
        return [listening.address(each) for each in given if each is not None]


@contextmanager
def opened(
    host: str, port: int, tls: TLSSettings | None, operator: OperatorSettings
) -> Iterator[ServerSockets]:
    """Listen while the context lasts. Raises BadRequest for what is no address, Unavailable for one that cannot be had."""
    with ExitStack() as stack:

        def at(host: str, port: int, option: str) -> socket.socket:
            return stack.enter_context(listening.listening(host, port, option))

        def besides(text: str, option: str) -> socket.socket | None:
            return at(*listening.parse_address(text, option), option) if text else None

        yield ServerSockets(
            plain=at(host, port, "--listen"),
            over_tls=at(tls.host, tls.port, "--listen-tls") if tls is not None else None,
            metrics=besides(operator.metrics.listen, "metrics.listen"),
            webhooks=besides(operator.webhooks.listen, "webhooks.listen"),
        )
