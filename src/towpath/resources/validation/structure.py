"""A value against its schema: every error at once, each with its path."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from towpath import patterns
from towpath.resources.schema import ABSENT, OPEN
from towpath.resources.validation import formats, wording

if TYPE_CHECKING:
    from towpath.errors import FieldError
    from towpath.resources.schema import Form, Rule, Schema

_ENOUGH: Final = wording.MOST_ERRORS + 1
"""One more than is told, so that whoever tells knows that there are more."""
_MOST_OPEN: Final = 6
"""Open fields of one object for which all ways to choose are tried."""
_HIDDEN_WRONG: Final = "it does not have the form that is wanted"


def errors_of(
    schema: Schema,
    value: Any,
    path: str = "",
    old: Any = ABSENT,
    effort: patterns.Effort | None = None,
    *,
    is_open: bool = False,
) -> list[FieldError]:
    """Return what is wrong with a value, in the order of the document; of a great many, the first.

    `old` is the value before the write, for the rules that speak of it; `effort` that of the document, where the value
    is a part of it. `is_open`: the value may hold `OPEN`, and only that is wrong which is wrong whatever stands there.
    """
    found = _Errors(effort or patterns.Effort(), is_open=is_open)
    found.check(schema, value, path, old, hidden=False)
    return found.errors


class _Errors:
    def __init__(self, effort: patterns.Effort, *, is_open: bool) -> None:
        self.errors: list[FieldError] = []
        self._is_open = is_open
        self._effort = effort

    def add(self, error: FieldError) -> None:
        if not self.is_full:
            self.errors.append(error)

    @property
    def is_full(self) -> bool:
        return len(self.errors) >= _ENOUGH

    def check(self, schema: Schema, value: Any, path: str, old: Any, *, hidden: bool) -> None:
        if self.is_full or value is OPEN:
            return
        hidden = hidden or schema.secret
        if value is None and schema.nullable:
            return
        if not _has_type(schema, value):
            wanted = schema.type or "integer,string"
            self.add(wording.wrong_type(path, wanted, type_name(value)))
            return
        match value:
            case dict():
                self._check_object(schema, value, path, old, hidden=hidden)
            case list():
                self._check_list(schema, value, path, old, hidden=hidden)
            case str():
                self._check_text(schema, value, path, hidden=hidden)
            case int() | float() if not isinstance(value, bool):
                self._check_number(schema, value, path, hidden=hidden)
        self._check_rules(schema, value, path, old)

    def _check_object(
        self, schema: Schema, value: dict[str, Any], path: str, old: Any, *, hidden: bool
    ) -> None:
        for key in schema.required:
            if key not in value:
                self.add(wording.required(wording.below(path, key)))
        if schema.min_properties is not None and len(value) < schema.min_properties:
            detail = f"{path} in body should have at least {schema.min_properties} properties"
            self.add(wording.invalid(path, len(value), detail))
        before = old if isinstance(old, dict) else {}
        for key, item in value.items():
            field = schema.properties.get(key, schema.values)
            if field is not None:
                below = wording.below(path, key)
                self.check(field, item, below, before.get(key, ABSENT), hidden=hidden)

    def _check_list(
        self, schema: Schema, value: list[Any], path: str, old: Any, *, hidden: bool
    ) -> None:
        if schema.min_items is not None and len(value) < schema.min_items:
            detail = f"{path} in body should have at least {schema.min_items} items"
            self.add(wording.invalid(path, len(value), detail))
        if schema.max_items is not None and len(value) > schema.max_items:
            self.add(wording.too_many(path, len(value), schema.max_items))
        if schema.items is None:
            return
        before = _by_keys(schema, old)
        for place, item in enumerate(value):
            if self.is_full:
                return
            was = before.get(keys_of(schema, item), ABSENT) if before else ABSENT
            self.check(schema.items, item, f"{path}[{place}]", was, hidden=hidden)
        if schema.list_type in ("set", "map"):
            self._check_duplicates(schema, value, path, hidden=hidden)

    def _check_duplicates(
        self, schema: Schema, value: list[Any], path: str, *, hidden: bool
    ) -> None:
        seen: set[Any] = set()
        for place, item in enumerate(value):
            key = keys_of(schema, item)
            if key is None:
                continue
            if key in seen:
                named = item
                if schema.list_type == "map":
                    named = {name: item.get(name) for name in schema.list_map_keys}
                self.add(wording.duplicate(f"{path}[{place}]", wording.HIDDEN if hidden else named))
            seen.add(key)

    def _check_text(self, schema: Schema, value: str, path: str, *, hidden: bool) -> None:
        named = wording.HIDDEN if hidden else value
        if schema.max_length is not None and len(value) > schema.max_length:
            self.add(wording.too_long(path, schema.max_length))
        if schema.min_length is not None and len(value) < schema.min_length:
            detail = f"{path} in body should be at least {schema.min_length} chars long"
            self.add(wording.invalid(path, named, detail))
        if schema.pattern is not None and not patterns.compile(schema.pattern).search(value):
            detail = f"{path} in body should match '{schema.pattern}'"
            self.add(wording.invalid(path, named, detail))
        elif schema.form is not None and (wrong := self._wrong_form(schema.form, value)):
            self.add(wording.invalid(path, named, _HIDDEN_WRONG if hidden else wrong))
        allowed = schema.enum or schema.words
        if allowed and value not in allowed:
            self.add(wording.unsupported(path, named, allowed))
        if schema.format is not None and not formats.holds(schema.format, value):
            self.add(wording.wrong_type(path, schema.format, named))

    def _wrong_form(self, form: Form, text: str) -> str:
        """Return what is wrong with the form of a text: also that there are more patterns than are worked on."""
        if form.weight is None:
            return form.wrong(text)
        try:
            self._effort.take(form.weight(text))
        except patterns.PatternError as error:
            return str(error)
        return form.wrong(text)

    def _check_number(self, schema: Schema, value: float, path: str, *, hidden: bool) -> None:
        named = wording.HIDDEN if hidden else value
        bits = number_format(schema)
        if bits is not None and not formats.holds(bits, value):
            self.add(wording.invalid(path, named, f"{path} in body must fit into {bits}"))
        if schema.form is not None and (wrong := schema.form.wrong(value)):
            self.add(wording.invalid(path, named, wrong))
        if schema.minimum is not None and value < schema.minimum:
            detail = f"{path} in body should be greater than or equal to {_number(schema.minimum)}"
            self.add(wording.invalid(path, named, detail))
        if schema.maximum is not None and value > schema.maximum:
            detail = f"{path} in body should be less than or equal to {_number(schema.maximum)}"
            self.add(wording.invalid(path, named, detail))

    def _check_rules(self, schema: Schema, value: Any, path: str, old: Any) -> None:
        for rule in schema.rules:
            if rule.transition and old is ABSENT:
                continue
            holds = _may_hold(rule, value, old) if self._is_open else rule.holds(value, old)
            if not holds:
                message = rule.message or f"failed rule: {rule.expression}"
                self.add(wording.invalid(path, type_name(value), message))


def _may_hold(rule: Rule, value: Any, old: Any) -> bool:
    """Whether a rule holds; where parts of the value are open, whether it holds for any of what they may become.

    A field that is open may turn out to be absent, or to be there: all ways to choose are tried, of a few fields.
    """
    if not isinstance(value, dict) or not _is_open(value):
        return _is_open(value) or rule.holds(value, old)
    open_ = [key for key, item in value.items() if item is OPEN]
    known = {key: item for key, item in value.items() if item is not OPEN}
    if len(open_) > _MOST_OPEN or _is_open(known):
        return True
    try:
        return any(
            rule.holds({**known, **dict.fromkeys(there, True)}, old)
            for count in range(len(open_) + 1)
            for there in combinations(open_, count)
        )
    except (
        TypeError,
        AttributeError,
        ValueError,
        LookupError,
    ):  # the rule looks at what is in a field
        return True


def _is_open(value: Any) -> bool:
    """Whether a value holds `OPEN` anywhere."""
    pending = [value]
    while pending:
        match pending.pop():
            case dict() as found:
                pending += found.values()
            case list() as found:
                pending += found
            case found if found is OPEN:
                return True
    return False


def type_name(value: Any) -> str:
    """Return the JSON type of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _number(bound: float) -> str:
    return str(int(bound)) if float(bound).is_integer() else str(bound)


def _has_type(schema: Schema, value: Any) -> bool:
    if schema.int_or_string:
        return isinstance(value, str) or _is_whole(value)
    match schema.type:
        case None:
            return True
        case "integer":
            return _is_whole(value)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case wanted:
            return type_name(value) == wanted


def _is_whole(value: Any) -> bool:
    """Whether a value is an integer, as 1.0 is in JSON."""
    if isinstance(value, float):
        return math.isfinite(value) and value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def number_format(schema: Schema) -> str | None:
    """Return the format of numbers; where none is named, how Go keeps them."""
    if schema.format is not None:
        return schema.format
    if schema.int_or_string:
        return "int32"
    return "int64" if schema.type == "integer" else None


def keys_of(schema: Schema, item: Any) -> Any:
    """Return what tells an item of a set or map list from the others; None if it cannot be told."""
    if schema.list_type == "map":
        if not isinstance(item, dict):
            return None
        keys = tuple(item.get(name) for name in schema.list_map_keys)
        return keys if all(isinstance(key, str | int | float | None) for key in keys) else None
    return item if isinstance(item, str | int | float) else None


def _by_keys(schema: Schema, old: Any) -> dict[Any, Any]:
    if schema.list_type != "map" or not isinstance(old, list):
        return {}
    return {keys: item for item in old if (keys := keys_of(schema, item)) is not None}
