"""Which fields a document has, and how two documents differ, as sets of fields.

Objects are told field by field unless their schema says `atomic`; lists as a whole, unless they are maps or sets.
What the schema leaves open is told by its shape: objects field by field, lists as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.resources.managed_fields import elements
from towpath.resources.managed_fields.sets import SELF, FieldSet, Node, joined, union

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.schema import Schema

_MISSING: Final = object()
_CONTAINERS: Final = (dict, list)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a document differs from another, a set of fields for each way."""

    added: FieldSet
    removed: FieldSet
    modified: FieldSet

    @property
    def changed(self) -> FieldSet:
        """What has another value than before, or has one now."""
        return union(self.modified, self.added)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.modified)


def is_associative(schema: Schema | None) -> bool:
    """Whether the items of a list are told apart: it is a map or a set."""
    return schema is not None and schema.list_type in ("map", "set") and schema.type == "array"


def is_granular(schema: Schema | None) -> bool:
    """Whether an object is told field by field."""
    return schema is None or schema.map_type != "atomic"


def of_field(schema: Schema | None, name: str) -> Schema | None:
    """Return the schema of a field; None where it is open."""
    return None if schema is None else schema.properties.get(name, schema.values)


def of_element(schema: Schema | None, element: str) -> Schema | None:
    """Return the schema of what is at a path element."""
    if element.startswith("f:"):
        return of_field(schema, element[2:])
    return None if schema is None else schema.items


def is_named(schema: Schema | None, name: str) -> bool:
    """Whether a field is one that the schema names, and not a key of a map."""
    return schema is not None and name in schema.properties


def items_of(schema: Schema, items: list[Any]) -> Iterator[tuple[str | None, Any]]:
    """Yield the items of an associative list with their elements, None for those that have none."""
    for item in items:
        try:
            yield elements.of_item(schema, item), item
        except ValueError:
            yield None, item  # admission tells what is wrong with it


def fields(schema: Schema | None, document: dict[str, Any]) -> FieldSet:
    """Return the fields that a document names, as whoever applies it owns them.

    What holds others is in the set as well where the schema does not name it: keys of maps, items of lists.
    """
    return _named(schema, document)


def everything(schema: Schema | None, document: dict[str, Any]) -> FieldSet:
    """Return every field of a document, those that hold others as well."""
    return _below(_whole(schema, document))


def compared(schema: Schema | None, old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    """Return how a document differs from what it was."""
    parts = _Parts()
    _compare_objects(schema, old, new, parts)
    return Comparison(parts.added, parts.removed, parts.modified)


# --- what is named ------------------------------------------------------------------------------------


def _named(schema: Schema | None, value: dict[str, Any]) -> FieldSet:
    found: FieldSet = {}
    for name, child in value.items():
        below = below_of(of_field(schema, name), child)
        if below is None or child is None or child == {}:
            found[f"f:{name}"] = {}
            continue
        node = joined(not is_named(schema, name), below)
        if node is not None:
            found[f"f:{name}"] = node
    return found


def below_of(schema: Schema | None, value: Any) -> FieldSet | None:
    """Return the fields that are named below a value; None when it is told as a whole."""
    if isinstance(value, dict) and is_granular(schema):
        return _named(schema, value)
    if isinstance(value, list) and schema is not None and is_associative(schema):
        found: FieldSet = {}
        for element, item in items_of(schema, value):
            if element is not None:
                below = below_of(schema.items, item)
                found[element] = {SELF: {}, **below} if below else {}
        return found
    return None


def _whole(schema: Schema | None, value: Any) -> Node:
    """Return the node of a value that is told with all that is below it."""
    below: FieldSet = {}
    if isinstance(value, dict):
        if value and is_granular(schema):
            below = {
                f"f:{name}": _whole(of_field(schema, name), child)
                if isinstance(child, _CONTAINERS)
                else {}
                for name, child in value.items()
            }
    elif isinstance(value, list) and schema is not None and is_associative(schema):
        below = {
            element: _whole(schema.items, item)
            for element, item in items_of(schema, value)
            if element is not None
        }
    return {SELF: {}, **below} if below else {}


# --- what differs -------------------------------------------------------------------------------------


class _Parts:
    """What has been found so far below a value that was there before and still is."""

    __slots__ = ("added", "modified", "removed")

    def __init__(self) -> None:
        self.added: FieldSet = {}
        self.removed: FieldSet = {}
        self.modified: FieldSet = {}


def _compare_objects(
    schema: Schema | None, old: dict[str, Any], new: dict[str, Any], parts: _Parts
) -> None:
    for name, value in new.items():
        before = old.get(name, _MISSING)
        if before is _MISSING:
            parts.added[f"f:{name}"] = _whole(of_field(schema, name), value)
        elif not _is_same(before, value):
            _compare(of_field(schema, name), before, value, f"f:{name}", parts)
    for name, before in old.items():
        if name not in new:
            parts.removed[f"f:{name}"] = _whole(of_field(schema, name), before)


def _compare_items(schema: Schema, old: list[Any], new: list[Any], parts: _Parts) -> None:
    """Tell how associative lists differ, by the first of the items that share an element."""
    known, wanted = _by_element(schema, old), _by_element(schema, new)
    for element, item in wanted.items():
        before = known.get(element, _MISSING)
        if before is _MISSING:
            parts.added[element] = _whole(schema.items, item)
        elif not _is_same(before, item):
            _compare(schema.items, before, item, element, parts)
    for element, before in known.items():
        if element not in wanted:
            parts.removed[element] = _whole(schema.items, before)


def _compare(schema: Schema | None, old: Any, new: Any, element: str, parts: _Parts) -> None:
    """Tell how values differ that are not the same, and put that below their element."""
    below = _Parts()
    is_modified = False
    if _is_object(schema, old) and _is_object(schema, new):
        _compare_objects(schema, old or {}, new or {}, below)
        is_modified = not old and not new
    elif schema is not None and _is_items(schema, old) and _is_items(schema, new):
        _compare_items(schema, old or [], new or [], below)
        is_modified = not old and not new
    elif _is_equal(old, new):
        return
    else:
        # One of them is told as a whole, or they are of different shapes.
        below.removed, below.added = _below(_whole(schema, old)), _below(_whole(schema, new))
        is_modified = True
    if below.added:
        parts.added[element] = below.added
    if below.removed:
        parts.removed[element] = below.removed
    if is_modified:
        parts.modified[element] = {}
    elif below.modified:
        parts.modified[element] = below.modified


def _is_object(schema: Schema | None, value: Any) -> bool:
    """Whether owners are recorded for each field of a value; null counts as an object without fields."""
    if not is_granular(schema):
        return False
    is_open = schema is None or schema.type in (None, "object")
    return isinstance(value, dict) or (value is None and is_open)


def _is_items(schema: Schema, value: Any) -> bool:
    return is_associative(schema) and (value is None or isinstance(value, list))


def _by_element(schema: Schema, items: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for element, item in items_of(schema, items):
        if element is not None:
            found.setdefault(element, item)
    return found


def _below(node: Node) -> FieldSet:
    return {element: below for element, below in node.items() if element != SELF}


def _is_same(old: Any, new: Any) -> bool:
    """Whether two values are the same JSON for sure: true and 1 are not, though Python has them equal."""
    if old is new:
        return True
    if old != new:
        return False
    if isinstance(old, _CONTAINERS):
        return not old or msgspec.json.encode(old) == msgspec.json.encode(new)
    return isinstance(old, bool) == isinstance(new, bool)


def _is_equal(old: Any, new: Any) -> bool:
    """Whether two values are the same JSON, however it is written: 1 and 1.0 are, fields in any order."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_is_equal(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_is_equal, old, new))
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)
