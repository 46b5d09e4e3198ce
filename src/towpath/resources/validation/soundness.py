"""Whether a value is sound as it stands: nothing is wrong, unknown or left to be filled in.

Nearly every document is. So this is asked first, in one walk over functions that are made once for each schema; only of
a value that is not sound do `unknown`, `defaults` and `structure` find out what is to be done and said. Where it would
take more to tell, the answer is no: that costs time and changes nothing.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from towpath import patterns
from towpath.resources.schema import ABSENT
from towpath.resources.structs import schema_of
from towpath.resources.validation import formats
from towpath.resources.validation.structure import keys_of, number_format

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import msgspec

    from towpath.resources.schema import Schema

    Check = Callable[[Any], bool]


@functools.cache
def check_of(type_: type[msgspec.Struct]) -> Check:
    """Return what tells whether a document of a type is sound, as one that is created or as one that is changed.

    A type whose rules compare a document with what it was before has none that is sound.
    """
    return check(schema_of(type_))


def check(schema: Schema) -> Check:
    """Return what tells whether a value is sound."""
    if any(rule.transition for rule in schema.rules):
        return _never
    found = _checks(schema)
    rules = tuple(rule.holds for rule in schema.rules)
    if rules:
        found.append(lambda value: all(holds(value, ABSENT) for holds in rules))
    told = _all(found)
    if schema.nullable:
        return lambda value: value is None or told(value)
    return told


def _never(_: Any) -> bool:
    return False


def _all(checks: Sequence[Check]) -> Check:
    if not checks:
        return lambda _: True
    if len(checks) == 1:
        return checks[0]
    return lambda value: all(each(value) for each in checks)


def _checks(schema: Schema) -> list[Check]:
    """Return the checks of a value, each of which may rely on those before it."""
    if schema.int_or_string:
        return [_is_text_or_number(schema)]
    match schema.type:
        case "object":
            return [_object(schema)]
        case "array":
            return [lambda value: type(value) is list, *_list(schema)]
        case "string":
            return [lambda value: type(value) is str, *_text(schema)]
        case "integer":
            return [lambda value: type(value) is int, *_number(schema)]
        case "number":
            return [lambda value: type(value) in (int, float), *_number(schema)]
        case "boolean":
            return [lambda value: type(value) is bool]
        case None:
            return []


def _is_text_or_number(schema: Schema) -> Check:
    text, number = _all(_text(schema)), _all(_number(schema))

    def is_sound(value: Any) -> bool:
        return (type(value) is str and text(value)) or (type(value) is int and number(value))

    return is_sound


def _object(schema: Schema) -> Check:
    fields = {key: check(field) for key, field in schema.properties.items()}
    # A null is kept where a field may be anything; elsewhere it goes, if the schema does not allow it.
    nulls = frozenset(
        key
        for key, field in schema.properties.items()
        if field.nullable or (field.type is None and not field.int_or_string)
    )
    there = frozenset(schema.required) | {
        key for key, field in schema.properties.items() if field.default is not ABSENT
    }
    least = schema.min_properties or 0
    values = None if schema.values is None else check(schema.values)
    keeps_null = schema.values is not None and (
        schema.values.nullable or (schema.values.type is None and not schema.values.int_or_string)
    )
    is_free = schema.preserve_unknown

    def is_sound(value: Any) -> bool:
        if type(value) is not dict or not there <= value.keys() or len(value) < least:
            return False
        for key, item in value.items():
            told = fields.get(key)
            if told is not None:
                if not told(item) or (item is None and key not in nulls):
                    return False
            elif values is not None:
                if not values(item) or (item is None and not keeps_null):
                    return False
            elif not is_free:
                return False
        return True

    return is_sound


def _list(schema: Schema) -> list[Check]:
    found: list[Check] = []
    if (least := schema.min_items) is not None:
        found.append(lambda value: len(value) >= least)
    if (most := schema.max_items) is not None:
        found.append(lambda value: len(value) <= most)
    if schema.items is None:
        return found
    item = check(schema.items)
    found.append(lambda value: all(map(item, value)))
    if schema.list_type in ("set", "map"):
        found.append(functools.partial(_has_no_doubles, schema))
    return found


def _has_no_doubles(schema: Schema, value: list[Any]) -> bool:
    keys = [key for item in value if (key := keys_of(schema, item)) is not None]
    return len(keys) < 2 or len(set(keys)) == len(keys)


def _text(schema: Schema) -> list[Check]:
    found: list[Check] = []
    if (most := schema.max_length) is not None:
        found.append(lambda value: len(value) <= most)
    if (least := schema.min_length) is not None:
        found.append(lambda value: len(value) >= least)
    if schema.pattern is not None:
        found.append(patterns.compile(schema.pattern).search)
    if allowed := frozenset(schema.enum or schema.words):
        found.append(lambda value: value in allowed)
    if (form := schema.form) is not None:
        # What is much work to read counts for the whole document.
        found.append(_never if form.weight is not None else lambda value: not form.wrong(value))
    if (format_ := schema.format) is not None:
        found.append(lambda value: formats.holds(format_, value))
    return found


def _number(schema: Schema) -> list[Check]:
    found: list[Check] = []
    if (bits := number_format(schema)) is not None:
        found.append(lambda value: formats.holds(bits, value))
    if (form := schema.form) is not None:
        found.append(lambda value: not form.wrong(value))
    if (least := schema.minimum) is not None:
        found.append(lambda value: value >= least)
    if (most := schema.maximum) is not None:
        found.append(lambda value: value <= most)
    return found
