"""How values are written in TOML: as upstream writes them."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any, Final

from towpath.documents.edits import refuse_halves
from towpath.errors import BadRequest

_CONTROL: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_SHORT: Final = {"\\": r"\\", '"': r"\"", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r"}
_ESCAPED: Final = re.compile('[\x00-\x08\x0a-\x1f\x7f"\\\\]')


def rendered(value: Any) -> str:
    """Return a value as a TOML scalar: strings in single quotes where that can be, numbers as floats, all of them.

    Raises BadRequest for null, objects and lists, and for a text that is none.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return f"{value}.0"
        case float() if math.isfinite(value):
            text = format(Decimal(repr(value)), "f")
            return text if "." in text else f"{text}.0"
        case float():
            raise BadRequest("a number that is not finite cannot be written")
        case str():
            refuse_halves(value)
            return string(value)
        case _:
            what = "null" if value is None else "a list" if isinstance(value, list) else "an object"
            raise BadRequest(f"{what} is no scalar; give a string, a number or a boolean")


def string(text: str) -> str:
    """Return a string in quotes."""
    if "'" not in text and not _CONTROL.search(text):
        return f"'{text}'"
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04X}"
