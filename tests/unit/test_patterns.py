"""The one way to regular expressions: RE2's language, Go's refusals, linear time."""

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
        ("(?<n>a)(?P<m>b)", "ab", True),
        ("a||b", "", True),
        ("a{,5}", "a{,5}", True),
        (r"^\Q\C(?P<é>[\E$", r"\C(?P<é>[", True),
        (r"\QC\E\d", "C1", True),
        (r"\Qa", "a", True),
        (r"^[]\]^(?P<n>]+$", "](?P<n>^", True),
        (r"^[^](?P<n>]+$", "C", True),
        (r"^[[:alpha:](?P<n>]+(?P<n>1)$", "ab(1", True),
        (r"[(?P<n>](?P<n>b)", "nb", True),
        (r"\(?P<n>", "P<n>", True),
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
        r"[\C]",
        r"\Qa\E\C",
        r"[a]\C",
        r"[]]\C",
        r"[[:alpha:]]\C",
        "(?P<n>a)(?P<n>b)",
        "(?P<n>a)(?<n>b)",
        "[(](?P<n>a)(?P<n>b)",
        "(?P<é>a)",
        "(?<>a)",
        "(" * 1001 + ")" * 1001,
        r"\Z",
        r"(?>a)",
        "(?x)a",
        "a{5,2}",
        "a{2}{3}",
        "(a{100}){100}",
        r"\pL{1000}",
        "[[:nothing:]]",
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


def test_bytes_are_matched_as_utf_8() -> None:
    """What is not UTF-8 in them matches nothing."""
    assert patterns.compile("^é$").search("é".encode())
    assert patterns.compile("a").search(b"\xffa")
    assert not patterns.compile("^.$").search(b"\xff")
    assert patterns.compile("é+").fullmatch("éé".encode())


def test_what_is_refused_is_told_in_text() -> None:
    """RE2's own words, or Go's where RE2 has no objection."""
    for pattern, reason in (
        ("(", "missing ): ("),
        (r"\C", r"invalid escape sequence: \C"),
        ("(?P<n>a)(?P<n>b)", "duplicate capture group name: `n`"),
        ("(?<é>a)", "invalid named capture: `(?<é>`"),
        ("(" * 1001 + ")" * 1001, "expression nests too deeply"),
        ("é(", "missing ): é("),
    ):
        with pytest.raises(patterns.PatternError) as raised:
            patterns.compile(pattern)
        assert str(raised.value) == reason


def test_only_some_compiled_patterns_are_kept() -> None:
    """Each may hold some megabytes."""
    for number in range(500):
        patterns.compile(f"a{number}")
    kept = [number for number in range(500) if not patterns.work(f"a{number}")]
    assert kept == list(range(500 - 128, 500))


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
