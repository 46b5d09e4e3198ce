"""Documents that keep to their schema and are as awkward as it allows, and some that do not keep to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources import value_formats
from towpath.resources.structs import schema_of

if TYPE_CHECKING:
    import random

    from towpath.resources.kinds import Kind
    from towpath.resources.schema import Schema

MOMENTS: Final = (
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.123456789+05:30",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999999-00:30",
    "2026-01-02T03:04:05z",
    "2026-01-02T03:04:60Z",
    "2026-02-30T00:00:00Z",
    "soon",
    "",
)
DURATIONS: Final = (
    "5m0s",
    "0s",
    "1.5h",
    "0.000000001h",
    "2562047h47m16s",
    "99999999999h",
    "87600000h",
    "500ms",
    "-1m",
    "1d",
    "banana",
    "0",
    "",
)
NUMBERS: Final = (0, 1, 3, 3.0, 1e2, -1, -0.0, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 1e300, 2.5, True)
PATTERNS: Final = (
    "",
    "a",
    "^v?1\\.",
    "(",
    "a{1000}",
    "regex:(",
    "regex:a",
    "glob:*",
    "glob:[",
    "x:y",
)
TEXTS: Final = (
    "",
    "good",
    "prod",
    "odd",
    "main",
    "Warehouse/main",
    "Ready",
    "work",
    "${{ vars.x }}",
    "${{",
    "a" * 300,
    "\u00e9\u4e2d\U0001f600",
    "\x00\x1b[31m",
    "In",
    "-1",
    "null",
    "https://git.example/x.git",
    "registry.example/app",
    "1.0.0",
    ">=1 <2",
    "sha256:" + "a" * 64,
)
ANYTHING: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1.0,
    1e300,
    2**63,
    "",
    "text",
    [],
    [None, [1.0]],
    {},
    {"a": None, "b": {"c": [1.5, "x"]}},
    {"step-1": {"commit": "x"}},
)
KEYS: Final = ("good", "prod", "odd", "Warehouse/main", "Warehouse/x/y", "a", "")
_OFTEN: Final = 0.9


class Adversary:
    """Makes documents of a kind. The same source of randomness makes the same ones."""

    def __init__(self, source: random.Random) -> None:
        self._source = source

    def value(self, schema: Schema, depth: int = 0) -> Any:
        """Return a value of a schema: nearly always of its type, often at the edge of what it may be."""
        source = self._source
        if source.random() < 0.02:
            return source.choice(ANYTHING)
        if schema.int_or_string:
            return source.choice((*NUMBERS, "5", "x", "{{args.a}}"))
        if schema.properties:
            return self._object(schema, depth)
        if schema.values is not None:
            keys = source.sample(KEYS, source.randrange(3))
            return {key: self.value(schema.values, depth + 1) for key in keys}
        if schema.items is not None:
            least = schema.min_items or 0
            return [
                self.value(schema.items, depth + 1) for _ in range(max(least, source.randrange(3)))
            ]
        match schema.type:
            case "string":
                return self._text(schema)
            case "integer" | "number":
                return source.choice(NUMBERS[:5] if source.random() < _OFTEN else NUMBERS)
            case "boolean":
                return source.random() < 0.5
            case "object" if not schema.preserve_unknown:
                return {}
            case "object":
                return source.choice([each for each in ANYTHING if isinstance(each, dict)])
        return source.choice(ANYTHING)

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        chance = 0.6 if depth < 3 else 0.3
        found = {}
        for name, field in schema.properties.items():
            if name in schema.required or self._source.random() < chance:
                is_null = self._source.random() < 0.03
                found[name] = None if is_null else self.value(field, depth + 1)
        return found

    def _text(self, schema: Schema) -> str:
        source = self._source
        allowed = schema.enum or schema.words
        if allowed and source.random() < _OFTEN:
            return source.choice(allowed)
        if schema.format == "date-time":
            return source.choice(MOMENTS[:5] if source.random() < _OFTEN else MOMENTS)
        if schema.form in (
            value_formats.DURATION,
            value_formats.TIME_LIMIT,
            value_formats.MEASURED_DURATION,
        ):
            return source.choice(DURATIONS[:5] if source.random() < _OFTEN else DURATIONS)
        if schema.form is not None:
            return source.choice(PATTERNS[:3] if source.random() < _OFTEN else PATTERNS)
        if schema.pattern is not None and source.random() < _OFTEN:
            return source.choice(("good", "prod", "odd", "main", "Ready", "a"))
        return source.choice(TEXTS)

    def status(self, kind: Kind) -> Any:
        """Return a status of a kind."""
        return self.value(schema_of(kind.type).properties["status"])

    def spread(self, kind: Kind, document: dict[str, Any]) -> dict[str, Any]:
        """Return a document that is right, with some of its fields made awkward and others added."""
        found: dict[str, Any] = self._spread(schema_of(kind.type), document)
        return {**found, **{key: document[key] for key in ("apiVersion", "kind", "metadata")}}

    def _spread(self, schema: Schema, value: Any) -> Any:
        source = self._source
        if isinstance(value, dict) and schema.properties:
            found = {
                name: self._spread(field, value[name])
                for name, field in schema.properties.items()
                if name in value
            }
            for name, field in schema.properties.items():
                if name not in value and name != "status" and source.random() < 0.15:
                    found[name] = self.value(field, 2)
            return found
        if isinstance(value, list) and schema.items is not None:
            return [self._spread(schema.items, item) for item in value]
        return self.value(schema) if source.random() < 0.08 else value
