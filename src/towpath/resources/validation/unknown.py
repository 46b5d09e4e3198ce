"""Fields that a schema does not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath import messages
from towpath.resources.validation import wording

if TYPE_CHECKING:
    from towpath.resources.schema import Schema


@dataclass(frozen=True, slots=True)
class UnknownField:
    """A field that its schema does not know."""

    path: str
    key: str
    schema: Schema
    """Of what it stands in."""

    @property
    def meant(self) -> str:
        """What may be meant by it, as ` (did you mean "…"?)`; empty if nothing there is like it."""
        alike = messages.alike_in_any_case(self.key, list(self.schema.properties))
        named = " or ".join(f'"{each}"' for each in alike)
        return f" (did you mean {named}?)" if alike else ""


def without_unknown(schema: Schema, value: Any) -> tuple[Any, list[UnknownField]]:
    """Return a value without the fields its schema does not know, and those in order.

    The value itself is left alone.
    """
    found: list[UnknownField] = []
    return _pruned(schema, value, "", found), found


def _pruned(schema: Schema, value: Any, path: str, found: list[UnknownField]) -> Any:
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
            found.append(UnknownField(below, key, schema))
    return result
