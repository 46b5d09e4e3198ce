"""Plain scalars as kubectl reads them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.resources import scalars


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nUll", "nUll"),
        ("yes", True), ("Y", True), ("on", True), ("True", True), ("tRue", "tRue"), ("no", False), ("OFF", False),
        ("0", 0), ("-0", 0), ("+5", 5), ("5", 5), ("007", 7), ("0777", 511), ("0o17", 15), ("0x1F", 31), ("-0x10", -16),
        ("0b101", 5), ("1_000", 1000), ("08", 8.0), ("1e3", 1000.0), ("1E-2", 0.01), ("1.0", 1.0), ("1.", 1.0),
        (".5", 0.5), ("-.5", -0.5), (".", "."), ("..", ".."), ("1.2.3", "1.2.3"), ("v1", "v1"), ("1a", "1a"),
        ("12:30", "12:30"), ("190:20:30", "190:20:30"), ("2024-01-01", "2024-01-01"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"), ("+", "+"), ("-", "-"), ("=", "="), ("0x", "0x"),
        ("0b2", "0b2"), ("1e", "1e"), ("e3", "e3"), ("Infinity", "Infinity"), ("nan", "nan"), ("٣", "٣"),
        ("9223372036854775807", (1 << 63) - 1), ("18446744073709551615", (1 << 64) - 1),
        ("0xFFFFFFFFFFFFFFFFFF", float((1 << 72) - 1)), ("-0b1" + "0" * 70, -float(1 << 70)),
        ("0777777777777777777777777", 777777777777777777777777.0), ("0o7777777777777777777777777", float((1 << 75) - 1)),
        ("0x_1F", 31), ("1__0", 10), ("_1", "_1"), ("0_8", 8.0), ("+0o7", 7), ("0B1", 1), ("0XaF", 175),
        ("0" * 500, 0), ("18446744073709551616", float(1 << 64)), ("-9223372036854775809", -float((1 << 63) + 1)),
    ],
)  # fmt: skip
def test_a_plain_scalar_means_what_kubectl_takes_it_for(text: str, value: Any) -> None:
    """Value and type."""
    assert repr(scalars.resolve(text)) == repr(value)


@pytest.mark.parametrize(
    "text",
    [
        ".nan",
        ".NaN",
        ".inf",
        "-.inf",
        "+.INF",
        "1e999",
        "-1e999",
        "9" * 500,
        "9" * 9000,
        "0x" + "f" * 9000,
        "-0o" + "7" * 9000,
    ],
)
def test_a_number_that_json_does_not_have_is_refused(text: str) -> None:
    """With a text that says so."""
    with pytest.raises(ValueError, match="number"):
        scalars.resolve(text)


@given(st.text(max_size=20))
def test_every_text_has_a_meaning_or_is_refused(text: str) -> None:
    """Nothing but a ValueError comes out."""
    try:
        value = scalars.resolve(text)
    except ValueError:
        return
    assert value is None or isinstance(value, bool | int | float | str)
