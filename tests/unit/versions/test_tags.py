"""Selecting tags: the quick order is that of versions, and a selection says the same in another process."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from towpath.versions import semver, tags
from towpath.versions.tags import TagSelection

_PARTS = st.sampled_from(
    ["0", "1", "2", "10", "rc", "rc1", "alpha", "-", "99999999999999999999", "1a"]
)
_VERSIONS = st.builds(
    lambda numbers, parts, build: (
        "v" + ".".join(map(str, numbers)) + ("-" + ".".join(parts) if parts else "") + build
    ),
    st.tuples(*(st.integers(0, 11),) * 3),
    st.lists(_PARTS, max_size=3),
    st.sampled_from(["", "+b1", "+b2"]),
)


@given(_VERSIONS, _VERSIONS)
def test_versions_are_in_the_order_of_their_keys(one: str, other: str) -> None:
    """The key that many are sorted by tells of two what comparing them tells."""
    left, right = semver.parse_strict(one), semver.parse_strict(other)
    by_key = (left.order > right.order) - (left.order < right.order)
    assert by_key == left.compare(right)


@given(st.lists(st.text(max_size=4), max_size=8))
def test_names_are_in_the_order_of_their_bytes(names: list[str]) -> None:
    """Code points and the bytes of UTF-8 order texts alike."""
    assert tags.by_name(names) == sorted(names, key=str.encode, reverse=True)


def test_a_selection_is_the_same_as_json() -> None:
    """Rules and order go along."""
    found = ["v1.2.0", "v1.10.0", "v2.0.0", "latest", "v1.2.0-rc.1", "v1.3.0"]
    wanted = TagSelection(
        allow_tags_regexes=("^v",),
        ignore_tags=("v1.3.0",),
        ignore_tags_regexes=("rc",),
        order="version",
        constraint="^1",
    )
    assert tags.selected(found, wanted) == ["v1.10.0", "v1.2.0"]
    assert msgspec.json.decode(tags.selected_json(msgspec.json.encode(found), wanted)) == [
        "v1.10.0",
        "v1.2.0",
    ]
