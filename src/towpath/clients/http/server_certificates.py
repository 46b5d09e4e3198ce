"""Until when the certificate is valid that a TLS server shows, whoever has issued it: to warn before it has expired."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.http import sessions, urls
from towpath.clients.http.guard import RefusedAddress, Unresolvable
from towpath.messages import foreign

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clients.http.guard import Guard

_MOST_TRIED: Final = 4
"""Addresses of one host that are dialled, one after the other."""


async def valid_until(guard: Guard, host: str, port: int, *, seconds: float = 10.0) -> datetime:
    """Return until when (UTC) the certificate of a server is valid; it may have expired, and is not checked.

    Raises BadRequest for what is no host and port, Forbidden for an address that must not be reached, Unavailable, and
    Timeout after so many seconds.
    """
    where = f"{host}:{port}"
    if not host or not 0 < port < 1 << 16:
        raise errors.BadRequest(f"{where!r} is no host and port of a server")
    try:
        async with asyncio.timeout(seconds):
            return await _read(guard, host, port, f"the certificate of {where}")
    except TimeoutError as error:
        raise errors.Timeout(
            f"the certificate of {where}: no answer within {seconds:g} s"
        ) from error


async def _read(guard: Guard, host: str, port: int, what: str) -> datetime:
    shown = f"[{host}]" if ":" in host else host
    try:
        place = urls.split(f"https://{shown}:{port}")
    except urls.Unacceptable as error:
        raise errors.BadRequest(f"{what}: {error}") from error
    if await sessions.proxy_for(place) is not None:
        raise errors.Unavailable(
            f"{what} cannot be read through a proxy: name the host in no_proxy if it can be reached directly"
        )
    try:
        addresses = await guard.addresses(host, port)
    except RefusedAddress as error:
        raise errors.Forbidden(f"{what}: {error}") from error
    except Unresolvable as error:
        raise errors.Unavailable(f"{what}: {error}") from error
    said = "the host has no address"
    for address in addresses[:_MOST_TRIED]:
        try:
            return await _shown_by(address, port, host)
        except ssl.SSLError as error:
            said = f"TLS: {foreign(error.reason or str(error))}"
        except OSError as error:
            said = os.strerror(error.errno) if error.errno else foreign(str(error))
            said = f"it cannot be reached: {said}"
        except ValueError as error:
            said = f"it cannot be read: {foreign(str(error))}"
    raise errors.Unavailable(f"{what}: {said}")


async def _shown_by(address: str, port: int, host: str) -> datetime:
    from cryptography import x509

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # it is looked at, and nothing is sent
    _, writer = await asyncio.open_connection(address, port, ssl=context, server_hostname=host)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    if not shown:
        raise ValueError("the server shows none")
    return x509.load_der_x509_certificate(shown).not_valid_after_utc
