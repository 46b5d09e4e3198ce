"""The one door to regular expressions: RE2's language, Go's refusals, linear time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath import patterns


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("b", "abc", True),
        ("^b", "abc", False),
        (r"^v\d+$", "v1", True),
        (r"^v\d+$", "v1\n", False),
        (r"^\d+$", "١٢", False),
        (r"^\w+$", "é", False),
        (r"^\pL+$", "é", True),
        ("(?i)ABC", "xabcx", True),
        ("(?s)a.b", "a\nb", True),
        ("(?m)^b$", "a\nb", True),
        ("", "", True),
        (r"^\z", "", True),
        ("^[[:alpha:]]+$", "abc", True),
        ("(?P<n>a)", "a", True),
        ("^.$", "\U0001f6a2", True),
        ("^.$", "\ud800", False),
        (r"\x{1F6A2}", "\U0001f6a2", True),
    ],
)
def test_matching_is_unanchored_and_classes_are_ascii(
    pattern: str, text: str, matches: bool
) -> None:
    """As Go's MatchString does it."""
    assert patterns.compile(pattern).search(text) is matches


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[a",
        "a**",
        r"\C",
        r"a\\\C",
        r"(?=a)",
        r"(a)\1",
        r"\8",
        "a{1001}",
        "\ud800",
        "a" * 5000,
        "[z-a]",
        r"\pX",
    ],
)
def test_what_go_refuses_is_refused(pattern: str) -> None:
    """With a text that says why, and nothing on standard error."""
    with pytest.raises(patterns.PatternError) as raised:
        patterns.compile(pattern)
    assert str(raised.value)


def test_an_escaped_backslash_before_c_is_a_letter() -> None:
    r"""`\\C` is a backslash and a C."""
    assert patterns.compile(r"\\C").search("\\C")


def test_fullmatch_is_anchored_at_both_ends() -> None:
    """Alternatives included."""
    assert patterns.compile("a|ab").fullmatch("ab")
    assert not patterns.compile("a").fullmatch("ab")
    assert not patterns.compile("a").fullmatch("\ud800")


@pytest.mark.parametrize(
    "pattern", ["(a*)*b", "(a|a)*b", "(.*)(.*)(.*)(.*)(.*)x", "^(([a-z])+.)+[A-Z]([a-z])+$"]
)
def test_no_pattern_takes_more_than_linear_time(pattern: str) -> None:
    """What would take years elsewhere ends (and a hang would fail the suite)."""
    assert not patterns.compile(pattern).search("a" * 100_000)


@given(st.text(max_size=30), st.text(max_size=30))
def test_nothing_but_a_pattern_error_comes_out(pattern: str, text: str) -> None:
    """Whatever is given as a pattern or as a text."""
    try:
        compiled = patterns.compile(pattern)
    except patterns.PatternError:
        return
    assert compiled.search(text) in (True, False)
    assert not compiled.fullmatch(text) or compiled.search(text)
