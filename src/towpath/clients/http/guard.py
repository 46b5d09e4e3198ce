"""Which addresses may be reached: asked of the address that is really dialled, after DNS (DESIGN §8)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA: Final = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
    )
)
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_SIX_TO_FOUR: Final = ipaddress.ip_network("2002::/16")
_LOOPBACK_NAMES: Final = {"localhost": ("127.0.0.1", "::1")}


class RefusedAddress(OSError):  # noqa: N818 - what it is
    """The address must not be reached; the text says which and why."""


class Guard:
    """Knows what the operator allows and where we listen ourselves."""

    def __init__(self, *, allow: Iterable[str] = (), own: Iterable[str] = ()) -> None:
        """`allow`: `HOST:PORT` of loopback addresses that may be reached. `own`: our listeners, never reached."""
        self._allow = frozenset(each for text in allow for each in _places(text))
        self._own = frozenset(each for text in own for each in _places(text))

    def allows(self, host: str, port: int) -> bool:
        """Whether the operator has named an address, as it is written."""
        return any((place, port) in self._allow for place in _LOOPBACK_NAMES.get(host, (host,)))

    def check(self, address: str, port: int) -> None:
        """Raise RefusedAddress for an IP address that must not be dialled."""
        try:
            given = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            raise RefusedAddress(f"{address} is no IP address") from None
        for found in (given, *_within(given)):
            why = self._objection(found, port)
            if why:
                raise RefusedAddress(f"{address}:{port} must not be reached: {why}")

    def _objection(self, address: _Address, port: int) -> str:
        place = (str(address), port)
        if place in self._own or (
            (address.is_loopback or address.is_unspecified)
            and any(
                port == own and ipaddress.ip_address(host).is_unspecified for host, own in self._own
            )
        ):
            return "Towpath itself listens there"
        if address in _METADATA:
            return "it is a cloud's metadata service"
        if address.is_link_local:
            return "it is a link-local address"
        if address.is_multicast:
            return "it is a multicast address"
        if (address.is_loopback or address.is_unspecified) and place not in self._allow:
            return "it is this machine; an operator allows it with egress.allow"
        return ""


def _within(address: _Address) -> list[_Address]:
    """Return the IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    if address in _SIX_TO_FOUR:
        return [ipaddress.IPv4Address((int(address) >> 80) & 0xFFFFFFFF)]
    return []


def _places(text: str) -> list[tuple[str, int]]:
    """Return the addresses that `HOST:PORT` stands for; a name that is not known here stands for itself."""
    host, _, port = text.rpartition(":")
    host = host.strip("[]").lower()
    if not port.isdecimal():
        return []
    return [(_normal(place), int(port)) for place in _LOOPBACK_NAMES.get(host, (host,))]


def _normal(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host
