"""Requests made of our own OpenAPI document: right ones, and ones that are wrong in a place or two."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_DEEPEST: Final = 6
_ODD_TEXTS: Final = (
    "", " ", "x", "a" * 300, "..", ".", "/", "%", "\0", "\n", "é", "\U0001f600", "-1", "0", "true",
    "9" * 40, "1e9", "*", "glob:[", "regex:(", "${{ x }}", "a,b", "a=b", "2026-01-01T00:00:00Z", "Warehouse/main",
)  # fmt: skip
_ODD_VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1 << 70, 1.5, 1e308, "\ud800", [], {}, [None], {"": None}, [[[]]], {"a": {"a": 1}},
)  # fmt: skip
_ODD_BODIES: Final = (
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"{",
    b"\xff\xfe",
    b"{}{}",
    b"[" * 3_000,
    b'{"a":' * 3_000,
)


@dataclass(frozen=True, slots=True)
class OddRequest:
    """What is asked."""

    method: str
    template: str
    url: str
    body: bytes


class OddRequests:
    """Makes requests by chance: the same ones of the same `random`."""

    def __init__(
        self, document: Mapping[str, Any], random: Random, names: Mapping[str, Sequence[str]]
    ) -> None:
        """`names`: what there is, by what stands before its place in a path, such as `stages`."""
        self._document = document
        self._random = random
        self._names = names

    def operations(self) -> list[tuple[str, str]]:
        """Return methods and paths, in order."""
        return [
            (method.upper(), path)
            for path, row in self._document["paths"].items()
            for method in _METHODS
            if method in row
        ]

    def of(self, method: str, path: str) -> OddRequest:
        """Return a request of an operation."""
        row = self._document["paths"][path][method.lower()]
        url = self._path(path) + self._query(row.get("parameters", ()))
        content = (row.get("requestBody") or {}).get("content") or {}
        body = b""
        if content:
            schema = next(iter(content.values())).get("schema") or {}
            body = self._body(schema)
        return OddRequest(method, path, url, body)

    def _is(self, chance: float) -> bool:
        return self._random.random() < chance

    def _path(self, path: str) -> str:
        segments = path.split("/")
        for number, segment in enumerate(segments):
            if segment.startswith("{"):
                known = self._names.get(segments[number - 1], ())
                found = self._random.choice(known) if known and self._is(0.8) else self._odd_text()
                segments[number] = quote(found or "x", safe="")
        return "/".join(segments)

    def _query(self, parameters: Sequence[Mapping[str, Any]]) -> str:
        found = []
        for each in parameters:
            if each["in"] != "query" or each["name"] in ("watch", "follow"):
                continue  # what goes on has no end to be looked at
            if each.get("required") or self._is(0.4):
                schema = each.get("schema") or {}
                value = self._odd_text() if self._is(0.4) else self._value(schema, 0)
                for item in value if isinstance(value, list) else [value]:
                    text = item if isinstance(item, str) else json.dumps(item)
                    found.append((each["name"], text))
        return f"?{urlencode(found, errors='replace')}" if found else ""

    def _body(self, schema: Mapping[str, Any]) -> bytes:
        if self._is(0.1):
            return self._random.choice(_ODD_BODIES)
        return json.dumps(self._value(schema, 0)).encode()

    def _odd_text(self) -> str:
        return self._random.choice(_ODD_TEXTS)

    def _odd(self) -> Any:
        return self._odd_text() if self._is(0.5) else self._random.choice(_ODD_VALUES)

    def _value(self, schema: Mapping[str, Any], depth: int) -> Any:
        """Return a value of a schema, which in a while is none of it."""
        if self._is(0.06) or depth > _DEEPEST:
            return self._odd()
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._value(self._document["components"]["schemas"][name], depth)
        for key in ("anyOf", "oneOf", "allOf"):
            if schema.get(key):
                return self._value(self._random.choice(schema[key]), depth + 1)
        if schema.get("enum"):
            return self._random.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                return self._object(schema, depth)
            case "array":
                count = self._random.choice((0, 1, 1, 3))
                return [self._value(schema.get("items") or {}, depth + 1) for _ in range(count)]
            case "boolean":
                return self._is(0.5)
            case "integer" | "number":
                return self._random.choice((0, 1, 7, 1_000))
            case "string":
                known = [name for each in self._names.values() for name in each]
                return self._random.choice(known) if self._is(0.7) else self._odd_text()
        return self._odd()

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required") or ()
        found = {
            name: self._value(each, depth + 1)
            for name, each in (schema.get("properties") or {}).items()
            if (name in required and not self._is(0.05)) or self._is(0.4)
        }
        more = schema.get("additionalProperties")
        if isinstance(more, dict):
            for _ in range(self._random.choice((0, 1, 2))):
                found[self._odd_text() if self._is(0.3) else "key"] = self._value(more, depth + 1)
        if self._is(0.05):
            found["nobodyKnowsIt"] = self._odd()
        return found
