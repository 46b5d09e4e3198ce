"""Durations are read and written as Go's `time` package does it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.resources import durations

LONGEST = "2562047h47m16.854775807s"


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("+0", 0),
        ("-0", 0),
        ("0s", 0),
        ("5s", 5_000_000_000),
        ("1h30m", 5_400_000_000_000),
        ("1m1h", 3_660_000_000_000),
        ("500ms", 500_000_000),
        ("-1m", -60_000_000_000),
        ("+1.5h", 5_400_000_000_000),
        (".5s", 500_000_000),
        ("5.s", 5_000_000_000),
        ("1us", 1_000),
        ("1\u00b5s", 1_000),
        ("1\u03bcs", 1_000),
        ("7ns", 7),
        ("0.3ns", 0),
        ("0.100000000000000000000h", 360_000_000_000),
        ("0.830103483285477580700h", 2_988_372_539_827),
        ("0.9223372036854775807h", 3_320_413_933_267),
        ("0000000000000000000000000000000001s", 1_000_000_000),
        (LONGEST, 2**63 - 1),
        ("9223372036854775.807us", 2**63 - 1),
        ("-9223372036854775808ns", -(2**63)),
    ],
)
def test_what_go_reads(text: str, nanoseconds: int) -> None:
    """Units, signs, fractions and bounds."""
    assert durations.parse(text) == nanoseconds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "invalid duration"),
        ("-", "invalid duration"),
        ("+-1s", "invalid duration"),
        ("banana", "invalid duration"),
        (".s", "invalid duration"),
        ("1", "missing unit"),
        ("1.5", "missing unit"),
        ("1d", 'unknown unit "d"'),
        ("1h 2m", 'unknown unit "h "'),
        ("1H", 'unknown unit "H"'),
        ("1e3s", 'unknown unit "e"'),
        ("\u0661s", "invalid duration"),
        ("1s\n", "unknown unit"),
    ],
)
def test_what_go_does_not_read(text: str, said: str) -> None:
    """The words are Go's; what cannot be read is no span."""
    with pytest.raises(ValueError, match=said) as error:
        durations.parse(text)
    assert not isinstance(error.value, durations.TooLong)
    assert durations.span(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "99999999999h",
        "87600000h",
        "9223372036854775808ns",
        "2562047h47m16.854775808s",
        "9" * 5000 + "h",
    ],
)
def test_what_is_too_long_is_the_longest_span_and_never_none(text: str) -> None:
    """Beyond 64 bits of nanoseconds Go reads nothing; what was stored once must not turn into "no limit"."""
    with pytest.raises(durations.TooLong):
        durations.parse(text)
    longest = durations.span(text)
    assert longest is not None
    assert longest == durations.span(LONGEST)
    assert longest > timedelta(days=292 * 365)
    assert durations.span(f"-{text}") == -longest - timedelta(microseconds=1)


@pytest.mark.parametrize("value", [None, 5, 1.5, True, [], {}])
def test_what_is_no_text_is_no_span(value: object) -> None:
    """Whatever lies in the store."""
    assert durations.span(value) is None


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_100, "1.1µs"),
        (2_200_000, "2.2ms"),
        (3_300_000_000, "3.3s"),
        (245_000_000_000, "4m5s"),
        (3_600_000_000_000, "1h0m0s"),
        (18_367_001_000_000, "5h6m7.001s"),
        (-1_000_000_000, "-1s"),
        (2**63 - 1, LONGEST),
        (-(2**63), "-2562047h47m16.854775808s"),
    ],
)
def test_durations_are_written_as_go_writes_them(nanoseconds: int, text: str) -> None:
    """The examples of Go's own tests."""
    assert durations.spoken(nanoseconds) == text


@given(st.integers(-(2**63), 2**63 - 1))
def test_what_is_written_reads_back(nanoseconds: int) -> None:
    """To the nanosecond, but for floating point, which Go uses for fractions too."""
    assert abs(durations.parse(durations.spoken(nanoseconds)) - nanoseconds) <= 1


@given(
    st.text(max_size=12)
    | st.from_regex(r"[-+]?([0-9]*\.?[0-9]*(ns|us|ms|s|m|h|d))+", fullmatch=True)
)
def test_no_text_breaks_the_reader(text: str) -> None:
    """A number within 64 bits, or a ValueError."""
    try:
        nanoseconds = durations.parse(text)
    except ValueError:
        return
    assert -(2**63) <= nanoseconds < 2**63


def test_spans_are_spoken_in_milliseconds_and_whole_seconds() -> None:
    """Time-outs and stays."""
    span = timedelta(minutes=2, microseconds=1_234_567)
    assert durations.spoken_span(span) == "2m1.235s"
    assert durations.spoken_seconds(span) == "2m1s"
    assert durations.spoken_seconds(timedelta(microseconds=5)) == "0s"
