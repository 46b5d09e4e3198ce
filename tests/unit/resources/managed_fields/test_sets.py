"""Sets of fields in the form of `fieldsV1`."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
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


@settings(max_examples=examples(300), deadline=None, derandomize=True)
@given(anything, anything)
def test_sets_are_sets_of_paths(one: Paths, other: Paths) -> None:
    """Union, difference and intersection are those of the paths, whatever shape the trees have."""
    left, right = built(one), built(other)
    before = copy.deepcopy((left, right))
    assert spread(left) == one
    assert spread(sets.union(left, right)) == one | other
    assert spread(sets.minus(left, right)) == one - other
    assert spread(sets.common(left, right)) == one & other
    assert (left, right) == before


@settings(max_examples=examples(200), deadline=None, derandomize=True)
@given(anything)
def test_equal_sets_are_the_same_text(paths: Paths) -> None:
    """Put in order they can be read again, and come out as they were."""
    ordered = sets.ordered(built(paths))
    assert str(sets.ordered(sets.read(ordered))) == str(ordered)
    assert spread(ordered) == paths


def test_elements_are_written_in_order() -> None:
    """The set's own mark first."""
    found = sets.ordered(
        {"f:b": {"f:z": {}, ".": {}, 'k:{"n":10}': {}, 'k:{"n":9}': {}}, "f:a": {}}
    )
    assert str(found) == str(
        {"f:a": {}, "f:b": {".": {}, "f:z": {}, 'k:{"n":9}': {}, 'k:{"n":10}': {}}}
    )


def test_fields_of_a_level_are_told_before_those_below() -> None:
    """As a real API server lists them in conflicts."""
    fields: sets.FieldSet = {"f:a": {"f:x": {}}, "f:b": {}, "f:c": {".": {}, "f:y": {}}}
    assert list(sets.paths(fields)) == [("f:b",), ("f:c",), ("f:a", "f:x"), ("f:c", "f:y")]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, {}),
        ({}, {}),
        ({".": {}}, {}),
        ({"f:a": None}, {"f:a": {}}),
        ({"f:a": {".": {}}}, {"f:a": {}}),
        ({"f:a": {".": 1, "f:b": {}}}, {"f:a": {".": {}, "f:b": {}}}),
        ({"f:a": {}, "x:1": {"anything": 1}}, {"f:a": {}}),
        ({"f:a": {"x:1": {}}}, {"f:a": {}}),
        ({'k:{"b":1, "a":2}': {}}, {'k:{"a":2,"b":1}': {}}),
        (
            {'k:{"a":1}': {"f:x": {}}, 'k:{ "a": 1 }': {"f:y": {}}},
            {'k:{"a":1}': {"f:x": {}, "f:y": {}}},
        ),
    ],
)
def test_sets_are_read_as_a_real_server_reads_them(sent: Any, expected: sets.FieldSet) -> None:
    """Unknown kinds of elements are dropped, and the marks may hold anything."""
    assert sets.read(sent) == expected


@pytest.mark.parametrize(
    "wrong", [[], "x", 1, {"a": {}}, {"f:a": 1}, {"f:a": {"f:b": []}}, {"k:x": {}}, {"k:[]": {}}]
)
def test_what_is_no_set_is_told_apart(wrong: object) -> None:
    """Clients may write anything there."""
    with pytest.raises(ValueError):
        sets.read(wrong)


def test_a_set_of_great_depth_is_none() -> None:
    """However deep: nothing breaks."""
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"f:a": deep}
    with pytest.raises(ValueError, match="levels deep"):
        sets.read(deep)
