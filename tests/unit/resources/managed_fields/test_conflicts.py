"""Conflicts over fields that others own with another value."""

from __future__ import annotations

import pytest

from tests.support.managing import NOW, apply, by, owned, thing, update, with_spec
from tests.support.things import SCHEMA
from towpath.errors import Conflict
from towpath.resources.managed_fields import applied, updated


def told(error: Conflict) -> list[tuple[str, str, str]]:
    """Return the causes of a conflict."""
    return [(cause.type, cause.path, cause.detail) for cause in error.causes]


def test_one_conflict_is_told_in_a_line() -> None:
    """With manager and field; an updater's version is told too."""
    made = apply(None, thing(size=1), "one")
    with pytest.raises(Conflict) as refused:
        apply(made, thing(size=2), "two")
    assert refused.value.message == (
        'Apply failed with 1 conflict: conflict with "one": .spec.size'
    )
    assert told(refused.value) == [("FieldManagerConflict", ".spec.size", 'conflict with "one"')]
    written = update(made, with_spec(made, size=3), "kubectl")
    with pytest.raises(Conflict) as refused:
        apply(written, thing(size=2), "two")
    assert refused.value.message == (
        'Apply failed with 1 conflict: conflict with "kubectl" using example.com/v1: .spec.size'
    )


def test_conflicts_are_listed_by_manager() -> None:
    """Managers by name, their fields in order; as many causes as conflicts."""
    made = apply(None, thing(size=1, labels={"b": "1", "a": "1"}), "two")
    shared = apply(made, thing(size=1, args=[{"name": "x", "value": "1"}]), "one")
    with pytest.raises(Conflict) as refused:
        apply(
            shared,
            thing(size=2, labels={"a": "2", "b": "2"}, args=[{"name": "x", "value": "2"}]),
            "three",
        )
    assert refused.value.message == (
        "Apply failed with 5 conflicts: "
        'conflicts with "one":\n- .spec.size\n- .spec.args[name="x"].value\n'
        'conflicts with "two":\n- .spec.size\n- .spec.labels.a\n- .spec.labels.b'
    )
    assert told(refused.value) == [
        ("FieldManagerConflict", ".spec.size", 'conflict with "one"'),
        ("FieldManagerConflict", '.spec.args[name="x"].value', 'conflict with "one"'),
        ("FieldManagerConflict", ".spec.size", 'conflict with "two"'),
        ("FieldManagerConflict", ".spec.labels.a", 'conflict with "two"'),
        ("FieldManagerConflict", ".spec.labels.b", 'conflict with "two"'),
    ]


def test_a_subresource_is_told() -> None:
    """The manager may be the same."""
    made = updated(
        SCHEMA,
        thing(size=1) | {"metadata": {"name": "t", "managedFields": []}},
        thing(size=1),
        by("one"),
        now=NOW,
    )
    first = applied(
        SCHEMA,
        made,
        {**thing(), "status": {"phase": "Running"}},
        by("one", "status"),
        force=False,
        now=NOW,
    )
    with pytest.raises(Conflict) as refused:
        applied(
            SCHEMA,
            first,
            {**thing(), "status": {"phase": "Done"}},
            by("two", "status"),
            force=False,
            now=NOW,
        )
    assert refused.value.message == (
        'Apply failed with 1 conflict: conflict with "one" with subresource "status": .status.phase'
    )


def test_what_is_atomic_conflicts_whole() -> None:
    """A change of any part of it is one over all."""
    made = apply(None, thing(steps=["a", "b"], reference={"kind": "x"}), "one")
    with pytest.raises(Conflict) as refused:
        apply(made, thing(steps=["a"], reference={"name": "y"}), "two")
    assert [path for _, path, _ in told(refused.value)] == [".spec.reference", ".spec.steps"]


def test_new_items_are_no_conflict() -> None:
    """Lists that are maps, sets and maps can be added to by anybody."""
    made = apply(None, thing(labels={"a": "1"}, args=[{"name": "a", "tags": ["x"]}]), "one")
    more = apply(made, thing(labels={"b": "1"}, args=[{"name": "a", "tags": ["y"]}]), "two")
    assert more["spec"] == {
        "labels": {"a": "1", "b": "1"},
        "args": [{"name": "a", "tags": ["x", "y"]}],
    }


def test_what_one_owns_alone_one_may_change() -> None:
    """As often as one likes."""
    made = apply(None, thing(size=1), "one")
    assert apply(made, thing(size=2), "one")["spec"] == {"size": 2}


def test_force_takes_the_field_from_the_others() -> None:
    """Who loses their last field is forgotten."""
    made = apply(None, thing(size=1), "one")
    taken = apply(made, thing(size=2), "two", force=True)
    assert taken["spec"] == {"size": 2}
    assert owned(taken) == {"two Apply": {"f:size": {}}}


def test_what_was_taken_by_force_stays_taken() -> None:
    """The next apply needs none."""
    made = update(None, thing(labels={"a": "1", "b": "1"}), "upd")
    taken = apply(made, thing(labels={"a": "2"}), "one", force=True)
    assert owned(taken)["upd Update"] == {".": {}, "f:labels": {".": {}, "f:b": {}}}
    assert apply(taken, thing(labels={"a": "3"}), "one")["spec"]["labels"] == {"a": "3", "b": "1"}


def test_those_before_the_first_apply_can_be_in_conflict() -> None:
    """They are told by their own name."""
    first = apply(thing(size=1, labels={"a": "1"}), thing(size=1), "two")
    with pytest.raises(
        Conflict, match=r'"before-first-apply" using example\.com/v1: \.spec\.labels\.a'
    ):
        apply(first, thing(labels={"a": "2"}), "three")
