"""How values are written in JSON, and whether what is written says a value."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from towpath.documents.edits import no_scalar, number, refuse_halves
from towpath.documents.json.reading import Number, tree

_ESCAPED: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)
_LONGEST_NUMBER: Final = 400


def rendered(value: Any) -> str:
    """Return a value as JSON, as upstream writes it: numbers without exponents, strings as they are where they can be.

    Raises BadRequest for null, objects, lists and what is no number.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number(value)
        case str():
            refuse_halves(value)
            return string(value)
        case _:
            raise no_scalar(value)


def string(text: str) -> str:
    """Return a string in quotes. Where something has to be escaped, `<`, `>` and `&` are as well."""
    if any(not " " <= character <= "\x7f" or character in '"\\' for character in text):
        return json.dumps(text, ensure_ascii=False).translate(_ESCAPED)
    return f'"{text}"'


def value(written: str) -> Any:
    """Return what a scalar says that we wrote ourselves."""
    return tree(written)


def reads_as(written: str, wanted: Any) -> bool:
    """Whether what is written says a value already, however it is spelled."""
    if written[0] in "{[":
        return False
    found = tree(written)
    if isinstance(found, Number):
        return (
            isinstance(wanted, int | float)
            and not isinstance(wanted, bool)
            and len(found.text) <= _LONGEST_NUMBER
            and _number(found.text) == Decimal(repr(wanted))
        )
    return type(found) is type(wanted) and bool(found == wanted)


def told(written: str) -> str:
    """Return what was written, for people: strings without their quotes."""
    if not written.startswith('"'):
        return written
    found = tree(written)
    return found if isinstance(found, str) else written


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
