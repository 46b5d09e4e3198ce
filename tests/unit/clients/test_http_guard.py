"""Which addresses may be reached."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.spellings import LEADING_HERE
from towpath.clients.http import urls
from towpath.clients.http.guard import Guard, RefusedAddress, Unresolvable, is_ours

GUARD = Guard(allow=["127.0.0.1:5000", "localhost:5001", "[::1]:5002"], own=["127.0.0.1:8080"])


@pytest.mark.parametrize(
    ("address", "port", "why"),
    [
        ("169.254.169.254", 80, "metadata"),
        ("169.254.1.1", 80, "link-local"),
        ("fe80::1", 80, "link-local"),
        ("fe80::1%eth0", 80, "link-local"),
        ("::ffff:169.254.169.254", 80, "metadata"),
        ("64:ff9b::a9fe:a9fe", 80, "metadata"),
        ("2002:a9fe:a9fe::1", 80, "metadata"),
        ("fd00:ec2::254", 80, "metadata"),
        ("fd00:42::42", 80, "metadata"),
        ("100.100.100.200", 80, "metadata"),
        ("127.0.0.1", 80, "this machine"),
        ("127.9.9.9", 5000, "this machine"),
        ("::1", 80, "this machine"),
        ("::ffff:127.0.0.1", 80, "this machine"),
        ("0.0.0.0", 80, "this machine"),
        ("::", 80, "this machine"),
        ("224.0.0.1", 80, "multicast"),
        ("127.0.0.1", 8080, "itself listens"),
        ("::ffff:127.0.0.1", 8080, "itself listens"),
        ("example.com", 80, "no IP address"),
    ],
)
def test_what_is_refused(address: str, port: int, why: str) -> None:
    """Forms that stand for an address are that address."""
    with pytest.raises(RefusedAddress, match=why):
        GUARD.check(address, port)


@pytest.mark.parametrize(
    ("address", "port"),
    [
        ("10.0.0.1", 80),
        ("192.168.1.1", 443),
        ("172.16.0.1", 443),
        ("fd12::1", 443),
        ("93.184.216.34", 443),
        ("2606:2800:220:1::1", 443),
        ("127.0.0.1", 5000),
        ("127.0.0.1", 5001),
        ("::1", 5001),
        ("::1", 5002),
        ("::ffff:127.0.0.1", 5000),
    ],
)
def test_what_is_let_through(address: str, port: int) -> None:
    """Public and private addresses, and what the operator names."""
    GUARD.check(address, port)


def test_a_listener_on_all_addresses_is_ours_on_each() -> None:
    """Also when the operator names it by mistake."""
    guard = Guard(allow=["127.0.0.1:8080"], own=["0.0.0.0:8080"])
    with pytest.raises(RefusedAddress, match="itself listens"):
        guard.check("127.0.0.1", 8080)


@pytest.mark.parametrize("host", LEADING_HERE)
def test_forms_that_stand_for_a_forbidden_address(host: str) -> None:
    """Each is taken for what it stands for; a name is resolved first."""
    where, port = urls.split(f"http://{host}:4711/").where
    if where == "localhost":
        where = "127.0.0.1"
    with pytest.raises(RefusedAddress, match=r"must not be reached: .*;"):
        GUARD.check(where, port)


def test_our_listener_on_all_addresses_is_ours_on_every_interface() -> None:
    """What belongs to this machine is asked of the machine."""
    guard = Guard(own=["0.0.0.0:8080"], ours=lambda address: address == "192.168.1.5")
    with pytest.raises(RefusedAddress, match="itself listens"):
        guard.check("192.168.1.5", 8080)
    guard.check("192.168.1.5", 8081)
    guard.check("192.168.1.6", 8080)


def test_the_machine_knows_its_addresses() -> None:
    """An address of documentation belongs to no machine."""
    assert is_ours("127.0.0.1")
    assert not is_ours("192.0.2.1")


async def test_every_address_of_a_name_is_asked_about() -> None:
    """The message holds the name and the address; a name that leads nowhere is said to."""
    with pytest.raises(
        RefusedAddress, match=r"^localhost is .*127\.0\.0\.1.*egress\.allow|^localhost is \[::1\]"
    ):
        await GUARD.addresses("localhost", 80)
    with pytest.raises(Unresolvable, match=r"nowhere\.invalid"):
        await GUARD.addresses("nowhere.invalid", 80)


async def test_a_good_address_of_a_name_does_not_cover_a_bad_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Any of them may be dialled, so each must be right; two of one are one."""
    found = ["192.0.2.1", "192.0.2.2", "169.254.169.254"]

    async def resolved(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", (address, 80)) for address in (*found, found[0])]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
    with pytest.raises(RefusedAddress, match=r"^two\.faces is 169\.254\.169\.254:80 .*metadata"):
        await GUARD.addresses("two.faces", 80)
    found.pop()
    assert await GUARD.addresses("two.faces", 80) == ("192.0.2.1", "192.0.2.2")
