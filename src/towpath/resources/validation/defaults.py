"""Filling in what a schema says an absent field means.

Before required fields are checked: a required field that has a default need not be written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources.schema import ABSENT

if TYPE_CHECKING:
    from towpath.resources.schema import Schema


def with_defaults(schema: Schema, value: Any) -> Any:
    """Return a value with its defaults; the value itself is left alone.

    A null counts as absent where the schema does not allow it (as in an API server): it gives way to the
    default, or goes. A whole number such as `3.0` in an integer's place is that integer.
    """
    if isinstance(value, float):
        is_integer = schema.type == "integer" or schema.int_or_string
        return int(value) if is_integer and value.is_integer() else value
    if isinstance(value, dict) and (schema.properties or schema.values is not None):
        return _with_fields(schema, value)
    if isinstance(value, list) and schema.items is not None:
        return [with_defaults(schema.items, item) for item in value]
    return value


def _with_fields(schema: Schema, value: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, item in value.items():
        field = schema.properties.get(key, schema.values)
        if field is None:
            result[key] = item
        elif item is not None or field.nullable or _may_be_null(field):
            result[key] = with_defaults(field, item)
        elif field.default is not ABSENT:
            result[key] = _copied(field.default)
    for key, field in schema.properties.items():
        if field.default is not ABSENT and key not in result:
            result[key] = _copied(field.default)
    return result


def _may_be_null(field: Schema) -> bool:
    """Whether the field takes any value, null too."""
    return field.type is None and not field.int_or_string


def _copied(default: Any) -> Any:
    if isinstance(default, dict):
        return {key: _copied(item) for key, item in default.items()}
    if isinstance(default, list):
        return [_copied(item) for item in default]
    return default
