"""Tags that the demo pushes: each newer than those before, also within one minute, also after one that crashes."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from towpath.demo import images

NOW = datetime(2026, 11, 23, 15, 42, tzinfo=UTC)


@given(st.lists(st.booleans(), max_size=8))
def test_each_is_newer_than_all_before(crashing: list[bool]) -> None:
    """By the order of texts, in which the example's Warehouse has them; what others pushed does not count."""
    known = ["v1", "latest", "2020-01-01_0000-0000001"]
    for crashes in crashing:
        tag = images.next_tag(known, NOW, build=images.CRASHES if crashes else "")
        assert tag.endswith("-crashes") == crashes
        assert all(tag > each for each in known if each.startswith("20"))
        known.append(tag)
