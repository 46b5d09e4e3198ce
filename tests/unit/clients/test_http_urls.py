"""One reading of hosts: what has an unusual spelling is refused, wherever it leads."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.spellings import UNUSUAL
from towpath.clients.http import urls


@pytest.mark.parametrize("host", UNUSUAL)
def test_unusual_spellings_are_refused(host: str) -> None:
    """With the reason and what to write instead."""
    with pytest.raises(urls.Unacceptable, match=r"^its? .*(;|no host)"):
        urls.split(f"http://{host}/x.git")


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [
        ("http://Example.COM/x", "example.com", 80),
        ("https://example.com./x", "example.com", 443),
        ("http://localhost.:8080/x", "localhost", 8080),
        ("http://127.0.0.1.:80/x", "127.0.0.1", 80),
        ("http://[0:0:0:0:0:0:0:1]:5/", "::1", 5),
        ("http://[::ffff:127.0.0.1]/", "::ffff:7f00:1", 80),
        ("http://user:pass@my_host-1.example:/x?q=1#f", "my_host-1.example", 80),
        ("ssh://git@[fd12::1]/x", "fd12::1", 22),
    ],
)
def test_the_one_form(given: str, host: str, port: int) -> None:
    """Of what is accepted."""
    assert urls.split(given).where[0] == str(_or_address(host))
    assert urls.split(given).where[1] == port


def _or_address(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host


def test_a_place_is_sent_without_user_and_fragment() -> None:
    """The rest of the text stays as it is: a signature may be over it."""
    place = urls.split("HTTPS://u:p%40@Example.com:444/a%2Fb/../c?d=%2e#e")
    assert place.url == "https://example.com:444/a%2Fb/../c?d=%2e"
    assert (place.user, place.password, place.has_user) == ("u", "p%40", True)
    assert "p%40" not in repr(place)


@pytest.mark.parametrize(
    "target",
    [
        "http:\\\\127.0.0.1/",
        "/\\127.0.0.1/",
        "//127.0.0.1\t/",
        "http://a@b@c/",
        "http://[::1%25lo]/",
    ],
)
def test_where_a_server_points_to_is_read_alike(target: str) -> None:
    """Redirects and next pages."""
    with pytest.raises(urls.Unacceptable):
        urls.joined(urls.split("https://example.com/a"), target)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """A host that is accepted is a plain name or an address, and reads as itself."""
    try:
        place = urls.split(f"http://{text}/x")
    except urls.Unacceptable:
        return
    host, _ = place.where
    assert urls.split(place.url).where == place.where
    if ":" not in host:
        assert set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
        if host.rpartition(".")[2].isdecimal():
            assert str(ipaddress.IPv4Address(host)) == host
