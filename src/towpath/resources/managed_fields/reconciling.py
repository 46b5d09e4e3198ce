"""Sets of fields as their schema has them now, though they were written when it was otherwise.

What is atomic now and is owned by its parts, since it was not atomic once, is owned as a whole. The other way round
nothing is done: what is owned as a whole and is told by its parts now may just as well be a map from which others have
taken all that its owner had put there. An API server makes that owner an owner of the others' fields, so that whoever
took them by force runs into a conflict with the next apply (a deliberate difference).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources.managed_fields import walking
from towpath.resources.managed_fields.sets import SELF

if TYPE_CHECKING:
    from towpath.resources.managed_fields.sets import FieldSet
    from towpath.resources.schema import Schema


def reconciled(schema: Schema | None, fields: FieldSet) -> FieldSet:
    """Return a set of fields as the schema has them; the set itself when nothing is to be changed."""
    if schema is None:
        return fields
    found = fields
    for element, node in fields.items():
        if not node or element == SELF:
            continue
        inner = walking.of_element(schema, element)
        now = {} if _is_atomic(inner) else reconciled(inner, node)
        if now is not node:
            if found is fields:
                found = dict(fields)
            found[element] = now
    return found


def _is_atomic(schema: Schema | None) -> bool:
    if schema is None:
        return False
    if schema.type == "array":
        return not walking.is_associative(schema)
    return schema.map_type == "atomic"
