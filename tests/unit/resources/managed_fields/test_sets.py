"""Sets of fields in the form of `fieldsV1`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.resources.managed_fields import sets

Paths = set[tuple[str, ...]]

ELEMENTS = ("f:a", "f:b", 'k:{"name":"x"}', 'v:"1"')


def built(paths: Paths) -> sets.FieldSet:
    """Return the set that holds these paths, put together one by one."""
    found: sets.FieldSet = {}
    for path in sorted(paths):
        node: dict[str, Any] = {}
        for element in reversed(path):
            node = {element: node}
        found = sets.union(found, node)
    return found


def spread(fields: sets.FieldSet) -> Paths:
    """Return the paths that a set holds."""
    return set(sets.paths(fields))


anything = st.sets(
    st.lists(st.sampled_from(ELEMENTS), min_size=1, max_size=3).map(tuple), max_size=8
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(anything, anything)
def test_sets_are_sets_of_paths(one: Paths, other: Paths) -> None:
    """Union, difference and intersection are those of the paths, whatever shape the trees have."""
    left, right = built(one), built(other)
    assert spread(left) == one
    assert spread(sets.union(left, right)) == one | other
    assert spread(sets.minus(left, right)) == one - other
    assert spread(sets.common(left, right)) == one & other
    assert sets.ordered(built(one)) == sets.ordered(left)
    assert sets.is_well_formed(left)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(anything, anything)
def test_what_lies_below_goes_with_it(one: Paths, other: Paths) -> None:
    """Also where what is above is in the other set alone."""
    below = {path for path in one if any(path[: len(above)] == above for above in other)}
    assert spread(sets.without_below(built(one), built(other))) == one - below


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("f:data", "f:k"), ".data.k"),
        (("f:spec", "f:args", 'k:{"name":"a"}', "f:value"), '.spec.args[name="a"].value'),
        (("f:x", 'k:{"b":1,"a":"y"}'), '.x[a="y",b=1]'),
        (
            ("f:metadata", "f:finalizers", 'v:"example.com/a"'),
            '.metadata.finalizers[="example.com/a"]',
        ),
    ],
)
def test_paths_are_shown_as_kubernetes_shows_them(path: tuple[str, ...], expected: str) -> None:
    """In the messages of conflicts."""
    assert sets.printed(path) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "x",
        {"a": {}},
        {"f:a": None},
        {"f:a": {".": {"f:b": {}}}},
        {"k:x": {}},
        {"k:[]": {}},
        {".": {}},
    ],
)
def test_what_is_no_set_is_told_apart(wrong: object) -> None:
    """Clients may write anything there."""
    assert not sets.is_well_formed(wrong)


def test_a_set_of_great_depth_is_none() -> None:
    """It would not be read without end."""
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"f:a": deep}
    assert not sets.is_well_formed(deep)
