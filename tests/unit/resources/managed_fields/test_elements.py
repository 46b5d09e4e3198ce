"""Elements of paths in the form of `fieldsV1`."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.support.things import SCHEMA
from towpath.resources.managed_fields import elements
from towpath.resources.schema import Schema

SPEC = SCHEMA.properties["spec"]
ARGS, PORTS = SPEC.properties["args"], SPEC.properties["ports"]
TEXT = Schema(type="string")
SET = Schema(type="array", list_type="set", items=TEXT)
OWNERS = Schema(
    type="array",
    list_type="map",
    list_map_keys=("uid",),
    items=Schema(type="object", properties={"uid": TEXT}),
)


@pytest.mark.parametrize(
    ("schema", "item", "expected"),
    [
        (ARGS, {"name": "a", "value": "1"}, 'k:{"name":"a"}'),
        (PORTS, {"protocol": "UDP", "port": 53}, 'k:{"port":53,"protocol":"UDP"}'),
        (PORTS, {"port": 80}, 'k:{"port":80,"protocol":"TCP"}'),
        (SET, "x", 'v:"x"'),
        (SET, 1, "v:1"),
        (SET, True, "v:true"),
        (SET, 2.0, "v:2"),
        # Recorded from a real API server: what Go's JSON escapes beyond the needful is escaped.
        (
            OWNERS,
            {"uid": 'a<b&é"\\/\u2028\x01'},
            'k:{"uid":"a\\u003cb\\u0026é\\"\\\\/\\u2028\\u0001"}',
        ),
    ],
)
def test_items_are_told_by_their_keys_or_values(schema: Schema, item: Any, expected: str) -> None:
    """Keys sorted, as JSON; a key that is left out has its default."""
    assert elements.of_item(schema, item) == expected
    assert elements.canonical(expected) == expected


@pytest.mark.parametrize(
    ("schema", "item", "why"),
    [
        (
            ARGS,
            {"value": "1"},
            'associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
        ),
        (ARGS, None, "associative list with keys may not have a null element"),
        (ARGS, "a", "associative list with keys may not have non-map elements"),
        (SET, {}, "associative list without keys has an element that's a map type"),
        (SET, [], "not supported: associative list with lists as elements"),
        (SET, None, "associative list without keys has an element that's an explicit null"),
    ],
)
def test_items_that_cannot_be_told_say_why(schema: Schema, item: Any, why: str) -> None:
    """Worded as structured-merge-diff words it."""
    with pytest.raises(ValueError) as refused:
        elements.of_item(schema, item)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("f:anything at all", "f:anything at all"),
        ("f:", "f:"),
        ('k:{"b": 1, "a": 2}', 'k:{"a":2,"b":1}'),
        ("v:1.50", "v:1.5"),
        ("v:1e2", "v:100"),
        ('v:"\\u0041"', 'v:"A"'),
        ("v:[1]", "v:[1]"),
        ("i:05", "i:5"),
        ("x:whatever", None),
    ],
)
def test_elements_are_written_one_way(sent: str, expected: str | None) -> None:
    """However a client writes them; those of an unknown kind are nothing."""
    assert elements.canonical(sent) == expected


@pytest.mark.parametrize("sent", ["", "f", "name", "k:1", "k:{", "v:", "v:NaN", "i:x", "i:", 'v:"'])
def test_what_is_no_element_is_told_apart(sent: str) -> None:
    """By an error, as a real server refuses the whole entry."""
    with pytest.raises(ValueError):
        elements.canonical(sent)


def test_elements_have_an_order() -> None:
    """Fields, keys, values, places; numbers by their value and before texts."""
    ordered = [
        "f:a",
        "f:b",
        'k:{"port":9,"protocol":"TCP"}',
        'k:{"port":80,"protocol":"TCP"}',
        'k:{"port":80,"protocol":"UDP"}',
        "v:2",
        "v:10.5",
        'v:"10"',
        'v:"2"',
        "v:true",
        "v:[1]",
        "i:2",
        "i:10",
    ]
    assert elements.in_order(reversed(ordered)) == ordered


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
        (("f:x", "i:3"), ".x[3]"),
        # Recorded from a real API server.
        (("f:x", 'k:{"uid":"a\\u003cb\\u0026é\\u0001"}'), '.x[uid="a<b&é\\x01"]'),
    ],
)
def test_paths_are_shown_as_kubernetes_shows_them(path: tuple[str, ...], expected: str) -> None:
    """In the messages of conflicts."""
    assert elements.printed(path) == expected


def test_no_element_of_any_length_is_kept() -> None:
    """Eight thousand of a mebibyte each would be gigabytes."""
    element = "f:" + "a" * 100_000
    before = sys.getrefcount(element)
    assert elements.canonical(element) == element
    assert sys.getrefcount(element) == before
