"""How values are written in TOML: as upstream writes them."""

from __future__ import annotations

import re
from typing import Any, Final

from towpath.documents.edits import no_scalar, number, refuse_halves

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
        case int() | float():
            text = number(value)
            return text if "." in text else f"{text}.0"
        case str():
            refuse_halves(value)
            return string(value)
        case _:
            raise no_scalar(value)


def string(text: str) -> str:
    """Return a string in quotes."""
    if "'" not in text and not _CONTROL.search(text):
        return f"'{text}'"
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04X}"
