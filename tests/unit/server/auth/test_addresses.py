"""From which address a request comes."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.server.auth import addresses
from towpath.server.auth.way_in import WayIn

TRUSTED = addresses.networks(["10.0.0.0/8", "2001:db8:1::/48"])


def scope(peer: str, *forwarded: str, scheme: str = "http", proto: str = "") -> dict[str, Any]:
    """Return a request's."""
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    headers += [(b"x-forwarded-proto", proto.encode())] if proto else []
    return {"client": (peer, 1), "headers": headers, "scheme": scheme}


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        ("10.1.1.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.1.1.1", ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        ("10.1.1.1", ["1.1.1.1, 203.0.113.9, 10.2.2.2"], "203.0.113.9"),
        ("10.1.1.1", ["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
        ("10.1.1.1", ["1.1.1.1, nonsense"], "10.1.1.1"),
        ("10.1.1.1", [], "10.1.1.1"),
        ("::ffff:10.1.1.1", ["203.0.113.9"], "203.0.113.9"),
        ("2001:db8:1::5", ["2001:db8:2::9"], "2001:db8:2::9"),
    ],
)
def test_proxies_are_believed_as_far_as_they_are_trusted(
    peer: str, forwarded: list[str], found: str
) -> None:
    """What a caller wrote into the header stands before what proxies did, and is not read."""
    assert addresses.client(scope(peer, *forwarded), TRUSTED) == found


def test_without_an_address_there_is_none() -> None:
    """A socket of the file system has none."""
    assert addresses.client({"client": None, "headers": []}, TRUSTED) == ""


def test_tls_is_what_was_spoken_or_what_a_trusted_proxy_says() -> None:
    """Anybody else's word does not count."""
    assert addresses.is_https(scope("192.0.2.1", scheme="https"))
    assert addresses.is_https(scope("10.1.1.1", proto="https"), TRUSTED)
    assert not addresses.is_https(scope("192.0.2.1", proto="https"), TRUSTED)
    assert not addresses.is_https(scope("10.1.1.1", proto="https, http"), TRUSTED)


def test_the_url_of_the_settings_goes_before_what_a_request_says() -> None:
    """Nobody has people sent back to a host of their choice."""
    told = scope("192.0.2.1")
    told["headers"] = [(b"host", b"evil.example")]
    assert WayIn(url="https://towpath.example/base/").base(told) == "https://towpath.example/base"
    assert WayIn().base(told) == "http://evil.example"
    assert not WayIn(url="https://towpath.example").is_https(told)
