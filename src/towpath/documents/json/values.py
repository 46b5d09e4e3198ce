"""What a JSON text says, for expressions: all numbers are floats, as they are upstream, and none is infinite."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")


def value(text: str) -> Any:
    """Return what a text says. Raises ValueError (json.JSONDecodeError with the place) and RecursionError.

    An escape that is half of a character stands for U+FFFD, as Go reads it.
    """
    found = json.loads(text, parse_int=_finite, parse_float=_finite, parse_constant=_refuse)
    return _whole(found) if _HALF.search(text) else found


def _whole(value: Any) -> Any:
    """Return a value whose texts can be written: no half of a character is left in them."""
    match value:
        case str():
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        case list():
            return [_whole(item) for item in value]
        case dict():
            return {_whole(key): _whole(item) for key, item in value.items()}
        case _:
            return value


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is more than a number can be")
    return number


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
