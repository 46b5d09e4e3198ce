"""Keys: parts, escapes, and colons that say that a number is a name."""

from __future__ import annotations

import pytest

from towpath.documents.key_path import split
from towpath.errors import BadRequest


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("a.b.0", ["a", "b", "0"]),
        (r"a.b\.c/d", ["a", "b.c/d"]),
        (":8080.x", ["8080", "x"]),
        ("a.::1", ["a", "1"]),
        (":::a", ["a"]),
        (r"\:a.:\:b", [":a", ":b"]),
        ("a\\", ["a"]),
        (" a ", ["a"]),
    ],
)
def test_a_key_is_split(key: str, parts: list[str]) -> None:
    """Colons before a part are dropped, however many."""
    assert split(key) == parts


@pytest.mark.parametrize("key", ["", " ", "a..b", ".a", "a.", ":", "a.:", "a:b", r"a\b", "a.b:"])
def test_a_key_is_refused(key: str) -> None:
    """An empty part, a colon within one, an escape of anything else."""
    with pytest.raises(BadRequest):
        split(key)
