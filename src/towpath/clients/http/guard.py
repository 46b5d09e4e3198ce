"""Which addresses may be reached: asked of the address that is really dialled, after DNS."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING, Final

from towpath.clients.http.lookups import Lookups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA: Final = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "fd00:42::42",
    )
)
_THIS_NETWORK: Final = ipaddress.ip_network("0.0.0.0/8")
_BROADCAST: Final = ipaddress.ip_address("255.255.255.255")

# IPv6 networks whose addresses hold an IPv4 one, and how many bits stand to the right of it.
_HOLD_IPV4: Final = tuple(
    (ipaddress.IPv6Network(network), shift)
    for network, shift in (
        ("::/96", 0),  # IPv4-compatible
        ("::ffff:0:0:0/96", 0),  # IPv4-translated
        ("64:ff9b::/96", 0),  # NAT64
        ("64:ff9b:1::/48", 0),  # NAT64 of an operator's own, with a prefix of 96 bits
        ("2002::/16", 80),  # 6to4
        ("2001::/32", 64),  # Teredo: its server
    )
)
_TEREDO: Final = ipaddress.IPv6Network("2001::/32")
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})
_DNS_SECONDS: Final = 30.0
_LOOPBACK_NAMES: Final = {"localhost": ("127.0.0.1", "::1")}


class RefusedAddress(OSError):  # noqa: N818 - what it is
    """The address must not be reached; the text says which, why, and what to do."""


class Unresolvable(OSError):  # noqa: N818 - what it is
    """The host's name leads to no address."""


def is_ours(address: str) -> bool:
    """Whether an address belongs to an interface of this machine: a socket can be bound to no other address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as trial:
            trial.bind((address, 0))
    except OSError:
        return False
    return True


class Guard:
    """Knows what the operator allows and where we listen ourselves."""

    def __init__(
        self,
        *,
        allow: Iterable[str] = (),
        own: Iterable[str] = (),
        identity: Iterable[str] = (),
        ours: Callable[[str], bool] = is_ours,
    ) -> None:
        """`allow`: `HOST:PORT` of loopback addresses that may be reached. `own`: our listeners, never reached.

        `identity`: agents of a cloud on this machine, which only the guard of `clients/clouds/machine_identity` opens, as
        nothing that a manifest names goes there. `ours` tells addresses of this machine from others.
        """
        self.allow(allow)
        self._identity = frozenset(each for text in identity for each in _places(text))
        self._own = {each for text in own for each in _places(text)}
        self._ours = ours
        self.lookups = Lookups()

    def allow(self, places: Iterable[str]) -> None:
        """Allow these loopback addresses, `HOST:PORT`, from now on, and no others."""
        self._allow = frozenset(each for text in places for each in _places(text))

    def add_own(self, host: str, port: int) -> None:
        """Name one more listener of ours."""
        self._own.add((_normal(host), port))

    def allows(self, host: str, port: int) -> bool:
        """Whether the operator has named an address, as it is written."""
        return any((place, port) in self._allow for place in _LOOPBACK_NAMES.get(host, (host,)))

    def check(self, address: str, port: int) -> None:
        """Raise RefusedAddress for an IP address that must not be dialled."""
        try:
            given = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            raise RefusedAddress(f"{address} is no IP address") from None
        for found in _meant(given):
            why = self._objection(found, port)
            if why:
                shown = f"[{address}]" if ":" in address else address
                raise RefusedAddress(f"{shown}:{port} must not be reached: {why}")

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Return all addresses of a host, if each of them may be dialled.

        Raises RefusedAddress naming the host as well, and Unresolvable.
        """
        try:
            async with asyncio.timeout(_DNS_SECONDS):
                found = await self.lookups.look_up(host, port)
        except (OSError, UnicodeError) as error:
            raise Unresolvable(
                f"the host's name {host!r} cannot be resolved; check how it is spelt, and the DNS of this machine"
            ) from error
        addresses = tuple(dict.fromkeys(str(place[0]) for _, _, _, _, place in found))
        for address in addresses:
            try:
                self.check(address, port)
            except RefusedAddress as error:
                named = "" if address == host else f"{host} is "
                raise RefusedAddress(f"{named}{error}") from error
        return addresses

    def _objection(self, address: _Address, port: int) -> str:
        place = (str(address), port)
        here = address.is_loopback or address.is_unspecified or _is_this_network(address)
        if place in self._own or (
            any(
                port == own and ipaddress.ip_address(host).is_unspecified for host, own in self._own
            )
            and (here or self._ours(str(address)))
        ):
            return "Towpath itself listens there; name another server"
        if place in self._identity:
            return ""
        if address in _METADATA:
            return "it is a cloud's metadata service, which no setting opens; name another server"
        if address.is_link_local:
            return "it is a link-local address, which no setting opens; name another server"
        if address.is_multicast or address == _BROADCAST:
            return "it is a multicast address; name a server"
        if here and place not in self._allow:
            return "it is this machine; an operator allows it with egress.allow"
        return ""


def _is_this_network(address: _Address) -> bool:
    return isinstance(address, ipaddress.IPv4Address) and address in _THIS_NETWORK


def _meant(address: _Address) -> list[_Address]:
    """Return an address and the IPv4 ones that it stands for; of a mapped one only that."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.is_loopback or address.is_unspecified:
        return [address]
    number = int(address)
    found = [number >> shift for network, shift in _HOLD_IPV4 if address in network]
    if address in _TEREDO:
        found.append(~number)  # the client's, with every bit turned over
    if (number >> 32) & 0xFFFFFFFF in _ISATAP:
        found.append(number)
    return [address, *(ipaddress.IPv4Address(each & 0xFFFFFFFF) for each in found)]


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
