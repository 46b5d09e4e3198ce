"""Numbers as measurements record them, which is as Go writes them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from towpath.expressions import gotext

if TYPE_CHECKING:
    from collections.abc import Iterable


def plain(number: float) -> str:
    """Return a number without an exponent, with as many digits as tell it: `0.05`, `1000000`, `NaN`, `+Inf`."""
    if math.isnan(number) or math.isinf(number):
        return gotext.float_text(number)
    text = format(Decimal(repr(number)), "f")
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def fixed(number: float, digits: int = 6) -> str:
    """Return a number with so many digits after the point, as `%f` writes it: `0.050000`."""
    if math.isnan(number) or math.isinf(number):
        return gotext.float_text(number)
    return f"{number:.{digits}f}"


def general(number: float) -> str:
    """Return a number as `%v` writes it, with an exponent where it is large: `1e+06`."""
    return gotext.float_text(number)


def listed(texts: Iterable[str], *, between: str = ",") -> str:
    """Return texts as a list: `[a,b]`."""
    return f"[{between.join(texts)}]"


def number(text: str) -> float:
    """Return what a text says that a server sent for a number: also `NaN`, `+Inf`, `-Inf`. Raises ValueError."""
    found = gotext.parse_float(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is no number")
    return found
