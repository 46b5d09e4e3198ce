"""Updates: who changes a field owns it.

What is expected of sets and entries is what a real API server was seen to answer, unless it says otherwise.
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
    with_entries,
    with_spec,
)
from tests.support.things import SCHEMA
from towpath.errors import Conflict, Invalid
from towpath.resources.managed_fields import updated


def test_a_create_owns_everything_that_it_holds() -> None:
    """Maps and lists that are maps as such too, and nothing that says which object it is."""
    new = thing(labels={"a": "1"}, args=[{"name": "a"}], steps=["s"], reference={"kind": "x"})
    new["metadata"] |= {"labels": {"l": "1"}, "finalizers": ["example.com/a"], "uid": "u"}
    made = update(None, new, "one")
    assert entries_of(made) == [
        {
            "manager": "one",
            "operation": "Update",
            "apiVersion": "example.com/v1",
            "time": NOW,
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:metadata": {
                    "f:finalizers": {".": {}, 'v:"example.com/a"': {}},
                    "f:labels": {".": {}, "f:l": {}},
                },
                "f:spec": {
                    ".": {},
                    "f:args": {".": {}, 'k:{"name":"a"}': {".": {}, "f:name": {}}},
                    "f:labels": {".": {}, "f:a": {}},
                    "f:reference": {},
                    "f:steps": {},
                },
            },
        }
    ]


def test_a_create_of_nothing_but_a_name_owns_nothing() -> None:
    """An entry that owns nothing is not there."""
    assert update(None, bare(), "one") == bare()


def test_an_update_takes_what_it_changes() -> None:
    """And leaves the others what it does not; fields that hold new ones are owned as well."""
    made = apply(None, thing(size=1, labels={"a": "1", "b": "2"}), "one")
    new = with_spec(made, size=1, labels={"a": "9"}, free={"x": {"y": 1}})
    written = update(made, new, "kubectl", now=LATER)
    assert owned(written) == {
        "one Apply": {"f:size": {}},
        "kubectl Update": {
            "f:labels": {"f:a": {}},
            "f:free": {".": {}, "f:x": {".": {}, "f:y": {}}},
        },
    }
    [taker] = [each for each in entries_of(written) if each["manager"] == "kubectl"]
    assert taker["time"] == LATER
    with pytest.raises(Conflict, match=r'conflict with "kubectl" using example\.com/v1: '):
        apply(written, thing(size=1, labels={"a": "1"}), "one")


@pytest.mark.parametrize(
    ("old", "new", "taken"),
    [
        ({"size": 1}, {"size": 2}, {"f:size": {}}),
        ({"steps": ["a"]}, {"steps": ["a", "b"]}, {"f:steps": {}}),
        ({"steps": ["a", "b"]}, {"steps": ["b", "a"]}, {"f:steps": {}}),
        ({"reference": {"kind": "a"}}, {"reference": {"kind": "b"}}, {"f:reference": {}}),
        ({"reference": {"kind": "a"}}, {"reference": None}, {"f:reference": {}}),
        ({"size": 1}, {"size": None}, {"f:size": {}}),
        ({"labels": {"a": "1"}}, {"labels": {"a": "1", "b": "2"}}, {"f:labels": {"f:b": {}}}),
        ({"labels": {}}, {"labels": None}, {"f:labels": {}}),
        ({"labels": None}, {"labels": {"a": "1"}}, {"f:labels": {"f:a": {}}}),
        ({}, {"labels": {}}, {"f:labels": {}}),
        ({}, {"args": []}, {"f:args": {}}),
        ({"args": []}, {"args": None}, {"f:args": {}}),
        (
            {"args": [{"name": "a", "value": "1"}]},
            {"args": [{"name": "b"}, {"name": "a", "value": "2"}]},
            {
                "f:args": {
                    'k:{"name":"a"}': {"f:value": {}},
                    'k:{"name":"b"}': {".": {}, "f:name": {}},
                }
            },
        ),
        (
            {"args": [{"name": "a", "tags": ["x"]}]},
            {"args": [{"name": "a", "tags": ["y", "x"]}]},
            {"f:args": {'k:{"name":"a"}': {"f:tags": {'v:"y"': {}}}}},
        ),
        (
            {"free": {"x": [1], "y": "t"}},
            {"free": {"x": [1, 2], "y": {"z": 1}}},
            {"f:free": {"f:x": {}, "f:y": {".": {}, "f:z": {}}}},
        ),
        ({"free": {"x": 1}}, {"free": {"x": True}}, {"f:free": {"f:x": {}}}),
        ({"free": {"x": [1]}}, {"free": {"x": [True]}}, {"f:free": {"f:x": {}}}),
        ({"free": {"x": [0]}}, {"free": {"x": [False]}}, {"f:free": {"f:x": {}}}),
    ],
)
def test_what_counts_as_changed(
    old: dict[str, Any], new: dict[str, Any], taken: dict[str, Any]
) -> None:
    """The smallest fields that the schema tells apart; neither document is changed."""
    made = update(None, thing(**old), "one")
    wanted = with_spec(made, **new)
    before = copy.deepcopy((made, wanted))
    written = update(made, wanted, "two")
    assert owned(written)["two Update"] == taken
    assert (made, wanted) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"args": [{"name": "a"}, {"name": "b"}]}, {"args": [{"name": "b"}, {"name": "a"}]}),
        (
            {"free": {"x": 1, "y": [{"a": 1, "b": 2}]}},
            {"free": {"y": [{"b": 2, "a": 1}], "x": 1.0}},
        ),
        ({"free": {"x": [1]}}, {"free": {"x": [1.0]}}),
        ({"labels": {"a": "1", "b": "2"}}, {"labels": {"b": "2", "a": "1"}}),
        ({"reference": {"kind": "a", "name": "b"}}, {"reference": {"name": "b", "kind": "a"}}),
    ],
)
def test_what_does_not_count_as_changed(old: dict[str, Any], new: dict[str, Any]) -> None:
    """The order of fields and of items that are told apart, and how a number is written."""
    made = update(None, thing(**old), "one")
    written = update(made, with_spec(made, **new), "two", now=LATER)
    assert entries_of(written) == entries_of(made)
    assert written["spec"] == new


def test_an_update_that_changes_nothing_changes_no_record() -> None:
    """Whoever makes it, whenever, with the record or without it."""
    made = update(apply(None, thing(size=1), "one"), thing(size=1, steps=["a"]), "two")
    assert update(made, made, "three", now=LATER) == made
    without = {**made, "metadata": {"name": "t"}}
    assert update(made, without, "three", now=LATER) == made


def test_what_the_system_sets_is_nobodys() -> None:
    """And a change of it is none."""
    made = update(None, thing(size=1), "one")
    metadata = {**made["metadata"], "resourceVersion": "7", "generation": 3, "uid": "u"}
    written = update(made, {**made, "metadata": metadata}, "two", now=LATER)
    assert entries_of(written) == entries_of(made)


def test_what_is_removed_is_nobodys_any_more() -> None:
    """Who loses the last field is forgotten; who removes it gains nothing."""
    made = apply(None, thing(labels={"a": "1"}), "one")
    both = update(made, with_spec(made, labels={"a": "1", "b": "2"}), "two")
    left = update(both, with_spec(both, labels={"b": "2"}), "three")
    assert owned(left) == {"two Update": {"f:labels": {"f:b": {}}}}
    gone = update(left, bare(), "three")
    assert "managedFields" not in gone["metadata"]


def test_the_same_manager_is_another_owner_by_another_operation() -> None:
    """Also in another version, and through another subresource."""
    made = apply(None, thing(size=1), "one")
    written = update(made, with_spec(made, size=1, steps=["a"]), "one")
    assert owned(written) == {"one Apply": {"f:size": {}}, "one Update": {"f:steps": {}}}


def test_an_update_adds_to_what_the_manager_had() -> None:
    """The time is that of the last change."""
    made = update(None, thing(size=1), "one")
    written = update(made, with_spec(made, size=1, steps=["a"]), "one", now=LATER)
    [entry] = entries_of(written)
    assert entry["time"] == LATER
    assert entry["fieldsV1"] == {"f:spec": {".": {}, "f:size": {}, "f:steps": {}}}


def test_status_is_owned_through_the_subresource_alone() -> None:
    """What else is sent there is nobody's, and takes nothing from anybody."""
    made = update(None, thing(size=1), "one")
    new = {**made, "status": {"phase": "Running"}, "spec": {"size": 2}}
    written = updated(SCHEMA, made, new, by("one", "status"), now=NOW)
    entries = {each.get("subresource", ""): each for each in entries_of(written)}
    assert entries["status"]["fieldsV1"] == {"f:status": {".": {}, "f:phase": {}}}
    assert entries[""]["fieldsV1"] == {"f:spec": {".": {}, "f:size": {}}}


def test_the_record_cannot_be_set_through_a_subresource() -> None:
    """The stored one counts there."""
    made = update(None, thing(size=1), "one")
    attempts: list[list[Any]] = [[{}], [], [{"manager": "x"}]]
    for entries in attempts:
        new = {**with_entries(made, entries), "status": {"phase": "Running"}}
        written = updated(SCHEMA, made, new, by("two", "status"), now=NOW)
        assert set(owned(written)) == {"one Update", "two Update"}


@pytest.mark.parametrize("reset", [[{}], []])
def test_the_record_can_be_reset(reset: list[Any]) -> None:
    """Then nothing is recorded until somebody applies; `[]` does it for custom kinds too (a real server: core ones)."""
    made = apply(None, thing(size=1), "one")
    none = update(made, with_entries(made, reset), "two")
    assert none == {**made, "metadata": {"name": "t"}}
    after = update(none, with_spec(none, size=2), "two")
    assert "managedFields" not in after["metadata"]
    again = apply(after, thing(steps=["a"]), "three")
    assert owned(again) == {
        "three Apply": {"f:steps": {}},
        "before-first-apply Update": {".": {}, "f:size": {}},
    }


def test_a_create_is_recorded_whatever_it_says_of_managers() -> None:
    """There is nothing yet that a reset could end."""
    made = update(None, with_entries(thing(size=1), [{}]), "one")
    assert owned(made) == {"one Update": {".": {}, "f:size": {}}}


def test_nonsense_is_ignored() -> None:
    """A list that cannot be read counts as if it were not there."""
    made = apply(None, thing(size=1), "one")
    attempts: list[Any] = [[{"manager": "x"}], "text", [None], [{}, {}], {}]
    for nonsense in attempts:
        assert update(made, with_entries(made, nonsense), "two") == made


def test_the_record_can_be_rewritten() -> None:
    """By one that can be read; it is written the one way."""
    made = apply(None, thing(size=1, args=[{"name": "a"}]), "one")
    entry = {
        "manager": "other",
        "operation": "Update",
        "apiVersion": "example.com/v0",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:size": {}, "f:args": {'k:{ "name": "a" }': {"f:name": None}}}},
    }
    written = update(made, with_entries(made, [entry]), "two")
    assert entries_of(written) == [
        {
            **entry,
            "fieldsV1": {"f:spec": {"f:args": {'k:{"name":"a"}': {"f:name": {}}}, "f:size": {}}},
        }
    ]
    emptied = update(made, with_entries(made, [{**entry, "fieldsV1": None}]), "two")
    assert "managedFields" not in emptied["metadata"]


def test_managers_of_other_versions_stay_and_count() -> None:
    """There is one version of each kind here: fields of another are taken for the same (a real server drops them)."""
    made = apply(None, thing(size=1), "one")
    foreign = [{**each, "apiVersion": "example.com/v9"} for each in entries_of(made)]
    kept = update(made, with_entries(made, foreign), "two")
    assert entries_of(kept) == foreign
    with pytest.raises(Conflict):
        apply(kept, thing(size=2), "two")
    again = apply(kept, thing(size=1), "one", now=LATER)
    assert [(each["apiVersion"], each["time"]) for each in entries_of(again)] == [
        ("example.com/v1", LATER)
    ]


def test_a_manager_with_an_overlong_name_is_refused() -> None:
    """It cannot come in by the back door."""
    made = apply(None, thing(size=1), "one")
    wrong = [{**each, "manager": "m" * 129} for each in entries_of(made)]
    with pytest.raises(Invalid) as refused:
        update(made, with_entries(made, wrong), "two")
    assert refused.value.message == (
        'Thing "t" is invalid: metadata.managedFields[0].manager: Too long: may not be more than 128 bytes'
    )


def test_the_oldest_of_many_updaters_are_put_together() -> None:
    """At most ten are told apart."""
    document = update(None, thing(), "m00", now="2026-01-01T00:00:00Z")
    for number in range(1, 15):
        labels = {**document["spec"].get("labels", {}), f"l{number}": "x"}
        now = f"2026-01-{number + 1:02}T00:00:00Z"
        document = update(document, with_spec(document, labels=labels), f"m{number:02}", now=now)
    managers = [each["manager"] for each in entries_of(document)]
    assert managers == ["ancient-changes", *(f"m{number:02}" for number in range(6, 15))]
