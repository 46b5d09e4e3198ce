"""What a JSON text says, for expressions."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.documents.json import values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42.0),
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"a\ud800b"', "a\ufffdb"),
        (r'{"\udc00": ["\uD800\ud800", "\u0041"]}', {"\ufffd": ["\ufffd\ufffd", "A"]}),
    ],
)
def test_half_of_a_character_is_one_that_stands_for_it(text: str, value: Any) -> None:
    """As Go reads it: what is read can be written."""
    assert values.value(text) == value


@pytest.mark.parametrize("text", ["NaN", "1e999", "{", "[" * 100_000])
def test_what_is_no_json(text: str) -> None:
    """An error, never a value."""
    with pytest.raises((ValueError, RecursionError)):
        values.value(text)
