"""Headers of registries: links to the next page, and challenges."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.clients.oci.challenges import Challenge, challenges
from towpath.clients.oci.links import following
from towpath.errors import Unavailable

PAGE = "https://r.example/v2/a/tags/list?n=2"


@pytest.mark.parametrize(
    ("header", "path"),
    [
        ('</v2/a/tags/list?last=x>; rel="next"', "/v2/a/tags/list?last=x"),
        ('</v2/a/tags/list?tok=a,b>; rel="next"', "/v2/a/tags/list?tok=a,b"),
        ('<http://r.example/v2/a/tags/list?last=x>; rel="next"', "/v2/a/tags/list?last=x"),
        ('<https://R.example:443/v2/a/tags/list?last=x>; rel="next"', "/v2/a/tags/list?last=x"),
        ('<https://other.example/v2/a/tags/list?last=x>; rel="next"', "/v2/a/tags/list?last=x"),
        ('</v2/a/tags/list?last=x>; rel="Next"', "/v2/a/tags/list?last=x"),
        ('</v2/a/tags/list?last=x>; REL = "prev NEXT"', "/v2/a/tags/list?last=x"),
        ("</v2/a/tags/list?last=x>; rel='next'", "/v2/a/tags/list?last=x"),
        ("</v2/a/tags/list?last=x>;rel=next", "/v2/a/tags/list?last=x"),
        ('</first>; rel="first", </v2/b?x=1>; title="a;b,c"; rel="next"', "/v2/b?x=1"),
        ('<?last=x>; rel="next"', "/v2/a/tags/list?last=x"),
        ('<//evil.example/v2/a?last=x>; rel="next"', "/v2/a?last=x"),
    ],
)
def test_the_next_page(header: str, path: str) -> None:
    """It is asked for where the page came from."""
    assert following(header, PAGE) == f"https://r.example{path}"


@pytest.mark.parametrize("header", ["", '</first>; rel="first"', "</x>", "nonsense"])
def test_no_next_page(header: str) -> None:
    """Then the list has ended."""
    assert following(header, PAGE) is None


@pytest.mark.parametrize("header", ['/v2/a?last=x; rel="next"', "next", '<http://[/x>; rel="next"'])
def test_a_link_that_cannot_be_read_is_no_end(header: str) -> None:
    """It is an error: a part of a list never counts as the whole."""
    with pytest.raises(Unavailable, match="next page"):
        following(header, PAGE)


@pytest.mark.parametrize(
    ("header", "want"),
    [
        ('Basic realm="x"', [Challenge("basic", {"realm": "x"})]),
        (
            'Basic realm="x", Bearer realm="https://h/t",service="s",scope="a:b:pull,push"',
            [
                Challenge("basic", {"realm": "x"}),
                Challenge(
                    "bearer", {"realm": "https://h/t", "service": "s", "scope": "a:b:pull,push"}
                ),
            ],
        ),
        (
            'Bearer realm = "https://h/t" , service = "s" , scope = "x"',
            [Challenge("bearer", {"realm": "https://h/t", "service": "s", "scope": "x"})],
        ),
        ("Negotiate, BASIC Realm=x", [Challenge("negotiate"), Challenge("basic", {"realm": "x"})]),
        ('Bearer realm="a\\"b",realm="c"', [Challenge("bearer", {"realm": 'a"b'})]),
        ("", []),
    ],
)
def test_challenges(header: str, want: list[Challenge]) -> None:
    """Several in one header, blanks around `=`, quotes within quotes."""
    assert challenges(header) == want


@given(st.text(st.sampled_from("<>;,= \t\"'\\abnextrelBasicBearer/?"), max_size=60))
def test_nothing_breaks_them(text: str) -> None:
    """Whatever a server sends is read, or refused in our own words."""
    challenges(text)
    with contextlib.suppress(Unavailable):
        following(text, PAGE)


@pytest.mark.parametrize("header", ["," * 100_000, "<a " * 50_000, "< " * 50_000 + 'next"'])
def test_a_header_costs_what_it_is_long(header: str) -> None:
    """A server could send any number of them, and everybody waits while one is read."""
    challenges(header)
    with contextlib.suppress(Unavailable):
        following(header, PAGE)
    with pytest.raises(Unavailable, match="longer than"):
        following(f'{header}</x>; rel="next"', PAGE)


def test_commas_before_a_challenge_and_a_link_are_nothing() -> None:
    """Neither are spaces."""
    assert challenges(" , ,, Basic a=b") == [Challenge("basic", {"a": "b"})]
    assert following(', ,</x>; rel="next"', PAGE) == "https://r.example/x"
