"""What a value is worth: a metric's conditions over it, as expressions."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.expressions import ExpressionError, Function, Library, gotext, static_types
from towpath.expressions.budget import Budget
from towpath.expressions.program import compiled
from towpath.expressions.static_types import ANY, Signature
from towpath.expressions.values import Failure, is_number, shown, type_name
from towpath.messages import cut
from towpath.resources.analysis_run import AnalysisPhase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.expressions.static_types import Type
    from towpath.resources.analysis_template import Metric

_MOST_SHOWN: Final = 300
_LEAST_INTEGER: Final = -(1 << 63)
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,40}")


@dataclass(frozen=True, slots=True)
class Worth:
    """What a measurement is worth."""

    phase: AnalysisPhase
    message: str = ""
    """Why, of an Error; it may quote the value."""


def judged(
    metric: Metric, value: Any, *, light: bool = False, clock: Callable[[], float] | None = None
) -> Worth:
    """Return what a value is worth to a metric whose arguments are put in. Numbers of JSON are floats.

    Both conditions are evaluated, the one for success first. `light` and `clock`: as of `Program.evaluate`, which raises
    Heavy for what is more than an event loop can spare.
    """
    budget = Budget(light=light, clock=clock)
    said: list[bool | None] = []
    for name, condition in (
        ("successCondition", metric.success_condition),
        ("failureCondition", metric.failure_condition),
    ):
        try:
            said.append(holds(condition, value, budget=budget) if condition else None)
        except ExpressionError as error:
            return Worth(AnalysisPhase.ERROR, _why(name, condition, value, error))
    return Worth(_phase(*said))


def _phase(good: bool | None, bad: bool | None) -> AnalysisPhase:
    if bad or (bad is None and good is False):
        return AnalysisPhase.FAILED
    if good or good is None:
        return AnalysisPhase.SUCCESSFUL
    return AnalysisPhase.INCONCLUSIVE


def holds(condition: str, value: Any, *, budget: Budget | None = None) -> bool:
    """Whether a condition holds of a value.

    Raises ExpressionError for what cannot be read, what cannot be evaluated, and for a result that is no bool; and Heavy.
    """
    program = compiled(condition, _library(value))
    found = program.evaluate({"result": value}, _functions(value), budget=budget)
    if not isinstance(found, bool):
        raise ExpressionError(f"expected bool, but got {type_name(found)}")
    return found


def problem(condition: str) -> str:
    """Return why a condition cannot be evaluated whatever the value is; empty if it may be."""
    try:
        compiled(condition, _OF_ANY)
    except ExpressionError as error:
        return cut(error.problem, _MOST_SHOWN)
    return ""


def _why(name: str, condition: str, value: Any, error: ExpressionError) -> str:
    said = cut(error.problem, _MOST_SHOWN)
    if value is None or value == []:
        said = "metric result is nil or empty: no data returned from the metric provider"
    return f'could not evaluate {name} "{cut(condition, _MOST_SHOWN)}": {said}'


# --- what a condition can name -------------------------------------------------------------------------


def _as_int(value: Any) -> int:
    match value:
        case bool():
            pass
        case int():
            return value
        case float():
            fits = math.isfinite(value) and abs(value) < 2**63
            return int(value) if fits else _LEAST_INTEGER
        case str() if _INTEGER.fullmatch(value):
            number = int(value)
            if _LEAST_INTEGER <= number < -_LEAST_INTEGER:
                return number
            raise Failure("asInt(): the value is out of range")
    raise Failure(f"asInt() not supported on {shown(value)}, or it is no integer")


def _as_float(value: Any) -> float:
    if is_number(value):
        return float(value)
    number = gotext.parse_float(value) if isinstance(value, str) else None
    if number is None:
        raise Failure(f"asFloat() not supported on {shown(value)}, or it is no number")
    return number


def _float(value: Any) -> float:
    if not isinstance(value, float):
        raise Failure(f"cannot use {shown(value)} as a float; write asFloat(…)")
    return value


def _functions(value: Any) -> dict[str, Function]:
    """Return the functions of a condition. `isNil` and `default` look at the result, whatever they are given."""
    return {
        **_FUNCTIONS,
        "isNil": Function("isNil", lambda _: value is None),
        "default": Function("default", lambda _, other: other if value is None else value),
    }


_FUNCTIONS: Final = {
    "asInt": Function("asInt", _as_int),
    "asFloat": Function("asFloat", _as_float),
    "isNaN": Function("isNaN", lambda value: math.isnan(_float(value))),
    "isInf": Function("isInf", lambda value: math.isinf(_float(value))),
}
_SIGNATURES: Final[Mapping[str, Signature]] = {
    "asInt": Signature(1, 1, (ANY,), static_types.INT),
    "asFloat": Signature(1, 1, (ANY,), static_types.FLOAT),
    "isNaN": Signature(1, 1, (ANY,), static_types.BOOL),
    "isInf": Signature(1, 1, (ANY,), static_types.BOOL),
    "isNil": Signature(1, 1, (ANY,), static_types.BOOL),
    "default": Signature(2, 2, (ANY, ANY), ANY),
}


def _with_result(type_: Type) -> Library:
    return Library(_SIGNATURES, {"result": type_}, is_whole=True)


_LIBRARIES: Final = {
    type(None): _with_result(static_types.NIL),
    bool: _with_result(static_types.BOOL),
    int: _with_result(static_types.INT),
    float: _with_result(static_types.FLOAT),
    str: _with_result(static_types.STRING),
    list: _with_result(static_types.array_of(ANY)),
    dict: _with_result(static_types.MAP),
}
_OF_ANY: Final = _with_result(ANY)


def _library(value: Any) -> Library:
    """Return what a condition can name: what cannot work for a value of this type is an error wherever it stands."""
    return _LIBRARIES.get(type(value), _OF_ANY)
