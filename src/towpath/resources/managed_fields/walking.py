"""Which fields a document has, and how two documents differ, as sets of fields.

Objects are told field by field unless their schema says `atomic`; lists as a whole, unless they are maps or sets.
What the schema leaves open is told by its shape: objects field by field, lists as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.errors import BadRequest
from towpath.resources.managed_fields.sets import SELF, FieldSet, Node, joined
from towpath.resources.schema import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.schema import Schema

_MISSING: Final = object()


@dataclass(slots=True)
class Comparison:
    """How a document differs from another, a set of fields for each way."""

    added: FieldSet = field(default_factory=dict)
    removed: FieldSet = field(default_factory=dict)
    modified: FieldSet = field(default_factory=dict)


def is_associative(schema: Schema | None) -> bool:
    """Whether the items of a list are told apart: it is a map or a set."""
    return schema is not None and schema.type == "array" and schema.list_type in ("map", "set")


def is_granular(schema: Schema | None) -> bool:
    """Whether an object is told field by field."""
    return schema is None or schema.map_type != "atomic"


def of_field(schema: Schema | None, name: str) -> Schema | None:
    """Return the schema of a field; None where it is open."""
    return None if schema is None else schema.properties.get(name, schema.values)


def is_named(schema: Schema | None, name: str) -> bool:
    """Whether a field is one that the schema names, and not a key of a map."""
    return schema is not None and name in schema.properties


def element_of(schema: Schema, item: Any, where: str) -> str:
    """Return the path element of an item of an associative list. Raises BadRequest for one without its key."""
    if schema.list_type == "set":
        return f"v:{_json(item)}"
    if not isinstance(item, dict):
        raise BadRequest(
            f"{where}: each item must be an object with {', '.join(schema.list_map_keys)}"
        )
    keys = {}
    for key in sorted(schema.list_map_keys):
        value = item.get(key, _MISSING)
        if value is _MISSING:
            known = schema.items.properties.get(key) if schema.items is not None else None
            if known is None or known.default is ABSENT:
                raise BadRequest(
                    f'{where}: associative list with keys has an element that omits key field "{key}"'
                )
            value = known.default
        keys[key] = value
    return f"k:{_json(keys)}"


def items_of(schema: Schema, items: list[Any], where: str) -> Iterator[tuple[str, Any]]:
    """Yield the items of an associative list with their elements. Raises BadRequest for one without its key."""
    for item in items:
        yield element_of(schema, item, where), item


def applied_fields(schema: Schema | None, document: dict[str, Any]) -> FieldSet:
    """Return the fields that whoever applies a document comes to own.

    Raises BadRequest for items of an associative list that have no key, or the same key.
    """
    return _applied_object(schema, document, "")


def everything(schema: Schema | None, document: dict[str, Any]) -> FieldSet:
    """Return every field of a document, those that hold others as well."""
    return _below(_whole(schema, document))


def compared(schema: Schema | None, old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    """Return how a document differs from what it was."""
    added, removed, modified = _compared(schema, old, new)
    return Comparison(_below(added), _below(removed), _below(modified))


# --- what is applied ----------------------------------------------------------------------------------


def _applied_object(schema: Schema | None, value: dict[str, Any], where: str) -> FieldSet:
    found: FieldSet = {}
    for name, child in value.items():
        path = f"{where}.{name}"
        below = _applied(of_field(schema, name), child, path)
        is_empty = child is None or child == {}
        if isinstance(below, _Leaf):
            found[f"f:{name}"] = {}
            continue
        node = joined(is_empty or not is_named(schema, name), below)
        if node is not None:
            found[f"f:{name}"] = node
    return found


class _Leaf:
    """Told as a whole."""


_LEAF: Final = _Leaf()


def _applied(schema: Schema | None, value: Any, where: str) -> FieldSet | _Leaf:
    if isinstance(value, dict) and is_granular(schema):
        return _applied_object(schema, value, where)
    if isinstance(value, list) and schema is not None and is_associative(schema):
        found: FieldSet = {}
        for element, item in items_of(schema, value, where):
            if element in found:
                raise BadRequest(f"{where}: duplicate entries for key {element[2:]}")
            below = _applied(schema.items, item, f"{where}[{element[2:]}]")
            node = joined(is_in=True, below={} if isinstance(below, _Leaf) else below)
            found[element] = {} if node is None else node
        return found
    return _LEAF


# --- what differs -------------------------------------------------------------------------------------


def _whole(schema: Schema | None, value: Any) -> Node:
    """Return the node of a value that is told with all that is below it."""
    below: FieldSet = {}
    if isinstance(value, dict) and is_granular(schema):
        for name, child in value.items():
            below[f"f:{name}"] = _whole(of_field(schema, name), child)
    elif isinstance(value, list) and schema is not None and is_associative(schema):
        for element, item in _known_items(schema, value):
            below[element] = _whole(schema.items, item)
    return {SELF: {}, **below} if below else {}


def _compared(
    schema: Schema | None, old: Any, new: Any
) -> tuple[Node | None, Node | None, Node | None]:
    """Return what was added, removed and modified in a value that was there before."""
    if old is new:
        return None, None, None
    if isinstance(old, dict) and isinstance(new, dict) and is_granular(schema):
        if not old and not new:
            return None, None, None
        return _compared_parts(
            {f"f:{name}": (of_field(schema, name), value) for name, value in old.items()},
            {f"f:{name}": (of_field(schema, name), value) for name, value in new.items()},
        )
    if (
        isinstance(old, list)
        and isinstance(new, list)
        and schema is not None
        and is_associative(schema)
    ):
        return _compared_parts(
            {element: (schema.items, item) for element, item in _known_items(schema, old)},
            {element: (schema.items, item) for element, item in _known_items(schema, new)},
        )
    if _is_same(old, new):
        return None, None, None
    # One of them is told as a whole, or they are of different shapes.
    removed, added = _below(_whole(schema, old)), _below(_whole(schema, new))
    return added or None, removed or None, {}


def _compared_parts(
    old: dict[str, tuple[Schema | None, Any]], new: dict[str, tuple[Schema | None, Any]]
) -> tuple[Node | None, Node | None, Node | None]:
    added: FieldSet = {}
    removed: FieldSet = {}
    modified: FieldSet = {}
    for element, (schema, value) in new.items():
        if element not in old:
            added[element] = _whole(schema, value)
            continue
        before = old[element][1]
        if before is value:
            continue
        for found, part in zip(
            (added, removed, modified), _compared(schema, before, value), strict=True
        ):
            if part is not None:
                found[element] = part
    for element, (schema, value) in old.items():
        if element not in new:
            removed[element] = _whole(schema, value)
    return added or None, removed or None, modified or None


def _known_items(schema: Schema, items: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the items that have an element, the last of those that share one."""
    found = {}
    for item in items:
        try:
            found[element_of(schema, item, "")] = item
        except BadRequest:
            continue  # admission tells what is wrong with it
    yield from found.items()


def _below(node: Node | None) -> FieldSet:
    if not node:
        return {}
    return {element: below for element, below in node.items() if element != SELF}


def _is_same(old: Any, new: Any) -> bool:
    """Whether two values are the same JSON; true and 1 are not."""
    if old != new:
        return False
    if isinstance(old, dict | list):
        return msgspec.json.encode(old, order="sorted") == msgspec.json.encode(new, order="sorted")
    return isinstance(old, bool) == isinstance(new, bool)


def _json(value: Any) -> str:
    return msgspec.json.encode(value, order="sorted").decode()
