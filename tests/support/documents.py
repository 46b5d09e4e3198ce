"""Documents made from schemas: one that uses every field, and all kinds of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from towpath.resources.schema import Schema


def full(schema: Schema) -> Any:
    """Return a value in which every field the schema knows is there, none with its default.

    Patterns, forms and rules are not heeded: rules may forbid that all fields are there together.
    """
    if schema.int_or_string:
        return "5"
    if schema.properties:
        return {name: full(field) for name, field in schema.properties.items()}
    if schema.values is not None:
        return {"some.key": full(schema.values)}
    if schema.items is not None:
        return [full(schema.items)]
    if allowed := schema.enum or schema.words:
        return next(word for word in reversed(allowed) if word not in ("", schema.default))
    match schema.type:
        case "string":
            return "2026-01-02T03:04:05Z" if schema.format == "date-time" else "text"
        case "integer":
            return 7
        case "number":
            return 2.5
        case "boolean":
            return schema.default is not True
        case _ if schema.preserve_unknown:
            return {"free": [1, 2.5, None, {"deep": True}]}
        case _:  # an object without any field, such as Target.status
            return {}


def values(schema: Schema) -> SearchStrategy[Any]:
    """Return a strategy for values of the schema's types with their required fields and some of the others."""
    if schema.int_or_string:
        return st.integers(0, 1000) | st.just("5")
    if schema.properties:
        fields = schema.properties
        return st.fixed_dictionaries(
            {name: values(fields[name]) for name in schema.required},
            optional={name: values(fields[name]) for name in fields if name not in schema.required},
        )
    if schema.values is not None:
        return st.dictionaries(_TEXT, values(schema.values), max_size=2)
    if schema.items is not None:
        return st.lists(values(schema.items), max_size=2)
    if allowed := schema.enum or schema.words:
        return st.sampled_from(allowed)
    match schema.type:
        case "string":
            return _MOMENT if schema.format == "date-time" else _TEXT
        case "integer":
            least = 0 if schema.minimum is None else int(schema.minimum)
            most = 2**31 - 1 if schema.maximum is None else int(schema.maximum)
            return st.integers(least, most)
        case "number":
            return st.floats(allow_nan=False, allow_infinity=False)
        case "boolean":
            return st.booleans()
        case "object":
            return (
                st.dictionaries(_TEXT, _JSON, max_size=2)
                if schema.preserve_unknown
                else st.just({})
            )
        case _:
            return _JSON


_TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
_MOMENT = st.datetimes().map(lambda moment: moment.isoformat() + "Z")
_JSON = st.none() | st.booleans() | st.integers(-99, 99) | _TEXT | st.lists(_TEXT, max_size=2)
