"""Functions over times and spans of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.expressions import gotime, time_reader
from towpath.expressions.builtins.builtin import Builtin, read_text
from towpath.expressions.values import Failure

if TYPE_CHECKING:
    from towpath.expressions.builtins.builtin import CallContext

_LONGEST_DURATION: Final = 4_096


def _now(around: CallContext, where: Any = None) -> gotime.Time:
    if around.now is None:
        raise Failure("now(): there is no time here")
    if where is not None and not isinstance(where, gotime.Zone):
        raise Failure("now takes a time zone: now(timezone(name))")
    return gotime.now_of(around.now, where)


def _duration(_: CallContext, text: Any) -> gotime.Duration:
    if isinstance(text, str) and len(text) > _LONGEST_DURATION:
        raise Failure(f"time: a duration is longer than {_LONGEST_DURATION:,} characters")
    return gotime.parse_duration(read_text(text))


def _date(_: CallContext, *arguments: Any) -> gotime.Time:
    return time_reader.date(*arguments)


def _timezone(_: CallContext, name: Any) -> gotime.Zone:
    return gotime.Zone(read_text(name))


FUNCTIONS: Final[dict[str, Builtin]] = {
    "now": Builtin(_now, 0, 1, "time.Time"),
    "duration": Builtin(_duration, 1, 1, "time.Duration", ("string",)),
    "date": Builtin(_date, 1, 3, "time.Time"),
    "timezone": Builtin(_timezone, 1, 1, "time.Location", ("string",)),
}  # fmt: skip
