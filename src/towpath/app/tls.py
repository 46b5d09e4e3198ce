"""TLS: the context that a server listens with, which takes a renewed certificate without a restart."""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.app import certificates
from towpath.errors import TowpathError, Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from towpath.clock import Clock

_RELOAD_SECONDS: Final = 3600.0
"""How often a certificate is looked at again: ours renews itself, an operator's own is renewed by others."""
_PLAIN: Final = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
    b"Content-Length: 59\r\n\r\nthis port speaks TLS: the address must begin with https://\n"
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TLSSettings:
    """Where TLS is served, and with which certificate."""

    host: str
    port: int
    """0: any that is free."""
    names: tuple[str, ...] = ()
    """Names of this machine that the certificate is to have, besides the usual ones."""
    certificate: Path | None = None
    """The operator's own certificate (PEM, with its chain), instead of one that is made."""
    key: Path | None = None
    """The key of `certificate`."""

    @property
    def is_own(self) -> bool:
        """Whether the certificate is the operator's own."""
        return self.certificate is not None


@asynccontextmanager
async def serving(data: Path, settings: TLSSettings, clock: Clock) -> AsyncIterator[ServedContext]:
    """Yield a context with the server's certificate, which is kept up to date while this context lasts.

    Raises BadRequest for a name that no certificate can have, Unavailable for a certificate that cannot be made or used.
    """
    context = _context()

    def load() -> None:
        if settings.certificate is not None and settings.key is not None:
            _load(context, settings.certificate, settings.key)
        else:
            names = (settings.host, *settings.names)
            files = certificates.prepare(data, names, now=clock.now())
            _load(context, files.certificate, files.key)

    await asyncio.to_thread(load)
    context.load = load
    reloading = asyncio.create_task(_keep_loading(context, clock), name="tls-certificate")
    try:
        yield context
    finally:
        reloading.cancel()


async def _keep_loading(context: ServedContext, clock: Clock) -> None:
    while True:
        await clock.sleep(_RELOAD_SECONDS)
        await context.load_again()


def _context() -> ServedContext:
    context = ServedContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _load(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Have a context serve a certificate from the next connection on. Raises Unavailable naming the files."""
    try:
        # Tried on another first: the one that is served keeps a pair that belongs together.
        for each in (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), context):
            each.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"the certificate {certificate} and the key {key} cannot be used: {error}; both must be in PEM, belong "
            "together, and the key must have no password"
        ) from error


def _no_password() -> str:
    """Answer instead of a terminal, where OpenSSL would ask."""
    return ""


class _Connecting(ssl.SSLObject):
    """A TLS connection that tells the other side why it cannot be: the event loop would just close it.

    Who speaks plain HTTP is told in HTTP, everybody else with the alert that OpenSSL has ready.
    """

    outgoing: ssl.MemoryBIO
    _has_told = False

    def do_handshake(self) -> None:
        """Shake hands. Raises SSLError."""
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            if self._has_told:
                raise
            self._has_told = True
            if error.reason == "HTTP_REQUEST":
                self.outgoing.write(_PLAIN)
            if not self.outgoing.pending:
                raise
            # The loop sends what is there, and comes again with whatever is received; that ends it.
            raise ssl.SSLWantReadError from error


class ServedContext(ssl.SSLContext):
    """Makes connections of that kind, with a certificate that can be another from one connection to the next."""

    sslobject_class = _Connecting
    load: Callable[[], None]
    """Has it serve what the files hold now. Raises BadRequest, Unavailable."""

    async def load_again(self) -> None:
        """Serve what the files hold now. What cannot be used is told in the log, and changes nothing."""
        try:
            await asyncio.to_thread(self.load)
        except TowpathError as error:
            _log.error("the certificate stays the one it was: %s", error)

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        *given: Any,
        **named: Any,
    ) -> ssl.SSLObject:
        """Return a connection between buffers, as the event loop asks for."""
        made = super().wrap_bio(incoming, outgoing, *given, **named)
        if isinstance(made, _Connecting):
            made.outgoing = outgoing
        return made
