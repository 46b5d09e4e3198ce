"""Server-side apply and updates: who owns what, what conflicts, what goes away.

What is expected here is what a real API server answers (tools/oracle/transcripts/apply.yaml), for a schema that has
every shape: structs, maps, sets, lists that are maps, lists that are atomic, and what is open.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.things import SCHEMA
from towpath.errors import BadRequest, Conflict
from towpath.resources.managed_fields import Manager, applied, updated

NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
Document = dict[str, Any]


def thing(**spec: Any) -> Document:
    """Return a configuration."""
    return {
        "apiVersion": "example.com/v1",
        "kind": "Thing",
        "metadata": {"name": "t"},
        "spec": spec,
    }


def by(name: str, subresource: str = "") -> Manager:
    """Return a manager."""
    return Manager(name, "example.com/v1", subresource)


def apply(
    old: Document | None, config: Document, name: str, *, force: bool = False, now: str = NOW
) -> Document:
    """Apply a configuration."""
    return applied(SCHEMA, old, config, by(name), force=force, now=now)


def update(old: Document | None, new: Document, name: str, *, now: str = NOW) -> Document:
    """Write a document."""
    return updated(SCHEMA, old, new, by(name), now=now)


def owned(document: Document) -> dict[str, Any]:
    """Return the fields below `spec` by manager and operation."""
    return {
        f"{entry['manager']} {entry['operation']}": entry["fieldsV1"].get("f:spec", {})
        for entry in document["metadata"].get("managedFields", [])
    }


def test_an_apply_creates_and_owns_what_it_names() -> None:
    """Not the name, nor the object as such; items of lists that are maps with their keys."""
    made = apply(None, thing(size=1, args=[{"name": "a", "value": "1"}], labels={"l": "x"}), "one")
    assert made["metadata"]["managedFields"] == [
        {
            "manager": "one",
            "operation": "Apply",
            "apiVersion": "example.com/v1",
            "time": NOW,
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:spec": {
                    "f:size": {},
                    "f:args": {'k:{"name":"a"}': {".": {}, "f:name": {}, "f:value": {}}},
                    "f:labels": {"f:l": {}},
                }
            },
        }
    ]


def test_applying_the_same_again_changes_nothing() -> None:
    """Not even the time."""
    made = apply(None, thing(size=1), "one")
    assert apply(made, thing(size=1), "one", now=LATER) == made


def test_equal_values_are_shared_and_others_conflict() -> None:
    """The conflict names manager and field; nothing is changed."""
    made = apply(None, thing(size=1, labels={"l": "x"}), "one")
    shared = apply(made, thing(size=1), "two")
    assert owned(shared)["two Apply"] == {"f:size": {}}
    with pytest.raises(Conflict) as refused:
        apply(shared, thing(size=2), "three")
    assert refused.value.message == (
        'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.size\nconflicts with "two":\n- .spec.size'
    )
    assert [(cause.type, cause.path, cause.detail) for cause in refused.value.causes] == [
        ("FieldManagerConflict", ".spec.size", 'conflict with "one"'),
        ("FieldManagerConflict", ".spec.size", 'conflict with "two"'),
    ]


def test_force_takes_the_field_from_the_others() -> None:
    """Who loses their last field is forgotten."""
    made = apply(None, thing(size=1), "one")
    taken = apply(made, thing(size=2), "two", force=True)
    assert taken["spec"] == {"size": 2}
    assert owned(taken) == {"two Apply": {"f:size": {}}}


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
    nothing = thing()
    del nothing["spec"]
    none = apply(left, nothing, "one")
    assert none["spec"] == {"labels": {"b": "2"}, "args": [{"name": "b", "tags": ["z"]}]}
    assert set(owned(none)) == {"two Apply"}


def test_giving_up_all_of_a_map_takes_the_map_as_well() -> None:
    """And leaves what never was the applier's."""
    made = apply(None, thing(size=1, labels={"a": "1"}), "one")
    assert apply(made, thing(size=1), "one")["spec"] == {"size": 1}


def test_atomic_lists_and_objects_are_owned_whole() -> None:
    """A change of any part of them is a conflict over all."""
    made = apply(None, thing(steps=["a", "b"], reference={"kind": "x", "name": "y"}), "one")
    assert owned(made)["one Apply"] == {"f:steps": {}, "f:reference": {}}
    with pytest.raises(Conflict, match=r"\.spec\.steps"):
        apply(made, thing(steps=["a"]), "two")
    taken = apply(made, thing(reference={"name": "z"}), "two", force=True)
    assert taken["spec"]["reference"] == {"name": "z"}


def test_an_update_takes_what_it_changes() -> None:
    """And leaves the others what it does not; fields that hold new ones are owned as well."""
    made = apply(None, thing(size=1, labels={"a": "1", "b": "2"}), "one")
    new = {**made, "spec": {"size": 1, "labels": {"a": "9"}, "free": {"x": {"y": 1}}}}
    written = update(made, new, "kubectl", now=LATER)
    assert owned(written) == {
        "one Apply": {"f:size": {}},
        "kubectl Update": {
            "f:labels": {"f:a": {}},
            "f:free": {".": {}, "f:x": {".": {}, "f:y": {}}},
        },
    }
    [entry] = [
        each for each in written["metadata"]["managedFields"] if each["manager"] == "kubectl"
    ]
    assert entry["time"] == LATER
    with pytest.raises(Conflict) as refused:
        apply(written, thing(size=1, labels={"a": "1"}), "one")
    assert refused.value.message == (
        'Apply failed with 1 conflict: conflict with "kubectl" using example.com/v1: .spec.labels.a'
    )


def test_an_update_that_changes_nothing_changes_no_record() -> None:
    """Whoever makes it, and whenever."""
    made = update(None, thing(size=1), "one")
    assert update(made, made, "two", now=LATER) == made


def test_a_create_owns_everything_that_it_holds() -> None:
    """Maps and lists that are maps as such too."""
    made = update(None, thing(labels={"a": "1"}, args=[{"name": "a"}], steps=["s"]), "one")
    assert owned(made)["one Update"] == {
        ".": {},
        "f:labels": {".": {}, "f:a": {}},
        "f:args": {".": {}, 'k:{"name":"a"}': {".": {}, "f:name": {}}},
        "f:steps": {},
    }


def test_what_nobody_recorded_is_recorded_from_the_first_apply_on() -> None:
    """Updates before leave no trace; what was there then belongs to those before."""
    plain = thing(size=1, labels={"a": "1"})
    assert "managedFields" not in update(plain, thing(size=2), "one")["metadata"]
    first = apply(plain, thing(size=1), "two")
    assert set(owned(first)) == {"two Apply", "before-first-apply Update"}
    with pytest.raises(Conflict, match="before-first-apply"):
        apply(first, thing(labels={"a": "2"}), "three")


def test_records_can_be_reset_and_nonsense_is_ignored() -> None:
    """`[{}]` ends the recording; a list that cannot be read counts as if it were not there."""
    made = apply(None, thing(size=1), "one")
    reset = {**made, "metadata": {**made["metadata"], "managedFields": [{}]}}
    assert "managedFields" not in update(made, reset, "two")["metadata"]
    for nonsense in (
        [{"manager": "x"}],
        "text",
        [{"operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": {"x": 1}}],
        [],
        [None],
    ):
        wrong = {**made, "metadata": {**made["metadata"], "managedFields": nonsense}}
        assert owned(update(made, wrong, "two")) == owned(made)


def test_a_configuration_must_not_say_who_manages_what() -> None:
    """As an API server words it."""
    config = thing(size=1)
    config["metadata"]["managedFields"] = [{"manager": "x"}]
    with pytest.raises(BadRequest, match=r"metadata\.managedFields must be nil"):
        apply(None, config, "one")


def test_items_need_their_keys_and_each_key_once() -> None:
    """A key that has a default may be left out."""
    with pytest.raises(BadRequest, match=r'\.spec\.args.*omits key field "name"'):
        apply(None, thing(args=[{"value": "1"}]), "one")
    with pytest.raises(BadRequest, match=r"\.spec\.args.*duplicate"):
        apply(None, thing(args=[{"name": "a"}, {"name": "a"}]), "one")
    made = apply(None, thing(ports=[{"port": 80}]), "one")
    assert list(owned(made)["one Apply"]["f:ports"]) == ['k:{"port":80,"protocol":"TCP"}']
    merged = apply(made, thing(ports=[{"port": 80, "protocol": "TCP", "name": "web"}]), "two")
    assert merged["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "name": "web"}]


@pytest.mark.parametrize(
    ("live", "config", "expected"),
    [
        ("ab", "c", "cab"),
        ("ab", "bc", "abc"),
        ("abc", "ca", "bca"),
        ("abc", "b", "abc"),
        ("abcd", "db", "acdb"),
        ("", "ba", "ba"),
    ],
)
def test_items_keep_the_order_of_what_is_applied(live: str, config: str, expected: str) -> None:
    """Others come before those they came before already."""
    made = update(None, thing(args=[{"name": name} for name in live]), "one")
    merged = apply(made, thing(args=[{"name": name} for name in config]), "two")
    assert sorted(merged["spec"]["args"], key=str) == [{"name": name} for name in sorted(expected)]
    names = "".join(item["name"] for item in merged["spec"]["args"])
    assert [name for name in names if name in config] == list(config)


def test_status_is_owned_through_the_subresource_alone() -> None:
    """The same manager is another owner there, and what else is sent there is nobody's."""
    made = update(None, thing(size=1), "one")
    new = {**made, "status": {"phase": "Running"}, "spec": {"size": 2}}
    written = updated(SCHEMA, made, new, by("one", "status"), now=NOW)
    entries = {each.get("subresource", ""): each for each in written["metadata"]["managedFields"]}
    assert entries["status"]["fieldsV1"] == {"f:status": {".": {}, "f:phase": {}}}
    config = {**thing(), "status": {"phase": "Done"}}
    with pytest.raises(Conflict, match='conflict with "one" with subresource "status" using'):
        applied(SCHEMA, written, config, by("two", "status"), force=False, now=NOW)


def test_kubectl_goes_from_client_side_to_server_side() -> None:
    """What it applied before is no conflict for it, and the annotation is kept in step; for others it is one."""
    key = "kubectl.kubernetes.io/last-applied-configuration"
    before = thing(size=1, labels={"a": "1"})
    before["metadata"]["annotations"] = {key: '{"spec":{"size":1},"metadata":{"name":"t"}}'}
    made = update(None, before, "kubectl-client-side-apply")
    with pytest.raises(Conflict):
        apply(made, thing(size=2), "other")
    with pytest.raises(Conflict, match=r"\.spec\.labels\.a"):
        apply(made, thing(size=2, labels={"a": "2"}), "kubectl")
    moved = apply(made, thing(size=2), "kubectl")
    assert moved["spec"]["size"] == 2
    assert '"size":2' in moved["metadata"]["annotations"][key]


def test_the_oldest_of_many_updaters_are_put_together() -> None:
    """At most ten are told apart."""
    document = update(None, thing(), "m00", now="2026-01-01T00:00:00Z")
    for number in range(1, 15):
        labels = {**document["spec"].get("labels", {}), f"l{number}": "x"}
        new = {**document, "spec": {"labels": labels}}
        document = update(document, new, f"m{number:02}", now=f"2026-01-{number + 1:02}T00:00:00Z")
    managers = [each["manager"] for each in document["metadata"]["managedFields"]]
    assert len(managers) == 10
    assert managers[0] == "ancient-changes"
    assert managers[-1] == "m14"
