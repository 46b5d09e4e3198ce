"""The formats a schema can name, as an API server checks them."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from towpath import patterns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DATE_TIME: Final = patterns.compile(
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
_EMAIL: Final = patterns.compile(
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"
)


def holds(format_: str, value: Any) -> bool:
    """Whether a value of the right type has a format. A format that is not checked always holds."""
    check = _CHECKS.get(format_)
    return check is None or check(value)


def _is_date_time(value: Any) -> bool:
    """RFC 3339, with a date that exists (a leap second counts as the second before it)."""
    if not isinstance(value, str) or not _DATE_TIME.search(value):
        return False
    text = value[:19].upper()
    if text.endswith(":60"):
        text = text[:-2] + "59"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    offset = value[19:].lstrip(".0123456789")
    return offset in ("Z", "z") or (int(offset[1:3]) < 24 and int(offset[4:6]) < 60)


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
