"""Server-side apply: who owns what, and what goes away.

What is expected here is what a real API server answers (tools/oracle/transcripts/apply.yaml), for a schema that has
every shape: structs, maps, sets, lists that are maps, lists that are atomic, and what is open.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.support.managing import (
    LATER,
    NOW,
    apply,
    bare,
    by,
    entries_of,
    owned,
    thing,
    update,
    with_spec,
)
from tests.support.things import SCHEMA
from towpath.errors import BadRequest
from towpath.resources.managed_fields import applied


def test_an_apply_creates_and_owns_what_it_names() -> None:
    """Not the name, nor the object as such; items of lists that are maps with their keys."""
    made = apply(None, thing(size=1, args=[{"name": "a", "value": "1"}], labels={"l": "x"}), "one")
    assert entries_of(made) == [
        {
            "manager": "one",
            "operation": "Apply",
            "apiVersion": "example.com/v1",
            "time": NOW,
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:spec": {
                    "f:args": {'k:{"name":"a"}': {".": {}, "f:name": {}, "f:value": {}}},
                    "f:labels": {"f:l": {}},
                    "f:size": {},
                }
            },
        }
    ]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, {}),
        ({"labels": {}}, {"f:labels": {}}),
        ({"labels": None}, {"f:labels": {}}),
        ({"size": None}, {"f:size": {}}),
        ({"args": []}, None),
        ({"steps": []}, {"f:steps": {}}),
        ({"reference": {}}, {"f:reference": {}}),
        (
            {"free": {"x": {}, "y": [], "z": {"a": None}}},
            {"f:free": {"f:x": {}, "f:y": {}, "f:z": {".": {}, "f:a": {}}}},
        ),
        (
            {"args": [{"name": "a", "tags": ["t"]}]},
            {"f:args": {'k:{"name":"a"}': {".": {}, "f:name": {}, "f:tags": {'v:"t"': {}}}}},
        ),
        (
            {"ports": [{"port": 80}]},
            {"f:ports": {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}}}},
        ),
    ],
)
def test_what_is_named_is_owned(config: dict[str, Any], expected: dict[str, Any] | None) -> None:
    """Empty objects and null as well, empty associative lists not: there is nothing in them to be owned."""
    made = apply(None, thing(**config), "one")
    assert owned(made).get("one Apply") == expected


def test_applying_the_same_again_changes_nothing() -> None:
    """Not even the time."""
    made = apply(None, thing(size=1), "one")
    assert apply(made, thing(size=1), "one", now=LATER) == made


def test_what_the_system_sets_makes_no_difference() -> None:
    """Manifests made by tools have `creationTimestamp: null`."""
    made = apply(None, thing(size=1), "one")
    live = {**made, "metadata": {**made["metadata"], "creationTimestamp": NOW, "uid": "u"}}
    config = thing(size=1)
    config["metadata"]["creationTimestamp"] = None
    assert entries_of(apply(live, config, "one", now=LATER)) == entries_of(made)


def test_an_equal_value_is_shared() -> None:
    """The new owner has an entry with its time, the first keeps its own."""
    made = apply(None, thing(size=1, steps=["a"]), "one")
    shared = apply(made, thing(size=1), "two", now=LATER)
    assert owned(shared) == {
        "one Apply": {"f:size": {}, "f:steps": {}},
        "two Apply": {"f:size": {}},
    }
    assert [each["time"] for each in entries_of(shared)] == [NOW, LATER]


def test_what_is_given_up_goes_unless_others_own_it() -> None:
    """Keys of maps, items of lists that are maps, and of sets."""
    first = apply(
        None,
        thing(labels={"a": "1", "b": "2"}, args=[{"name": "a", "tags": ["x", "y"]}, {"name": "b"}]),
        "one",
    )
    both = apply(first, thing(labels={"b": "2"}, args=[{"name": "b", "tags": ["z"]}]), "two")
    left = apply(both, thing(args=[{"name": "a", "tags": ["y"]}]), "one")
    assert left["spec"] == {
        "labels": {"b": "2"},
        "args": [{"name": "a", "tags": ["y"]}, {"name": "b", "tags": ["z"]}],
    }
    none = apply(left, bare(), "one")
    assert none["spec"] == {"labels": {"b": "2"}, "args": [{"name": "b", "tags": ["z"]}]}
    assert set(owned(none)) == {"two Apply"}


def test_giving_up_all_of_a_map_takes_the_map_as_well() -> None:
    """And leaves what never was the applier's."""
    made = apply(None, thing(size=1, labels={"a": "1"}, args=[{"name": "a"}]), "one")
    assert apply(made, thing(size=1), "one")["spec"] == {"size": 1}
    assert apply(made, bare(), "one") == bare()


def test_what_an_updater_owns_stays() -> None:
    """A map that an updater made stays as well, without what the applier had put there."""
    made = update(None, thing(free={"a": 1}), "upd")
    both = apply(made, thing(free={"b": 2}), "one")
    fewer = update(both, with_spec(both, free={"b": 2}), "upd")
    left = apply(fewer, bare(), "one")
    assert left["spec"] == {"free": {}}
    assert owned(left) == {"upd Update": {".": {}, "f:free": {}}}


def test_an_item_goes_with_all_that_others_set_in_it() -> None:
    """It is the owner of the item who decides whether it is there."""
    made = apply(None, thing(args=[{"name": "a"}, {"name": "b"}]), "one")
    more = update(made, with_spec(made, args=[{"name": "a", "value": "1"}, {"name": "b"}]), "upd")
    assert owned(more)["upd Update"] == {"f:args": {'k:{"name":"a"}': {"f:value": {}}}}
    left = apply(more, thing(args=[{"name": "b"}]), "one")
    assert left["spec"] == {"args": [{"name": "b"}]}
    assert set(owned(left)) == {"one Apply"}


def test_what_nobody_is_recorded_for_goes_with_its_holder() -> None:
    """Such as what has been filled in by default."""
    made = apply(None, thing(ports=[{"port": 80, "protocol": "TCP"}], size=1), "one")
    filled = with_spec(made, ports=[{"port": 80, "protocol": "TCP", "name": "filled"}], size=1)
    assert apply(filled, thing(size=1), "one")["spec"] == {"size": 1}


def test_metadata_of_controllers_stays() -> None:
    """They are not recorded: what nobody owns there is theirs."""
    config = bare(labels={"mine": "1"}, annotations={"mine": "1"}, finalizers=["example.com/mine"])
    made = apply(None, config, "one")
    metadata = {
        **made["metadata"],
        "labels": {"mine": "1", "theirs": "2"},
        "finalizers": ["example.com/mine", "example.com/theirs"],
    }
    left = apply({**made, "metadata": metadata}, bare(), "one")
    assert left["metadata"] == {
        "name": "t",
        "labels": {"theirs": "2"},
        "finalizers": ["example.com/theirs"],
    }


def test_an_applier_who_owns_nothing_any_more_is_forgotten() -> None:
    """Also when nothing is there that could go."""
    made = update(None, thing(size=1), "upd")
    shared = apply(made, thing(size=1), "one")
    left = apply(shared, bare(), "one")
    assert left == made


def test_atomic_lists_and_objects_are_replaced_whole() -> None:
    """And owned whole."""
    made = apply(None, thing(steps=["a", "b"], reference={"kind": "x", "name": "y"}), "one")
    assert owned(made)["one Apply"] == {"f:steps": {}, "f:reference": {}}
    taken = apply(made, thing(reference={"name": "z"}), "two", force=True)
    assert taken["spec"] == {"steps": ["a", "b"], "reference": {"name": "z"}}
    assert owned(taken) == {"one Apply": {"f:steps": {}}, "two Apply": {"f:reference": {}}}


def test_what_is_open_is_told_by_its_shape() -> None:
    """Objects field by field at every depth, lists as a whole."""
    made = apply(None, thing(free={"x": {"y": 1}, "l": [1]}), "one")
    both = apply(made, thing(free={"x": {"z": 2}}), "two")
    assert both["spec"] == {"free": {"x": {"y": 1, "z": 2}, "l": [1]}}
    assert owned(both)["two Apply"] == {"f:free": {"f:x": {".": {}, "f:z": {}}}}
    left = apply(both, thing(free={}), "one")
    assert left["spec"] == {"free": {"x": {"z": 2}}}


def test_what_nobody_recorded_is_recorded_from_the_first_apply_on() -> None:
    """Updates before leave no trace; what was there then belongs to those before."""
    plain = thing(size=1, labels={"a": "1"})
    assert "managedFields" not in update(plain, thing(size=2), "one")["metadata"]
    first = apply(plain, thing(size=1), "two")
    assert owned(first) == {
        "two Apply": {"f:size": {}},
        "before-first-apply Update": {".": {}, "f:labels": {".": {}, "f:a": {}}, "f:size": {}},
    }


def test_those_before_the_first_apply_own_what_its_endpoint_writes() -> None:
    """Status only where it is applied, under the name of that subresource."""
    plain = {**thing(size=1), "status": {"phase": "Running"}}
    [_, before] = entries_of(apply(plain, thing(size=1), "one"))
    assert before["fieldsV1"] == {"f:spec": {".": {}, "f:size": {}}}
    config = {**bare(), "status": {"phase": "Running"}}
    entries = entries_of(applied(SCHEMA, plain, config, by("one", "status"), force=False, now=NOW))
    assert [(each["manager"], each["subresource"], each["fieldsV1"]) for each in entries] == [
        ("one", "status", {"f:status": {".": {}, "f:phase": {}}}),
        ("before-first-apply", "status", {"f:status": {".": {}, "f:phase": {}}}),
    ]


def test_a_configuration_must_not_say_who_manages_what() -> None:
    """As an API server words it. An empty list says nothing."""
    with pytest.raises(BadRequest, match=r"^metadata\.managedFields must be nil$"):
        apply(None, bare(managedFields=[{"manager": "x"}]), "one")
    assert apply(None, bare(managedFields=[]), "one") == bare()


def test_items_that_cannot_be_told_apart_are_refused() -> None:
    """All at once, with their paths; a key that has a default may be left out."""
    with pytest.raises(BadRequest) as refused:
        apply(None, thing(args=[{"value": "1"}]), "one")
    assert refused.value.message == (
        "failed to create typed patch object (/t; example.com/v1, Kind=Thing): .spec.args: element 0: "
        'associative list with keys has an element that omits key field "name" (and doesn\'t have default value)'
    )
    config = thing(
        args=[{"name": "a", "tags": ["x", "x"]}, {"name": "a"}], ports=[{"port": 1}, {"port": 1}]
    )
    config["metadata"] |= {"namespace": "n", "finalizers": [None]}
    with pytest.raises(BadRequest) as refused:
        apply(None, config, "one")
    assert refused.value.message == (
        "failed to create typed patch object (n/t; example.com/v1, Kind=Thing): errors:\n"
        "  .metadata.finalizers: element 0: associative list without keys has an element that's an explicit null\n"
        '  .spec.args[name="a"].tags: duplicate entries for key [="x"]\n'
        '  .spec.args: duplicate entries for key [name="a"]\n'
        '  .spec.ports: duplicate entries for key [port=1,protocol="TCP"]'
    )


def test_an_item_is_the_same_with_its_default_key_or_without() -> None:
    """Who leaves it out owns the item all the same."""
    made = apply(None, thing(ports=[{"port": 80}]), "one")
    merged = apply(made, thing(ports=[{"port": 80, "protocol": "TCP", "name": "web"}]), "two")
    assert merged["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "name": "web"}]


def test_nothing_that_is_given_is_changed() -> None:
    """Neither the object nor the configuration."""
    made = update(
        apply(None, thing(labels={"a": "1"}, args=[{"name": "a", "tags": ["x"]}]), "one"),
        thing(labels={"a": "1", "b": "2"}, args=[{"name": "a", "tags": ["x", "y"]}]),
        "two",
    )
    config = thing(labels={"c": "3"}, args=[{"name": "b"}, {"name": "a"}])
    before = copy.deepcopy((made, config))
    apply(made, config, "one", force=True)
    assert (made, config) == before
