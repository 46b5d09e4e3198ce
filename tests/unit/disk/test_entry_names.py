"""Names of entries in archives: none leads out of the folder that is unpacked into."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.disk import entry_names


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a/b", ("a", "b")),
        ("./a//b/.", ("a", "b")),
        ("", ()),
        ("..a/b..", ("..a", "b..")),
        ("/a", None),
        ("a/../b", None),
        ("..", None),
        ("a\\b", None),
        ("a\0", None),
    ],
)
def test_where_an_entry_lies(name: str, parts: tuple[str, ...] | None) -> None:
    """Or that it leads elsewhere."""
    assert entry_names.inside(name) == parts


@given(st.text("a./\\", max_size=12))
def test_what_is_inside_stays_inside(name: str) -> None:
    """Whatever the name, below the folder."""
    parts = entry_names.inside(name)
    if parts is not None:
        joined = posixpath.normpath(posixpath.join("/top", *parts))
        assert joined == "/top" or joined.startswith("/top/")
