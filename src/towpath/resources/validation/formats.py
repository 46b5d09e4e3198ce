"""The formats a schema can name, as an API server checks them."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from towpath import patterns
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_EMAIL: Final = patterns.compile(
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"
)


def holds(format_: str, value: Any) -> bool:
    """Whether a value of the right type has a format. A format that is not checked always holds."""
    check = _CHECKS.get(format_)
    return check is None or check(value)


def _is_date_time(value: Any) -> bool:
    """RFC 3339 as Go's `time.Time` reads and writes it.

    An API server would take a small `t` or `z` and a leap second, too; Kargo's own programs could read none of the list
    that such an object is in.
    """
    return moments.exact(value) is not None


def _is_email(value: Any) -> bool:
    return isinstance(value, str) and bool(_EMAIL.search(value))


def _is_base64(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:  # line breaks are no fault, as in Go: a block scalar ends with one
        base64.b64decode(value.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _fits(bits: int) -> Callable[[Any], bool]:
    limit = 1 << (bits - 1)
    return lambda value: -limit <= value < limit


_CHECKS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "byte": _is_base64,
    "date-time": _is_date_time,
    "email": _is_email,
    "int32": _fits(32),
    "int64": _fits(64),
}
