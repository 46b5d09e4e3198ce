"""Taking away what an applier named before and names no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources.managed_fields import sets, walking
from towpath.resources.managed_fields.sets import SELF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.managed_fields.sets import FieldSet
    from towpath.resources.schema import Schema

_METADATA = "metadata"


def pruned(
    schema: Schema, document: dict[str, Any], last: FieldSet, held: Iterable[FieldSet]
) -> dict[str, Any]:
    """Return a document without what is in `last` and in none of the sets in `held`, each with all that is below it.

    What holds a field that is held stays, if the schema names it. Below `metadata` that goes for fields that nobody
    owns as well: controllers set labels, annotations and finalizers without being recorded.
    """
    owned: FieldSet = {}
    for fields in held:
        owned = sets.union(owned, fields)
    gone = sets.minus(_with_named(schema, last), _with_named(schema, owned))
    if f"f:{_METADATA}" in gone:
        there = walking.fields(schema, {_METADATA: document.get(_METADATA)})
        nobodys = sets.minus(there, sets.union(owned, last))
        gone = sets.minus(gone, _with_named(schema, nobodys))
    return without(schema, document, gone) if gone else document


def without(schema: Schema | None, value: Any, fields: FieldSet) -> Any:
    """Return a value without the fields of a set, each with all that is below it."""
    if isinstance(value, dict) and walking.is_granular(schema):
        found = {}
        for name, child in value.items():
            node = fields.get(f"f:{name}")
            if node is None:
                found[name] = child
            elif node and SELF not in node:
                found[name] = without(walking.of_field(schema, name), child, node)
        return found
    if isinstance(value, list) and schema is not None and walking.is_associative(schema):
        kept = []
        for element, item in walking.items_of(schema, value):
            node = None if element is None else fields.get(element)
            if node is None:
                kept.append(item)
            elif node and SELF not in node:
                kept.append(without(schema.items, item, node))
        return kept
    return value


def _with_named(schema: Schema | None, fields: FieldSet) -> FieldSet:
    """Return a set in which every field that the schema names is in, if something below it is."""
    found = {}
    for element, node in fields.items():
        is_in, below = sets.parts(node)
        if not below:
            found[element] = node
            continue
        is_in = is_in or (element.startswith("f:") and walking.is_named(schema, element[2:]))
        below = _with_named(walking.of_element(schema, element), below)
        found[element] = {SELF: {}, **below} if is_in else below
    return found
