"""Sets of fields as their schema has them now, though they were written when it was otherwise.

What is atomic now and is owned by its parts, since it was not atomic once, is owned as a whole. What is told by its
parts now and is owned as a whole was atomic once: its owner comes to own all that is in it. As in an API server, that
goes for a map from which others have taken all that its owner had put there, too: whoever took that by force runs into
a conflict when they change it once more. What a schema leaves open is left as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources.managed_fields import walking
from towpath.resources.managed_fields.sets import SELF

if TYPE_CHECKING:
    from towpath.resources.managed_fields.sets import FieldSet
    from towpath.resources.schema import Schema


def reconciled(schema: Schema | None, live: Any, fields: FieldSet) -> FieldSet:
    """Return a set of fields of a live value as its schema has them; the set itself when nothing is to be changed."""
    if schema is None or _is_open(schema):
        return fields
    is_flat = not schema.properties and not _holds(schema.items or schema.values)
    values: dict[str, Any] | None = None
    found = fields
    for element, node in fields.items():
        if not node and (is_flat or element == SELF):
            continue
        inner = walking.of_element(schema, element)
        if not node and not _holds(inner):
            continue
        if values is None:
            values = _by_element(schema, live)
        now = _node(inner, values.get(element), node)
        if now is not node:
            if found is fields:
                found = dict(fields)
            found[element] = now
    return found


def _node(schema: Schema | None, live: Any, node: FieldSet) -> FieldSet:
    if node:
        return {} if _is_atomic(schema) else reconciled(schema, live, node)
    below = walking.below_of(schema, live)
    return {SELF: {}, **below} if below else node


def _holds(schema: Schema | None) -> bool:
    """Whether a schema has parts that it tells apart."""
    if schema is None or _is_open(schema):
        return False
    return walking.is_associative(schema) if schema.type == "array" else walking.is_granular(schema)


def _is_open(schema: Schema | None) -> bool:
    """Whether a schema names nothing that a value may hold."""
    if schema is None:
        return True
    return schema.type != "array" and not schema.properties and schema.values is None


def _is_atomic(schema: Schema | None) -> bool:
    if schema is None:
        return False
    if schema.type == "array":
        return not walking.is_associative(schema)
    return schema.map_type == "atomic"


def _by_element(schema: Schema | None, live: Any) -> dict[str, Any]:
    """Return what a value holds by path element."""
    if isinstance(live, dict):
        return {f"f:{name}": value for name, value in live.items()}
    if isinstance(live, list) and schema is not None and walking.is_associative(schema):
        return {element: item for element, item in walking.items_of(schema, live) if element}
    return {}
