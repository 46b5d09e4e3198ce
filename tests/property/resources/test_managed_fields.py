"""Random writes by several managers against a plain model of structured merge.

The model knows documents as maps from the paths of leaves to values, and owners as sets of such paths. What holds
other fields is not told apart in it: only leaves are.
"""

from __future__ import annotations

import copy
import json
import os
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.things import SCHEMA
from towpath.errors import Conflict
from towpath.resources.managed_fields import Manager, applied, sets, updated

NOW, AFTERWARDS = "2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z"
EXAMPLES = 2000 if os.environ.get("TOWPATH_SOAK") else 150
Path = tuple[str, ...]
Leaves = dict[Path, Any]

# --- documents of a few leaves ------------------------------------------------------------------------

SINGLE = {("size",): (1, 2), ("steps",): (["a"], ["b"], ["a", "b"]), ("free", "x", "y"): (1, 2)}
LABELS = [("labels", key) for key in "ab"]
VALUES = [("args", name, "value") for name in "ab"]
TAGS = [("args", name, "tags", tag) for name in "ab" for tag in "st"]
PARTS = [("args", name, "parts", part) for name in "ab" for part in "xy"]


@st.composite
def leaves(draw: st.DrawFn) -> Leaves:
    """Return what a document or configuration holds."""
    found: Leaves = {}
    for path, values in SINGLE.items():
        if draw(st.booleans()):
            found[path] = draw(st.sampled_from(values))
    for path in (*LABELS, *VALUES):
        if draw(st.integers(0, 2)):
            found[path] = draw(st.sampled_from(("1", "2")))
    for path in TAGS:
        if draw(st.booleans()):
            found[path] = True
    for path in PARTS:
        kind = draw(st.integers(0, 3))
        if kind:
            found[path] = path[-1]
        if kind > 1:
            found[*path, "value"] = str(kind)
    for name in "ab":
        if draw(st.booleans()) or any(path[:2] == ("args", name) for path in found):
            found["args", name] = name  # an item is there by its key, whatever else it holds
    if ("free", "x", "y") in found:
        found["free", "x"] = True  # and so is a key of an open object
    return found


def document(found: Leaves) -> dict[str, Any]:
    """Return the document of leaves."""
    spec: dict[str, Any] = {}
    for path in SINGLE:
        if path in found:
            here = spec
            for step in path[:-1]:
                here = here.setdefault(step, {})
            here[path[-1]] = found[path]
    if ("free", "x") in found:
        spec.setdefault("free", {}).setdefault("x", {})
    for _, key in LABELS:
        if ("labels", key) in found:
            spec.setdefault("labels", {})[key] = found["labels", key]
    for name in "ab":
        if ("args", name) not in found:
            continue
        item: dict[str, Any] = {"name": name}
        if ("args", name, "value") in found:
            item["value"] = found["args", name, "value"]
        tags = [tag for tag in "st" if ("args", name, "tags", tag) in found]
        if tags:
            item["tags"] = tags
        parts = [part for part in "xy" if ("args", name, "parts", part) in found]
        if parts:
            item["parts"] = [_part(found, name, part) for part in parts]
        spec.setdefault("args", []).append(item)
    made: dict[str, Any] = {
        "apiVersion": "example.com/v1",
        "kind": "Thing",
        "metadata": {"name": "t"},
    }
    return {**made, "spec": spec} if spec else made


def _part(found: Leaves, name: str, part: str) -> dict[str, Any]:
    """Return a part of an argument."""
    path = ("args", name, "parts", part)
    value = found.get((*path, "value"))
    return {"name": part} if value is None else {"name": part, "value": value}


def leaves_of(made: dict[str, Any]) -> Leaves:
    """Return the leaves of a document."""
    found: Leaves = {}
    spec = made.get("spec") or {}
    for path in SINGLE:
        here: Any = spec
        for step in path:
            here = here.get(step) if isinstance(here, dict) else None
        if here is not None:
            found[path] = here
    if "x" in (spec.get("free") or {}):
        found["free", "x"] = True
    for key, value in (spec.get("labels") or {}).items():
        found["labels", key] = value
    for item in spec.get("args") or []:
        name = item["name"]
        found["args", name] = name
        if item.get("value") is not None:
            found["args", name, "value"] = item["value"]
        for tag in item.get("tags") or []:
            found["args", name, "tags", tag] = True
        for part in item.get("parts") or []:
            path = ("args", name, "parts", part["name"])
            found[path] = part["name"]
            if part.get("value") is not None:
                found[*path, "value"] = part["value"]
    return found


# --- the model ----------------------------------------------------------------------------------------


@dataclass
class Model:
    """Leaves, and who owns which."""

    leaves: Leaves = field(default_factory=dict)
    owners: dict[str, set[Path]] = field(default_factory=dict)

    def update(self, new: Leaves, manager: str) -> None:
        """Write leaves: whoever changes one owns it, and what is gone is nobody's."""
        changed = {path for path, value in new.items() if self.leaves.get(path, ...) != value}
        gone = self.leaves.keys() - new.keys()
        self._lose(changed | gone)
        if changed:
            self.owners.setdefault(f"{manager} Update", set()).update(changed)
        self.leaves = dict(new)
        self._forget()

    def conflicts(self, config: Leaves, manager: str) -> set[tuple[str, Path]]:
        """Return who owns which leaf that a configuration wants otherwise."""
        result = self._applied(config, manager)
        changed = {path for path, value in result.items() if self.leaves.get(path, ...) != value}
        return {
            (owner, path)
            for owner, owned in self.owners.items()
            if owner != f"{manager} Apply"
            for path in owned & changed
        }

    def apply(self, config: Leaves, manager: str) -> None:
        """Apply a configuration, taking what others own."""
        result = self._applied(config, manager)
        changed = {path for path, value in result.items() if self.leaves.get(path, ...) != value}
        gone = self.leaves.keys() - result.keys()
        self._lose(changed | gone)
        self.owners[f"{manager} Apply"] = set(config)
        self.leaves = result
        self._forget()

    def _applied(self, config: Leaves, manager: str) -> Leaves:
        """Return the leaves with a configuration merged in and what its manager gives up taken away."""
        given_up = self.owners.get(f"{manager} Apply", set()) - config.keys()
        held = set(config)
        for owner, owned in self.owners.items():
            if owner != f"{manager} Apply":
                held |= owned
        left = {path: value for path, value in self.leaves.items() if path not in given_up - held}
        # An item or key that goes takes along what is in it, whoever owns that.
        holders = {
            path
            for path in given_up - held
            if (path[0] in ("args", "free") and len(path) == 2) or path[2:3] == ("parts",)
        }
        left = {
            path: value
            for path, value in left.items()
            if not any(path[: len(holder)] == holder for holder in holders)
        }
        return left | config

    def _lose(self, paths: set[Path]) -> None:
        for owned in self.owners.values():
            owned.difference_update(paths)

    def _forget(self) -> None:
        self.owners = {owner: owned for owner, owned in self.owners.items() if owned}


def owners_of(made: dict[str, Any]) -> dict[str, set[Path]]:
    """Return who owns which leaves, as a document records it."""
    found: dict[str, set[Path]] = {}
    for entry in made["metadata"].get("managedFields", []):
        owned = set()
        for path in sets.paths(entry["fieldsV1"]):
            leaf = _leaf(path)
            if leaf is not None:
                owned.add(leaf)
        if owned:
            found[f"{entry['manager']} {entry['operation']}"] = owned
    return found


def _leaf(path: tuple[str, ...]) -> Path | None:
    """Return the leaf of a path; None for what only holds others."""
    match path[1:]:
        case ("f:size",) | ("f:steps",):
            return (path[1][2:],)
        case ("f:free", "f:x"):
            return ("free", "x")
        case ("f:free", "f:x", "f:y"):
            return ("free", "x", "y")
        case ("f:labels", key):
            return ("labels", key[2:])
        case ("f:args", item):
            return ("args", item[len('k:{"name":"')])
        case ("f:args", item, "f:value"):
            return ("args", item[len('k:{"name":"')], "value")
        case ("f:args", item, "f:tags", tag):
            return ("args", item[len('k:{"name":"')], "tags", tag[3])
        case ("f:args", item, "f:parts", part, *below):
            place = len('k:{"name":"')
            path = ("args", item[place], "parts", part[place])
            return (*path, "value") if below == ["f:value"] else None if below else path
    return None


WRITES = st.lists(
    st.tuples(
        st.sampled_from(("apply", "force", "update", "patch")),
        st.sampled_from(("one", "two", "three")),
        leaves(),
    ),
    min_size=1,
    max_size=8,
)


def is_recorded(made: dict[str, Any] | None) -> bool:
    """Whether a document has a record of its owners."""
    return made is not None and bool(made["metadata"].get("managedFields"))


def as_sent(made: dict[str, Any] | None, found: Leaves) -> dict[str, Any]:
    """Return leaves as the document that a client sends who has read the one before: with its record."""
    fresh = document(found)
    if made is None or not is_recorded(made):
        return fresh
    metadata = {**fresh["metadata"], "managedFields": made["metadata"]["managedFields"]}
    return {**fresh, "metadata": metadata}


def tried(
    made: dict[str, Any] | None, config: dict[str, Any], manager: Manager, *, force: bool
) -> dict[str, Any] | None:
    """Return the document with a configuration applied; None when it is refused."""
    try:
        return applied(SCHEMA, made, config, manager, force=force, now=NOW)
    except Conflict:
        return None


@settings(max_examples=EXAMPLES, deadline=None, derandomize=not os.environ.get("TOWPATH_SOAK"))
@given(WRITES)
def test_random_writes_come_to_what_the_model_says(
    writes: list[tuple[str, str, Leaves]],
) -> None:
    """Values, owners and conflicts; nothing that is given is changed, and what is refused changes nothing."""
    model = Model()
    made: dict[str, Any] | None = None
    for how, manager, wanted in writes:
        by = Manager(manager, "example.com/v1")
        before = copy.deepcopy(made)
        if how in ("update", "patch"):
            new = dict(wanted) if how == "update" else {**model.leaves, **wanted}
            was_recorded = made is None or is_recorded(made)
            result: dict[str, Any] | None = updated(SCHEMA, made, as_sent(made, new), by, now=NOW)
            if was_recorded:
                model.update(new, manager)
            else:
                model.leaves = new
        else:
            owners = {owner: set(owned) for owner, owned in model.owners.items()}
            if made is not None and not is_recorded(made) and model.leaves:
                model.owners["before-first-apply Update"] = set(model.leaves)
            result = tried(made, document(wanted), by, force=how == "force")
            conflicts = model.conflicts(wanted, manager)
            assert (result is None) == (how == "apply" and bool(conflicts))
            if result is None:
                model.owners = owners
            else:
                model.apply(wanted, manager)
        assert made == before
        if result is None:
            continue
        made = result
        assert leaves_of(made) == model.leaves
        assert owners_of(made) == model.owners
        assert_settled(made, how, manager, wanted)


def assert_settled(made: dict[str, Any], how: str, manager: str, wanted: Leaves) -> None:
    """Check what holds after every write that was taken."""
    owners = owners_of(made)
    if is_recorded(made) and how != "patch":
        # An update may leave what was there before it was recorded to nobody, and so may who owns holders alone.
        assert wanted.keys() <= set().union(*owners.values())
    once_more = updated(SCHEMA, made, made, Manager("other", "example.com/v1"), now=AFTERWARDS)
    assert json.dumps(once_more) == json.dumps(made)
    if how in ("apply", "force") and is_recorded(made):
        by = Manager(manager, "example.com/v1")
        again = applied(SCHEMA, made, document(wanted), by, force=False, now=AFTERWARDS)
        assert json.dumps(again) == json.dumps(made)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=not os.environ.get("TOWPATH_SOAK"))
@given(leaves(), leaves(), leaves())
def test_who_applies_nothing_gives_up_just_what_they_own_alone(
    first: Leaves, second: Leaves, third: Leaves
) -> None:
    """Everything of the others is there still, and theirs, unless it was in an item that is gone."""
    made = updated(SCHEMA, None, document(first), Manager("three", "example.com/v1"), now=NOW)
    for name, config in (("one", second), ("two", third)):
        by = Manager(name, "example.com/v1")
        made = applied(SCHEMA, made, document(config), by, force=True, now=NOW)
    before, owners = leaves_of(made), owners_of(made)
    mine = owners.pop("two Apply", set())
    alone = mine - set().union(*owners.values())
    left = applied(
        SCHEMA, made, document({}), Manager("two", "example.com/v1"), force=False, now=NOW
    )
    gone = {path for path in before if any(path[: len(top)] == top for top in alone)}
    assert leaves_of(left) == {path: before[path] for path in before.keys() - gone}
    kept = {owner: owned - gone for owner, owned in owners.items()}
    assert owners_of(left) == {owner: owned for owner, owned in kept.items() if owned}
