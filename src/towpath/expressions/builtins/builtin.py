"""What a builtin function is, and how its arguments are read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath.expressions.values import Failure, is_int, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from towpath.expressions.budget import Budget


@dataclass(slots=True)
class CallContext:
    """What a builtin needs besides its arguments."""

    budget: Budget
    now: datetime | None
    """The time of `now()`; None: nobody told it."""


@dataclass(frozen=True, slots=True)
class Builtin:
    """A function, how many arguments it takes, and the kinds of those that are known before running."""

    call: Callable[..., Any]
    least: int
    most: int | None
    result: str = "any"
    wanted: tuple[str, ...] = ()
    """For each argument the kinds it may be, separated by `|`; the last one for all further ones."""


def _want(value: Any, type_: type | tuple[type, ...], what: str) -> Any:
    if not isinstance(value, type_) or (
        isinstance(value, bool) and bool not in (type_ if isinstance(type_, tuple) else (type_,))
    ):
        raise Failure(f"cannot use {shown(value)} as {what}")
    return value


def read_text(value: Any) -> str:
    """Return an argument that must be a text. Raises Failure."""
    return str(_want(value, str, "string"))


def read_int(value: Any) -> int:
    """Return an argument that must be a number, without its fraction. Raises Failure."""
    if is_int(value):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    raise Failure(f"cannot use {shown(value)} as int")


def read_list(value: Any, what: str = "array") -> list[Any]:
    """Return an argument that must be a list; bytes are one of numbers. Raises Failure."""
    if isinstance(value, bytes):
        return list(value)
    if not isinstance(value, list):
        raise Failure(f"cannot use {shown(value)} as {what}")
    return value
