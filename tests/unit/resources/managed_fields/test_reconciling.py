"""Fields that are owned in another way than their schema has them now.

What is expected here was recorded from a real API server.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.managing import (
    LATER,
    apply,
    bare,
    entries_of,
    owned,
    thing,
    update,
    with_entries,
    with_spec,
)
from towpath.errors import Conflict


def test_fields_of_what_has_become_atomic_are_owned_whole() -> None:
    """When the next write is recorded; what is open stays as it is."""
    made = apply(None, thing(size=1, steps=["a"], reference={"kind": "x"}), "one")
    [entry] = entries_of(made)
    older = {
        "f:size": {},
        "f:steps": {'v:"a"': {}},
        "f:reference": {"f:kind": {}},
        "f:free": {"f:x": {"f:y": {}}},
    }
    before = with_entries(made, [{**entry, "fieldsV1": {"f:spec": older}}])
    written = update(before, with_spec(before, size=2, steps=["a"], reference={"kind": "x"}), "two")
    assert owned(written)["one Apply"] == {
        "f:free": {"f:x": {"f:y": {}}},
        "f:reference": {},
        "f:steps": {},
    }


def test_what_was_atomic_is_owned_with_all_that_is_in_it() -> None:
    """As if its owner had applied it."""
    made = update(
        None, thing(size=1, labels={"a": "1"}, args=[{"name": "a"}], free={"x": {"y": 1}}), "one"
    )
    [entry] = entries_of(made)
    older: dict[str, Any] = {"f:labels": {}, "f:args": {}, "f:free": {}, "f:size": {}}
    before = with_entries(made, [{**entry, "fieldsV1": {"f:spec": older}}])
    written = update(before, with_spec(before, **{**made["spec"], "size": 2}), "two")
    assert owned(written)["one Update"] == {
        "f:args": {".": {}, 'k:{"name":"a"}': {".": {}, "f:name": {}}},
        "f:free": {},
        "f:labels": {".": {}, "f:a": {}},
    }


def test_who_has_lost_all_of_a_map_owns_with_the_others_what_they_put_there() -> None:
    """It does not go with the others then."""
    made = update(None, thing(labels={"a": "1"}), "upd")
    both = apply(made, thing(labels={"b": "2"}), "one")
    fewer = update(both, with_spec(both, labels={"b": "2"}), "upd")
    assert owned(fewer)["upd Update"] == {".": {}, "f:labels": {}}
    left = apply(fewer, bare(), "one")
    assert left["spec"] == {"labels": {"b": "2"}}
    assert owned(left) == {"upd Update": {".": {}, "f:labels": {".": {}, "f:b": {}}}}


def test_and_is_in_conflict_with_who_took_it_by_force() -> None:
    """When they change it once more."""
    made = update(None, thing(labels={"a": "1"}), "upd")
    taken = apply(made, thing(labels={"a": "2"}), "one", force=True)
    assert apply(taken, thing(labels={"a": "2"}), "one") == taken
    with pytest.raises(Conflict) as refused:
        apply(taken, thing(labels={"a": "3"}), "one")
    assert refused.value.message == (
        'Apply failed with 1 conflict: conflict with "upd" using example.com/v1: .spec.labels.a'
    )


def test_metadata_of_controllers_is_nobodys() -> None:
    """They are not recorded: who applied an empty map does not come to own, and take away, what they put there."""
    made = apply(None, bare(annotations={}), "one")
    metadata = {**made["metadata"], "annotations": {"theirs": "1"}}
    live = {**made, "metadata": metadata}
    other = apply(live, bare(annotations={"others": "2"}), "two")
    again = apply(other, bare(annotations={}, labels={"l": "1"}), "one")
    assert again["metadata"]["annotations"] == {"theirs": "1", "others": "2"}
    assert owned(again)["one Apply"] == {
        "f:metadata": {"f:annotations": {}, "f:labels": {"f:l": {}}}
    }
    later = update(again, {**again, "spec": {"size": 1}}, "three")
    assert owned(later)["one Apply"] == {
        "f:metadata": {"f:annotations": {".": {}, "f:others": {}}, "f:labels": {"f:l": {}}}
    }


def test_an_empty_map_applied_again_changes_nothing() -> None:
    """Its owner owns what others have put there in the meantime, and yet it is the same that they applied."""
    made = apply(None, thing(labels={"a": "1"}), "one")
    both = apply(made, thing(labels={}), "two")
    assert apply(both, thing(labels={}), "two", now=LATER) == both
    left = apply(both, bare(), "one")
    assert left["spec"] == {"labels": {"a": "1"}}
    assert owned(left) == {"two Apply": {"f:labels": {".": {}, "f:a": {}}}}
