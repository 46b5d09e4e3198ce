"""Kargo's own description of its API, which lies beside the checkout, as a strict reader of what this server answers."""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any

from tests.support.shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterator

_PYTHON = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


def same(path: str) -> str:
    """Return a path whatever its parameters are called."""
    return re.sub(r"\{[^}]*\}", "{}", path)


@functools.cache
def description() -> dict[str, Any]:
    """Return the description. Skips the test where it is not there."""
    found: dict[str, Any] = json.loads(shared("reference", "swagger.json").read_text("utf-8"))
    return found


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Return what is described, by method and path (`same`)."""
    return {
        (method.upper(), same(path)): operation
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


def faults(method: str, path: str, status: int, answer: Any) -> list[str]:
    """Return what a strict decoder refuses of an answer to a route: unknown keys, missing ones, values of another type."""
    responses = operations()[method, same(path)]["responses"]
    if str(status) not in responses:
        return [f"{method} {path}: the status {status} is not described"]
    schema = responses[str(status)].get("schema")
    return list(_faults(schema, answer, "answer")) if schema else []


def _faults(schema: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = description()["definitions"][schema["$ref"].rpartition("/")[2]]
    for part in schema.get("allOf", ()):
        yield from _faults(part, value, path)
    if value is None:
        return  # Go's decoders take it for the empty value
    kind = schema.get("type")
    expected = _PYTHON.get(kind or "")
    if expected and (
        not isinstance(value, expected) or (isinstance(value, bool) != (kind == "boolean"))
    ):
        yield f"{path}: {value!r} is no {kind}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if kind == "array":
        for number, item in enumerate(value):
            yield from _faults(schema.get("items", {}), item, f"{path}[{number}]")
    if kind == "object" and ("properties" in schema or "additionalProperties" in schema):
        yield from (
            f"{path}.{name}: missing" for name in schema.get("required", ()) if name not in value
        )
        for name, item in value.items():
            inner = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
            if inner is None:
                yield f"{path}.{name}: unknown"
            elif isinstance(inner, dict):
                yield from _faults(inner, item, f"{path}.{name}")
