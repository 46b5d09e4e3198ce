"""Values that formats allow and readers stumble over: each is read, or refused with words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from towpath.documents import parsing
from towpath.documents.edits import Update
from towpath.documents.scalar_edit import Format, ScalarEdit
from towpath.errors import BadRequest
from towpath.promotion.outputs import DEEPEST, too_large
from towpath.promotion.parse import evaluate


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 9999-12-31T23:59:59-23:59", "out of range"),
        ("a = 0001-01-01T00:00:00+23:59", "out of range"),
        (f"a = 0x{'f' * 5_000}", "more than 64 bits"),
        (f"a = 0o{'7' * 5_000}", "more than 64 bits"),
        (f"a = {'9' * 5_000}", "not valid TOML"),
        ("a = 9223372036854775808", "more than 64 bits"),
    ],
)
def test_toml_beyond_what_readers_hold(text: str, said: str) -> None:
    """The step that reads it says so; it ended as a fault of Towpath's own."""
    with pytest.raises(BadRequest, match=said):
        parsing.of_toml(text.encode(), "a.toml")


def test_integers_of_64_bits_are_read() -> None:
    """The largest and the smallest."""
    text = b"a = 9223372036854775807\nb = -9223372036854775808\nc = true\n"
    assert parsing.of_toml(text, "a.toml") == {"a": (1 << 63) - 1, "b": -(1 << 63), "c": True}


def test_a_number_of_thousands_of_digits_can_be_replaced() -> None:
    """It is not told in full."""
    edit = ScalarEdit(Format.TOML, "a.toml", (Update("a", "x"),))
    edited = edit.edited(f"a = 0x{'f' * 5_000} # kept\n".encode())
    assert edited.data == b"a = 'x' # kept\n"
    assert edited.changes[0].before == "a number of thousands of digits"


@pytest.mark.parametrize("depth", [150, 500, 700, 900, 5_000])
@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ('{"a":', "}")])
def test_json_that_is_deep_is_put_out_by_nobody(depth: int, begin: str, end: str) -> None:
    """Whatever the depth at which Python gives up."""
    text = (begin * depth + "1" + end * depth).encode()
    with pytest.raises(BadRequest, match="nested"):
        evaluate(parsing.of_json, text, "a.json", [("o", "$env")], datetime.now(UTC), True)


def test_an_output_has_a_depth() -> None:
    """As a manifest has."""
    value: Any = {}
    for _ in range(DEEPEST - 1):
        value = {"a": value}
    assert too_large({}, value, 1 << 20) == ""
    assert "nested more than 200 levels deep" in too_large({}, {"a": value}, 1 << 20)
