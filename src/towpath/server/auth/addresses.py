"""From which address a request comes: the other end of the connection, or what proxies that are trusted say of it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Scope

    Network = ipaddress.IPv4Network | ipaddress.IPv6Network
    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_MOST_NAMED = 50


def client(scope: Scope, trusted: Sequence[Network] = ()) -> str:
    """Return the caller's address; empty where nothing tells it.

    `X-Forwarded-For` is read from its end, as far as proxies that are trusted have written it: what a caller has written
    into it stands before that.
    """
    peer = _peer(scope)
    if peer is None:
        return ""
    found = peer
    if _is_trusted(peer, trusted):
        for text in _forwarded(scope):
            named = _address(text)
            if named is None:
                break
            found = named
            if not _is_trusted(named, trusted):
                break
    return str(found)


def is_https(scope: Scope, trusted: Sequence[Network] = ()) -> bool:
    """Whether the caller's browser speaks TLS, with us or with a proxy that is trusted."""
    if scope.get("scheme") == "https":
        return True
    peer = _peer(scope)
    if peer is None or not _is_trusted(peer, trusted):
        return False
    said = _header(scope, b"x-forwarded-proto").rpartition(",")[2].strip().lower()
    return said == "https"


def counted(address: str) -> str:
    """Return under what attempts from an address are counted: of IPv6 the network, of which one caller has a whole one."""
    found = _address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address


def network(address: str) -> str:
    """Return the network of which whoever has an IPv6 address may have all, 65,536 of those that `counted` returns; else empty."""
    found = _address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 48), strict=False))
    return ""


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Return addresses and networks as such. Raises ValueError, which names the one that is none."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def _peer(scope: Scope) -> Address | None:
    found = scope.get("client")
    return _address(str(found[0])) if found else None


def _forwarded(scope: Scope) -> list[str]:
    return _header(scope, b"x-forwarded-for").split(",")[::-1][:_MOST_NAMED]


def _header(scope: Scope, wanted: bytes) -> str:
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]
    return ",".join(values)


def _address(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
