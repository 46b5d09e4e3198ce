"""How a server is reached and who says so: address, TLS, proxy, and what stands for the caller."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from towpath.clients.http import urls
from towpath.errors import BadRequest

_UNVERIFIED_REMEDY: Final = "give them in PEM, from -----BEGIN on"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsAccess:
    """Who certifies a server, and what we show it. `repr` shows no key."""

    authority: bytes = b""
    """Certificates of the authorities, in PEM; empty: those of the machine and of the operator's bundle."""
    insecure: bool = False
    """Whether any certificate will do: only where somebody has said so."""
    server_name: str = ""
    """The name in the server's certificate where it is not the one in its address."""
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecPlugin:
    """A program that gives credentials: ExecCredential of `client.authentication.k8s.io`."""

    argv: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    api_version: str = "client.authentication.k8s.io/v1"
    cluster: str = ""
    """What it is told of the cluster, as JSON, where it wants to know; else empty."""
    folder: Path = Path("/")
    """In which it runs."""
    hint: str = ""
    """What its author says to do when it is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """What stands for the caller: at most one of these. `repr` shows no token."""

    token: str = field(default="", repr=False)
    token_file: Path | None = None
    """Read again and again: tokens in it are renewed by others."""
    plugin: ExecPlugin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAccess:
    """A server, and how it is reached."""

    server: str
    """Base URL without a slash at its end."""
    tls: TlsAccess = TlsAccess()
    bearer: Bearer = Bearer()
    proxy: str = ""
    namespace: str = ""
    """That calls are about where nothing else is said."""
    source: str = ""
    """Where all this comes from, for messages: `Secret prod-argocd`."""


def wrong_server(server: str) -> str:
    """Return why a text is no base URL of a server, to end a sentence about it; empty if it is one."""
    try:
        place = urls.split(server)
    except urls.Unacceptable as error:
        return f"leads nowhere: {error}"
    if place.scheme not in ("http", "https") or place.has_user or place.query:
        return "is not http(s)://HOST[:PORT][/PATH]"
    return ""


def ssl_context(tls: TlsAccess, usual: ssl.SSLContext | None, source: str) -> ssl.SSLContext | None:
    """Return what TLS connections are made with; None stands for the machine's authorities alone.

    `usual`: what they are made with where no authority is named. Raises BadRequest, naming the source, for what is no
    certificate or no key.
    """
    if not tls.authority and not tls.insecure and not tls.certificate:
        return usual
    # Not the library's default context: that refuses authorities as clusters make them for themselves (RFC 5280, 4.2.1.1).
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.insecure:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    elif tls.authority:
        try:
            made.load_verify_locations(cadata=tls.authority.decode("ascii"))
        except (ssl.SSLError, ValueError) as error:
            raise BadRequest(
                f"{source}: the authority's certificates cannot be read; {_UNVERIFIED_REMEDY}"
            ) from error
    else:
        made.load_default_certs()
        if usual is not None:
            made.load_verify_locations(
                cadata="".join(map(ssl.DER_cert_to_PEM_cert, usual.get_ca_certs(binary_form=True)))
            )
    if tls.certificate:
        _show(made, tls, source)
    return made


def _show(made: ssl.SSLContext, tls: TlsAccess, source: str) -> None:
    """Have a client certificate shown. The library reads it from a file, which is there for that moment and ours alone."""
    descriptor, name = tempfile.mkstemp(prefix="towpath-tls-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(tls.certificate + b"\n" + tls.key)
        made.load_cert_chain(name, password="")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise BadRequest(
            f"{source}: client certificate and key cannot be used: {_why(error)}; they belong together, the key without a "
            "pass phrase, both in PEM"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink()


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return str(reason)
