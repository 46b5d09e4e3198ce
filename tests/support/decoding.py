"""A decoder as strict as Go's generated clients: what it refuses of a value that a schema describes.

Unknown keys, missing ones, values of another type; and, where the types of Kargo's objects say so and the schema cannot,
times as RFC 3339 has them and durations as Go reads them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.support.json_types import JSON_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIME = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
)
_DURATION = re.compile(r"[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)")
_TIMES = frozenset(
    {
        "approvedAt", "completedAt", "createdAt", "creationTimestamp", "deletionTimestamp", "discoveredAt",
        "eventTime", "finishTime", "finishedAt", "firstTimestamp", "lastObservedTime", "lastTimestamp",
        "lastTransitionTime", "resumeAt", "startTime", "startedAt", "timestamp", "verifiedAt",
    }
)  # fmt: skip
_DURATIONS = frozenset({"longestSoak", "requiredSoakTime"})
"""Those that are durations wherever they stand; `interval` and `timeout` may hold arguments in analyses."""


def faults(schema: dict[str, Any], value: Any, document: dict[str, Any]) -> list[str]:
    """Return what is refused of a value. `document`: where references of the schema lead."""
    return list(_faults(schema, value, "answer", document))


def _faults(
    schema: dict[str, Any], value: Any, path: str, document: dict[str, Any]
) -> Iterator[str]:
    if "$ref" in schema:
        target: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        yield from _faults(target, value, path, document)
        return
    for part in schema.get("allOf", ()):
        yield from _faults(part, value, path, document)
    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if choices:
        found = [list(_faults(each, value, path, document)) for each in choices]
        yield from min(found, key=len)
    types = schema.get("type")
    types = [types] if isinstance(types, str) else types or []
    if value is None:
        return  # Go's decoders take it for the empty value
    if types and not any(_is(value, type_) for type_ in types):
        yield f"{path}: {value!r} is no {' or '.join(types)}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if isinstance(value, str):
        yield from _wrong_text(value, path)
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _faults(schema.get("items") or {}, item, f"{path}[{number}]", document)
    if isinstance(value, dict) and ("properties" in schema or "additionalProperties" in schema):
        yield from _of_object(schema, value, path, document)


def _of_object(
    schema: dict[str, Any], value: dict[str, Any], path: str, document: dict[str, Any]
) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}.{name}: missing"
    preserves = schema.get("x-kubernetes-preserve-unknown-fields")
    for name, item in value.items():
        inner = schema.get("properties", {}).get(name)
        if inner is None:
            inner = schema.get("additionalProperties", True if preserves else None)
        if inner is None:
            yield f"{path}.{name}: unknown"
        elif isinstance(inner, dict):
            yield from _faults(inner, item, f"{path}.{name}", document)


def _is(value: Any, type_: str) -> bool:
    return isinstance(value, JSON_TYPES.get(type_, ())) and (
        isinstance(value, bool) == (type_ == "boolean")
    )


def _wrong_text(value: str, path: str) -> Iterator[str]:
    name = path.rpartition(".")[2]
    if name in _TIMES and not _TIME.fullmatch(value):
        yield f"{path}: {value!r} is no time as Go reads it"
    if name in _DURATIONS and not _DURATION.fullmatch(value):
        yield f"{path}: {value!r} is no duration as Go reads it"
