"""Random writes by several managers against a plain model of structured merge.

The model knows documents as maps from paths to values, and owners as sets of paths. Containers are paths too (`HOLDERS`),
whose value says only that they are there. There are no trees in it, and no schema.
"""

from __future__ import annotations

import copy
import json
import os
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.things import SCHEMA
from towpath.errors import Conflict
from towpath.resources.managed_fields import FieldManager, applied, sets, updated

NOW, AFTERWARDS = "2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z"
EXAMPLES = 2000 if os.environ.get("TOWPATH_SOAK") else examples(150)
Path = tuple[str, ...]
Leaves = dict[Path, Any]
Owners = dict[str, set[Path]]

# --- documents, as paths below `spec` ------------------------------------------------------------------

SINGLE = {("size",): (1, 2), ("steps",): (["a"], ["b"], ["a", "b"]), ("free", "x", "y"): (1, 2)}
LABELS = [("labels", key) for key in "ab"]
VALUES = [("args", name, "value") for name in "ab"]
TAGS = [("args", name, "tags", tag) for name in "ab" for tag in "st"]
PARTS = [("args", name, "parts", part) for name in "ab" for part in "xy"]
OPEN: Path = ("free",)
MAPS: set[Path] = {(), ("labels",), OPEN}
LISTS: set[Path] = {("args",)} | {
    ("args", name, kind) for name in "ab" for kind in ("tags", "parts")
}
HOLDERS = MAPS | LISTS
"""Fields that the schema names and that hold others; `spec` itself is the empty path."""


@st.composite
def leaves(draw: st.DrawFn, *, may_be_empty: bool = True) -> Leaves:
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
            found[path] = True
        if kind > 1:
            found[*path, "value"] = str(kind)
    for name in "ab":
        if draw(st.booleans()):
            found["args", name] = True
    if may_be_empty:
        for path in ((), ("labels",), ("args",), OPEN):
            if not draw(st.integers(0, 3)):
                found[path] = True
    return found | {above: True for path in found for above in holding(path)}


def holding(path: Path) -> list[Path]:
    """Return the paths of what a path is in: containers, items, keys of open objects."""
    return [path[:length] for length in range(len(path))]


def is_below(path: Path, above: Path) -> bool:
    """Whether a path leads through another."""
    return len(path) > len(above) and path[: len(above)] == above


def document(found: Leaves) -> dict[str, Any]:
    """Return the document of leaves."""
    made: dict[str, Any] = {
        "apiVersion": "example.com/v1",
        "kind": "Thing",
        "metadata": {"name": "t"},
    }
    if () not in found:
        return made
    spec: dict[str, Any] = {
        path[0]: {} if path in MAPS else found[path] for path in found if len(path) == 1
    }
    for path in found:
        match path:
            case ("labels", key):
                spec["labels"][key] = found[path]
            case ("free", "x"):
                spec["free"].setdefault("x", {})
            case ("free", "x", "y"):
                spec["free"].setdefault("x", {})["y"] = found[path]
    if ("args",) in found:
        spec["args"] = [_argument(found, name) for name in "ab" if ("args", name) in found]
    return {**made, "spec": spec}


def _argument(found: Leaves, name: str) -> dict[str, Any]:
    item: dict[str, Any] = {"name": name}
    if ("args", name, "value") in found:
        item["value"] = found["args", name, "value"]
    if ("args", name, "tags") in found:
        item["tags"] = [tag for tag in "st" if ("args", name, "tags", tag) in found]
    if ("args", name, "parts") in found:
        item["parts"] = []
        for part in "xy":
            path = ("args", name, "parts", part)
            if path in found:
                value = found.get((*path, "value"))
                item["parts"].append(
                    {"name": part} if value is None else {"name": part, "value": value}
                )
    return item


def leaves_of(made: dict[str, Any]) -> Leaves:
    """Return the leaves of a document."""
    found: Leaves = {}

    def take(path: Path, value: Any) -> None:
        is_list = path in LISTS
        if isinstance(value, dict) or is_list:
            found[path] = True
            items = (
                [(each["name"], each) if isinstance(each, dict) else (each, True) for each in value]
                if is_list
                else value.items()
            )
            for key, below in items:
                if key != "name" or not isinstance(value, dict) or path in MAPS:
                    take((*path, key), below)
        else:
            found[path] = value

    if "spec" in made:
        take((), made["spec"])
    return found


# --- the model ----------------------------------------------------------------------------------------


def named(config: Leaves) -> set[Path]:
    """Return what whoever applies a configuration owns: not what only holds others, but for maps that hold none."""
    return {
        path
        for path in config
        if path not in HOLDERS
        or (path in MAPS and not any(is_below(other, path) for other in config))
    }


def with_holders(paths: set[Path]) -> set[Path]:
    """Return paths, and all containers that any of them is in."""
    return paths | {above for path in paths for above in holding(path) if above in HOLDERS}


@dataclass
class Model:
    """Leaves, and who owns which."""

    leaves: Leaves = field(default_factory=dict)
    owners: Owners = field(default_factory=dict)

    def update(self, new: Leaves, manager: str) -> None:
        """Write leaves: whoever changes one owns it, and what is gone is nobody's."""
        changed, gone = self._difference(new)
        if changed | gone:
            self.owners = self._reconciled()
            self._lose(changed | gone)
            if changed:
                self.owners.setdefault(f"{manager} Update", set()).update(changed)
            self.leaves = dict(new)
            self._forget()

    def conflicts(self, config: Leaves, manager: str) -> set[tuple[str, Path]]:
        """Return who owns which leaf that a configuration wants otherwise."""
        changed, _ = self._difference(self._applied(config, manager))
        return {
            (owner, path)
            for owner, owned in self._reconciled().items()
            if owner != f"{manager} Apply"
            for path in owned & changed
        }

    def apply(self, config: Leaves, manager: str) -> None:
        """Apply a configuration, taking what others own."""
        mine, owners = f"{manager} Apply", self._reconciled()
        result = self._applied(config, manager)
        changed, gone = self._difference(result)
        if not (changed | gone) and self.owners.get(mine) == named(config):
            return
        self.owners = owners
        self._lose(changed | gone)
        self.owners[mine] = named(config)
        self.leaves = result
        self._forget()

    def _applied(self, config: Leaves, manager: str) -> Leaves:
        """Return the leaves with a configuration merged in and what its manager gives up taken away."""
        mine, owners = f"{manager} Apply", self._reconciled()
        held = named(config).union(*(owned for owner, owned in owners.items() if owner != mine))
        given_up = with_holders(owners.get(mine, set())) - with_holders(held)
        # What goes takes along all that is in it, whoever owns that.
        return {
            path: value
            for path, value in (self.leaves | config).items()
            if path not in given_up and not any(is_below(path, above) for above in given_up)
        }

    def _difference(self, new: Leaves) -> tuple[set[Path], set[Path]]:
        changed = {path for path, value in new.items() if self.leaves.get(path, ...) != value}
        return changed, self.leaves.keys() - new.keys()

    def _reconciled(self) -> Owners:
        """Return the owners, in which who owns a container and nothing in it owns all that is in it."""
        found = {}
        for owner, owned in self.owners.items():
            lone = {
                path
                for path in owned & HOLDERS - {OPEN}
                if not any(is_below(other, path) for other in owned)
            }
            found[owner] = owned | {
                path for path in named(self.leaves) if any(is_below(path, above) for above in lone)
            }
        return found

    def _lose(self, paths: set[Path]) -> None:
        for owned in self.owners.values():
            owned.difference_update(paths)

    def _forget(self) -> None:
        self.owners = {owner: owned for owner, owned in self.owners.items() if owned}


def owners_of(made: dict[str, Any]) -> Owners:
    """Return who owns which leaves, as a document records it."""
    return {
        f"{entry['manager']} {entry['operation']}": {
            path for path in map(_path, sets.paths(entry["fieldsV1"])) if path[2:][-1:] != ("name",)
        }
        for entry in made["metadata"].get("managedFields", [])
    }


def _path(elements: tuple[str, ...]) -> Path:
    assert elements[0] == "f:spec"
    return tuple(
        json.loads(element[2:])["name"]
        if element.startswith("k:")
        else json.loads(element[2:])
        if element.startswith("v:")
        else element[2:]
        for element in elements[1:]
    )


# --- the tests ----------------------------------------------------------------------------------------

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
    made: dict[str, Any] | None, config: dict[str, Any], manager: FieldManager, *, force: bool
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
        by = FieldManager(manager, "example.com/v1")
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
        assert wanted.keys() - HOLDERS <= set().union(*owners.values()), "every leaf has an owner"
    once_more = updated(SCHEMA, made, made, FieldManager("other", "example.com/v1"), now=AFTERWARDS)
    assert json.dumps(once_more) == json.dumps(made)
    # Nobody owns an empty list: applied where it was given up it goes, applied again it comes back.
    is_owned = all(any(is_below(path, each) for path in wanted) for each in wanted.keys() & LISTS)
    if f"{manager} Apply" in owners and how in ("apply", "force") and is_owned:
        by = FieldManager(manager, "example.com/v1")
        again = applied(SCHEMA, made, document(wanted), by, force=False, now=AFTERWARDS)
        assert json.dumps(again) == json.dumps(made)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=not os.environ.get("TOWPATH_SOAK"))
@given(*(leaves(may_be_empty=False) for _ in range(3)))
def test_who_applies_nothing_gives_up_just_what_they_own_alone(
    first: Leaves, second: Leaves, third: Leaves
) -> None:
    """Everything of the others is there still, and theirs, unless it was in an item that is gone."""
    made: dict[str, Any] | None = None
    for name, config in (("one", first), ("two", second), ("three", third)):
        by = FieldManager(name, "example.com/v1")
        made = applied(SCHEMA, made, document(config), by, force=True, now=NOW)
    assert made is not None
    before, owners = leaves_of(made), owners_of(made)
    mine = owners.pop("two Apply", set())
    others = set[Path]().union(*owners.values())
    alone = with_holders(mine) - with_holders(others)
    left = applied(
        SCHEMA, made, document({}), FieldManager("two", "example.com/v1"), force=False, now=NOW
    )
    gone = {path for path in before if any(path[: len(top)] == top for top in alone)}
    assert leaves_of(left) == {path: before[path] for path in before.keys() - gone}
    kept = {owner: owned - gone for owner, owned in owners.items()}
    assert owners_of(left) == {owner: owned for owner, owned in kept.items() if owned}
