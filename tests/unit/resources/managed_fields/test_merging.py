"""Merging a configuration into what is there."""

from __future__ import annotations

import copy
from itertools import permutations
from typing import Any

import pytest

from tests.support.things import SCHEMA
from towpath.resources.managed_fields import merging

SPEC = SCHEMA.properties["spec"]
ARGS = SPEC.properties["args"]


def names(text: str) -> list[dict[str, Any]]:
    """Return arguments of these names."""
    return [{"name": name} for name in text]


@pytest.mark.parametrize(
    ("live", "config", "expected"),
    [
        ("ab", "c", "abc"),
        ("ab", "bc", "abc"),
        ("abc", "ca", "bca"),
        ("abc", "b", "abc"),
        ("abcd", "db", "acdb"),
        ("", "ba", "ba"),
        ("abc", "dc", "abdc"),
        ("abc", "cdb", "acdb"),
        ("abcd", "xbya", "xbcdya"),
        ("ab", "", "ab"),
    ],
)
def test_items_have_the_order_of_structured_merge_diff(
    live: str, config: str, expected: str
) -> None:
    """That of what is applied; the others come as soon as it is their turn."""
    assert merging.merged(ARGS, names(live), names(config)) == names(expected)


def test_both_orders_are_kept_where_they_can_be() -> None:
    """All of the configuration's, and that of the live items it does not name; every item is there once."""
    for live in permutations("abc"):
        for length in range(5):
            for config in permutations("abxy", length):
                merged = merging.merged(ARGS, names("".join(live)), names("".join(config)))
                found = [item["name"] for item in merged]
                assert sorted(found) == sorted({*live, *config})
                assert [name for name in found if name in config] == list(config)
                assert [name for name in found if name not in config] == [
                    name for name in live if name not in config
                ]


@pytest.mark.parametrize(
    ("live", "config", "expected"),
    [
        # Objects and associative lists are not emptied by null, nor by what is empty.
        ({"labels": {"a": "1"}}, {"labels": None}, {"labels": {"a": "1"}}),
        ({"labels": {"a": "1"}}, {"labels": {}}, {"labels": {"a": "1"}}),
        ({"labels": {}}, {"labels": None}, {"labels": None}),
        ({"args": [{"name": "a"}]}, {"args": None}, {"args": [{"name": "a"}]}),
        ({"args": [{"name": "a"}]}, {"args": []}, {"args": [{"name": "a"}]}),
        ({"args": []}, {"args": None}, {"args": None}),
        ({"args": None}, {"args": []}, {"args": []}),
        ({"free": {"x": {"y": 1}}}, {"free": {"x": None}}, {"free": {"x": {"y": 1}}}),
        # Scalars and what is atomic is.
        ({"size": 1}, {"size": None}, {"size": None}),
        ({"steps": ["a"]}, {"steps": None}, {"steps": None}),
        ({"steps": ["a"]}, {"steps": []}, {"steps": []}),
        (
            {"reference": {"kind": "x", "name": "y"}},
            {"reference": {"name": "z"}},
            {"reference": {"name": "z"}},
        ),
        # What is open goes by its shape.
        ({"free": {"x": [1]}}, {"free": {"x": [2]}}, {"free": {"x": [2]}}),
        ({"free": {"x": [1]}}, {"free": {"x": {"y": 1}}}, {"free": {"x": {"y": 1}}}),
        ({"free": {"x": {"y": 1}}}, {"free": {"x": "text"}}, {"free": {"x": "text"}}),
        ({"free": {"x": {"y": 1}}}, {"free": {"x": {"z": 2}}}, {"free": {"x": {"y": 1, "z": 2}}}),
        # Items are merged with those of the same keys, a default counting as one.
        (
            {"ports": [{"port": 80, "protocol": "TCP"}]},
            {"ports": [{"port": 80, "name": "web"}]},
            {"ports": [{"port": 80, "protocol": "TCP", "name": "web"}]},
        ),
        (
            {"args": [{"name": "a", "tags": ["x", "y"]}]},
            {"args": [{"name": "a", "tags": ["z", "y"]}]},
            {"args": [{"name": "a", "tags": ["x", "z", "y"]}]},
        ),
    ],
)
def test_values_are_merged_by_their_kind(
    live: dict[str, Any], config: dict[str, Any], expected: dict[str, Any]
) -> None:
    """And neither what is there nor the configuration is changed."""
    before = copy.deepcopy((live, config))
    assert merging.merged(SPEC, live, config) == expected
    assert (live, config) == before


def test_items_that_cannot_be_told_stay_where_they_are() -> None:
    """What is stored may be older than its schema: nothing of it is lost."""
    live = [{"value": "?"}, {"name": "a"}, {"name": "b", "value": "1"}, {"name": "b", "value": "2"}]
    merged = merging.merged(ARGS, live, [{"name": "a", "value": "3"}])
    assert merged == [{"value": "?"}, {"name": "a", "value": "3"}, *live[2:]]
