"""Fields that a schema does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources.validation import wording

if TYPE_CHECKING:
    from towpath.resources.schema import Schema


def without_unknown(schema: Schema, value: Any) -> tuple[Any, list[str]]:
    """Return a value without the fields its schema does not know, and their paths in order.

    The value itself is left alone.
    """
    found: list[str] = []
    return _pruned(schema, value, "", found), found


def _pruned(schema: Schema, value: Any, path: str, found: list[str]) -> Any:
    if isinstance(value, list) and schema.items is not None:
        return [
            _pruned(schema.items, item, f"{path}[{place}]", found)
            for place, item in enumerate(value)
        ]
    if not isinstance(value, dict) or (schema.type != "object" and not schema.properties):
        return value
    result: dict[str, Any] = {}
    for key, item in value.items():
        below = wording.below(path, key)
        field = schema.properties.get(key, schema.values)
        if field is not None:
            result[key] = _pruned(field, item, below, found)
        elif schema.preserve_unknown:
            result[key] = item
        else:
            found.append(below)
    return result
