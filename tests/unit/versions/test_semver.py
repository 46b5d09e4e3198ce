"""Ranges of semantic versions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.versions.semver import VersionError, parse, parse_range


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("1.2.3", ["1.2.3", "v1.2.3"], ["1.2.4", "1.2.3-rc.1"]),
        ("^1.2", ["1.2.0", "1.9.9"], ["1.1.9", "2.0.0", "1.3.0-rc.1"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0", "0.2.2"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0", "1.2.2"]),
        ("1.x", ["1.0.0", "1.9.0"], ["2.0.0", "0.9.0"]),
        (">=1.2 <3 || 5.x", ["1.2.0", "2.9.9", "5.1.0"], ["3.0.0", "4.0.0"]),
        ("1.2 - 2.0", ["1.2.0", "2.0.0"], ["1.1.9", "2.1.0"]),
        ("*", ["0.0.0", "9.9.9"], ["1.0.0-rc.1"]),
        (">=1.0.0-0", ["1.0.0-rc.1", "1.0.0"], ["0.9.0"]),
        ("!=1.2.3", ["1.2.4", "2.0.0"], ["1.2.3"]),
        ("!=1.x", ["2.0.0", "0.9.0"], ["1.0.0", "1.9.9"]),
        ("!=1.2.x", ["1.3.0"], ["1.2.0", "1.2.9"]),
        ("!=*", ["0.0.1", "1.0.0", "2.3.4"], ["0.0.0"]),
        ("!=x", ["0.0.1", "1.0.0"], ["0.0.0"]),
        ("!=*, >=1", ["1.0.0"], ["0.0.0", "0.9.0"]),
    ],
)
def test_ranges(text: str, inside: list[str], outside: list[str]) -> None:
    """`!=*` leaves out 0.0.0 alone, as upstream's reader of ranges has it."""
    found = parse_range(text)
    assert [each for each in inside if not found.contains(parse(each))] == []
    assert [each for each in outside if found.contains(parse(each))] == []


@pytest.mark.parametrize("text", ["nope", "1.2.3.4", ">>1", "1 -", "=>1.x.y"])
def test_what_is_no_range_is_refused(text: str) -> None:
    """Naming it."""
    with pytest.raises(VersionError):
        parse_range(text)


_NUMBER = st.integers(0, 20)


@given(_NUMBER, _NUMBER, _NUMBER, _NUMBER)
def test_not_equal_leaves_out_what_equal_takes(a: int, b: int, c: int, major: int) -> None:
    """For whole versions, and for a major one with anything behind it."""
    version = parse(f"{a}.{b}.{c}")
    for text in (f"{major}.{b}.{c}", f"{major}.x"):
        equal, different = parse_range(f"={text}"), parse_range(f"!={text}")
        assert equal.contains(version) != different.contains(version)
