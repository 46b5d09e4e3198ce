"""What a strict reader of answers refuses, as Go's decoders and the clients that are made from an OpenAPI do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.support.json_types import JSON_TYPES
from towpath.resources import durations
from towpath.resources.structs import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.kinds import Kind
    from towpath.resources.schema import Schema

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def faults(kind: Kind, document: Any) -> list[str]:
    """Return what a strict reader could not decode of an object."""
    return list(_faults(schema_of(kind.type), document, kind.name))


def _faults(schema: Schema, value: Any, path: str) -> Iterator[str]:
    if value is None:
        if not schema.nullable and schema.type:
            yield f"{path}: null"
        return
    expected = JSON_TYPES.get(schema.type or "")
    if expected is not None and (
        not isinstance(value, expected) or (isinstance(value, bool) and schema.type != "boolean")
    ):
        yield f"{path}: {value!r} is no {schema.type}"
        return
    yield from _wrong(schema, value, path)
    if isinstance(value, dict):
        yield from (f"{path}.{name}: missing" for name in schema.required if name not in value)
        for name, item in value.items():
            inner = (schema.properties or {}).get(name) or schema.values
            if inner is not None:
                yield from _faults(inner, item, f"{path}.{name}")
    if isinstance(value, list) and schema.items is not None:
        for number, item in enumerate(value):
            yield from _faults(schema.items, item, f"{path}[{number}]")


def _wrong(schema: Schema, value: Any, path: str) -> Iterator[str]:
    if schema.type == "integer" and not -(1 << 63) <= value < 1 << 63:
        yield f"{path}: {value} does not fit"
    if schema.format == "date-time" and not _MOMENT.fullmatch(value):
        yield f"{path}: {value} is no moment"
    if schema.form is not None and schema.form.name in ("duration", "time limit"):
        try:
            durations.parse(value)
        except ValueError as error:
            yield f"{path}: {error}"
    if schema.form is not None and schema.form.name == "count" and value < 0:
        yield f"{path}: {value} is negative"
