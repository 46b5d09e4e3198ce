"""Keys that are not text, as text: JSON has no others."""

from __future__ import annotations

import math
import struct
from decimal import Decimal
from typing import Any, Final

_MOST_DIGITS: Final = 9
"""No number of single precision needs more to be told from its neighbours."""


def key_text(value: Any) -> str | None:
    """Return a key as kubectl has it; None for what can be no key (null, lists, objects).

    Floats are written as sigs.k8s.io/yaml writes them, in single precision: the key `1.0` is `1`, the key
    `1.10` is `1.1`.
    """
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float_text(value)
        case _:
            return None


def _float_text(value: float) -> str:
    """Write as few digits as tell the number, as Go's `strconv.FormatFloat(value, 'g', -1, 32)`."""
    single = _single(value)
    if math.isinf(single):
        return "-.inf" if value < 0 else ".inf"
    digits = 1
    while _single(float(f"{single:.{digits - 1}e}")) != single and digits < _MOST_DIGITS:
        digits += 1
    text = f"{single:.{digits - 1}e}"
    exponent = int(text.partition("e")[2])
    return format(Decimal(text), "f") if -5 < exponent < 6 else text


def _single(value: float) -> float:
    (single,) = struct.unpack("f", struct.pack("f", value))
    return float(single)
