"""Schemas of Kargo's description and of ours, side by side: which properties each has, and of what type they are."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from tests.support import kargo_api
from towpath.server import openapi
from towpath.server.application import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 40


@cache
def ours() -> dict[str, Any]:
    """Return our own document."""
    return openapi.document(ENDPOINTS)


def operation(method: str, path: str) -> dict[str, Any]:
    """Return an operation of ours; `path` as `kargo_api.same` writes it."""
    found: dict[str, Any] = next(
        methods[method.lower()]
        for template, methods in ours()["paths"].items()
        if kargo_api.same(template) == path and method.lower() in methods
    )
    return found


def flattened(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, str]:
    """Return the types of all that a schema describes, by path: `spec.vars[].name`; `{}` stands for any key."""
    return dict(_walk(schema, document, "", ()))


def _walk(
    schema: dict[str, Any], document: dict[str, Any], path: str, above: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    properties: dict[str, Any] = {}
    names = list(above)
    types: set[str] = set()
    items = values = None
    for part in _parts(schema, document, names):
        properties |= part.get("properties", {})
        type_ = part.get("type")
        types |= {type_} if isinstance(type_, str) else set(type_ or ())
        items = part.get("items", items)
        given = part.get("additionalProperties")
        values = given if isinstance(given, dict) else values
    types -= {"null"}
    if not types and properties:
        types = {"object"}
    yield path, "|".join(sorted(types)) or "any"
    if len(path.split(".")) > _DEEPEST or len(set(names)) < len(names):
        return  # a schema that holds itself
    for name, inner in properties.items():
        yield from _walk(inner, document, f"{path}.{name}".lstrip("."), tuple(names))
    if items:
        yield from _walk(items, document, f"{path}[]", tuple(names))
    if values:
        yield from _walk(values, document, f"{path}{{}}", tuple(names))


def _parts(
    schema: dict[str, Any], document: dict[str, Any], names: list[str]
) -> Iterator[dict[str, Any]]:
    """Yield a schema with all that it refers to, or is put together of."""
    yield schema
    if "$ref" in schema:
        target: Any = document
        names.append(schema["$ref"])
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        yield from _parts(target, document, names)
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, ()):
            if part.get("type") != "null":
                yield from _parts(part, document, names)
