"""What a JSON text says, for expressions: all numbers are floats, as they are upstream, and none is infinite."""

from __future__ import annotations

import json
import math
from typing import Any


def value(text: str) -> Any:
    """Return what a text says. Raises ValueError (json.JSONDecodeError with the place) and RecursionError."""
    return json.loads(text, parse_int=_finite, parse_float=_finite, parse_constant=_refuse)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is more than a number can be")
    return number


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
