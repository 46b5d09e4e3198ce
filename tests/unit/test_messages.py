"""Messages hold nothing that acts on a terminal or page, and end somewhere."""

from __future__ import annotations

import difflib
import random
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath import errors
from towpath.messages import FOREIGN_BYTES, alike, cut, foreign, instead, plain, statements


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("a\x1bcb", "ab"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("nul\0bell\x07tab\tend", "nulbelltab end"),
        ("\u202egpj.exe", "gpj.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("line\u2028end", "lineend"),
        ("ünïcode 日本 stays", "ünïcode 日本 stays"),
        ("\ud800", ""),
    ],
)
def test_what_acts_is_taken_out(text: str, shown: str) -> None:
    """Colours, titles, links, marks of direction; letters stay."""
    assert plain(text) == shown
    assert errors.BadRequest(text).message == shown
    assert str(errors.Invalid(text)) == shown
    assert errors.Forbidden(text).message == shown


@given(st.text())
def test_plain_text_is_plain(text: str) -> None:
    """Whatever comes in; and nothing is taken out twice."""
    shown = plain(text)
    assert all(c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs") for c in shown)
    assert plain(shown) == shown


def test_pages_become_their_text() -> None:
    """Without tags, scripts and styles; what only looks like one stays."""
    page = (
        "<!DOCTYPE html><html><head><title>x</title><style>p{}</style></head><body><h1>502 Bad\n Gateway</h1>"
        "<script>alert(1)</script><!-- no --><p>nginx</p></body></html>"
    )
    assert foreign(page) == "502 Bad Gateway nginx"
    assert foreign("expected <nil>, got 3 < 4") == "expected <nil>, got 3 < 4"
    assert foreign("no <b onclick=x>bold</b>") == "no bold"


@given(st.text(max_size=200), st.integers(8, 64))
def test_a_cut_text_fits(text: str, most: int) -> None:
    """In bytes, and it says that it was cut."""
    shown = cut(text, most)
    fits = len(text.encode("utf-8", "replace")) <= most
    assert shown == text if fits else len(shown.encode()) <= most and shown.endswith("…")


def test_foreign_texts_end_at_two_kibibytes() -> None:
    """Bytes that are no UTF-8 among them."""
    shown = foreign(b"\xff" + b"word " * 100_000)
    assert len(shown.encode()) <= FOREIGN_BYTES
    assert shown.endswith("word…")


@pytest.mark.parametrize("begin", ["<script>", "<!--", "<style x>", "<script></scrip"])
def test_a_page_costs_what_it_is_long(begin: str) -> None:
    """Also where what it begins never ends."""
    page = f"<html><p>no</p>{begin * 100_000}"
    assert foreign(page).startswith("no")
    assert foreign(f"<html>{'<!-- x -->yes ' * 3}<script>a</SCRIPT >end") == "yes yes yes end"


def test_few_statements_are_told_whole_and_of_many_how_many_more() -> None:
    """Up to the bound nothing is said of more."""
    assert statements([], 2) == ""
    assert statements(["a", "b"], 2) == "a; b"
    assert statements(["a", "b", "c", "d"], 2) == "a; b; and 2 more"


@given(st.text("abcdefg-", max_size=12), st.lists(st.text("abcdefg-", max_size=12), max_size=20))
def test_names_that_are_alike_are_those_of_difflib(wanted: str, there: list[str]) -> None:
    """As long as few are compared, nothing is left out."""
    close = difflib.get_close_matches(wanted, there, n=3)
    ratios = [difflib.SequenceMatcher(a=each, b=wanted).ratio() for each in close]
    assert alike(wanted, there) == [
        each for each, ratio in zip(close, ratios, strict=True) if ratio >= ratios[0] - 0.15
    ]


def test_what_is_compared_is_bounded_whatever_the_names_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Names of the same letters in another order cost a hundred times what others do: few of them are compared."""
    compared = []
    ratio = difflib.SequenceMatcher.ratio

    def counted(self: Any) -> float:
        compared.append(len(self.a) * len(self.b))
        return ratio(self)

    monkeypatch.setattr(difflib.SequenceMatcher, "ratio", counted)
    drawn = random.Random(7)
    letters = list("ab" * 50)
    names = []
    for _ in range(2_000):
        drawn.shuffle(letters)
        names.append("".join(letters))
    assert len(instead(names[0], names[1:])) > 100
    assert sum(compared) <= 10_000
    compared.clear()
    short = [f"n-{number:05d}" for number in range(5_000)]
    assert instead("n-00003x", short).startswith('did you mean "n-00003" or ')
    assert sum(compared) <= 10_000
