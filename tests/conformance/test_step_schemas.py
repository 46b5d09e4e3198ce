"""The configuration of every step beside the schema that upstream has for it: nothing of it is missing or otherwise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support.shared import shared
from towpath.promotion.step_registry import StepRegistry
from towpath.resources.structs import schema_of

if TYPE_CHECKING:
    from towpath.resources.schema import Schema

DIFFERENT = {
    "fail.message: minLength": "an expression that gives nothing is as good as no message",
    "git-clone.checkout[].sparse: minItems": "a list of no folders is as good as no list",
}
"""What differs on purpose, with the reason."""
LIMITS = {
    "minLength": "min_length",
    "minItems": "min_items",
    "minimum": "minimum",
    "maximum": "maximum",
    "pattern": "pattern",
}


def _resolved(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    reference = node.get("$ref", "")
    if not reference:
        return node
    file, _, path = reference.partition("#")
    if file:
        root = json.loads(
            (shared("reference", "schemas") / file.removeprefix("./")).read_text("utf-8")
        )
    found: Any = root
    for part in path.strip("/").split("/"):
        found = found[part] if part else found
    return _resolved(found, root)


def _differences(
    theirs: dict[str, Any], ours: Schema, path: str, root: dict[str, Any]
) -> list[str]:
    theirs = _resolved(theirs, root)
    found = []
    kind = theirs.get("type")
    if kind is not None and ours.type is not None and ours.type != kind:
        found.append(f"{path}: type")
    for theirs_name, ours_name in LIMITS.items():
        if theirs_name in theirs and getattr(ours, ours_name) != theirs[theirs_name]:
            found.append(f"{path}: {theirs_name}")
    if "enum" in theirs and set(ours.enum or ours.words) - {""} != set(theirs["enum"]) - {""}:
        found.append(f"{path}: enum")
    if theirs.get("default") and theirs["default"] != ours.default:
        found.append(f"{path}: default")
    if missing := set(theirs.get("required", ())) - set(ours.required):
        found.append(f"{path}: required {sorted(missing)}")
    for name, inner in theirs.get("properties", {}).items():
        if name in ours.properties:
            found += _differences(inner, ours.properties[name], f"{path}.{name}", root)
        else:
            found.append(f"{path}.{name}: missing")
    if "items" in theirs and ours.items is not None:
        found += _differences(theirs["items"], ours.items, f"{path}[]", root)
    return found


def test_every_step_takes_what_upstream_takes() -> None:
    """Names, types, required fields, bounds, words and defaults."""
    found = []
    for registered in StepRegistry.installed():
        step = registered.step
        file = shared("reference", "schemas") / f"{step.name}-config.json"
        if file.exists() and not step.free_form:
            theirs = json.loads(file.read_text("utf-8"))
            found += _differences(theirs, schema_of(step.config), step.name, theirs)
    assert sorted(found) == sorted(DIFFERENT)
