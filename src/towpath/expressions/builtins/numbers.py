"""Functions over numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from towpath.expressions.builtins.builtin import Builtin
from towpath.expressions.values import Failure, is_int, is_number, shown, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.expressions.builtins.builtin import CallContext


def _flat_numbers(values: tuple[Any, ...], name: str) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if isinstance(value, list | bytes):
            found += _flat_numbers(tuple(value), name)
        elif is_number(value):
            found.append(value)
        else:
            raise Failure(f"invalid argument for {name} (type {shown(value)})")
    return found


def _extreme(name: str, better: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    def extreme(around: CallContext, *values: Any) -> Any:
        best: Any = None
        for value in values:
            found = extreme(around, *value) if isinstance(value, list | bytes) else value
            if best is None or (isinstance(value, list | bytes) and found is None):
                best = found if best is None else best
            elif not (is_number(found) and is_number(best)):
                raise Failure(f"invalid argument for {name} (type {shown(found)})")
            elif better(found, best):
                best = found
        return best

    return extreme


def _mean(_: CallContext, *values: Any) -> float:
    numbers = _flat_numbers(values, "mean")
    return float(sum(numbers)) / len(numbers) if numbers else 0.0


def _median(_: CallContext, *values: Any) -> float:
    numbers = sorted(float(value) for value in _flat_numbers(values, "median"))
    if not numbers:
        return 0.0
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2


def _abs(_: CallContext, value: Any) -> Any:
    if not is_number(value):
        raise Failure(f"invalid argument for abs (type {shown(value)})")
    return wrap(abs(value)) if is_int(value) else abs(value)


def _rounding(name: str, how: Callable[[float], float]) -> Callable[..., float]:
    def rounding(_: CallContext, value: Any) -> float:
        if not is_number(value):
            raise Failure(f"invalid argument for {name} (type {shown(value)})")
        number = float(value)
        return how(number) if math.isfinite(number) else number

    return rounding


def _round(number: float) -> float:
    rounded = math.floor(abs(number) + 0.5) if abs(number) < 1 << 52 else abs(number)
    if abs(number) == 0.49999999999999994:
        rounded = 0
    return math.copysign(rounded, number)


def _bits(name: str, how: Callable[[int, int], int]) -> Callable[..., int]:
    def bits(_: CallContext, left: Any, right: Any) -> int:
        if not (is_int(left) and is_int(right)):
            raise Failure(f"cannot use {shown(left)}, {shown(right)} as arguments of {name}")
        return wrap(how(left, right))

    return bits


def _shift(name: str, how: Callable[[int, int], int]) -> Callable[..., int]:
    def shift(left: int, right: int) -> int:
        if right < 0:
            raise Failure(f"invalid operation: negative shift count {right} (type int)")
        return how(left, min(right, 64))

    return _bits(name, shift)


def _bit_not(_: CallContext, value: Any) -> int:
    if not is_int(value):
        raise Failure(f"cannot use {shown(value)} as int")
    return ~int(value)


FUNCTIONS: Final[dict[str, Builtin]] = {
    "max": Builtin(_extreme("max", lambda new, old: new > old), 1, None, "any", ("int|float|array",)),
    "min": Builtin(_extreme("min", lambda new, old: new < old), 1, None, "any", ("int|float|array",)),
    "mean": Builtin(_mean, 1, None, "float", ("int|float|array",)),
    "median": Builtin(_median, 1, None, "float", ("int|float|array",)),
    "abs": Builtin(_abs, 1, 1, "number", ("int|float",)),
    "ceil": Builtin(_rounding("ceil", lambda n: float(math.ceil(n)) if n else n), 1, 1, "float", ("int|float",)),
    "floor": Builtin(_rounding("floor", lambda n: float(math.floor(n)) if n else n), 1, 1, "float", ("int|float",)),
    "round": Builtin(_rounding("round", _round), 1, 1, "float", ("int|float",)),
    "bitand": Builtin(_bits("bitand", lambda a, b: a & b), 2, 2, "int", ("int",)),
    "bitor": Builtin(_bits("bitor", lambda a, b: a | b), 2, 2, "int", ("int",)),
    "bitxor": Builtin(_bits("bitxor", lambda a, b: a ^ b), 2, 2, "int", ("int",)),
    "bitnand": Builtin(_bits("bitnand", lambda a, b: a & ~b), 2, 2, "int", ("int",)),
    "bitnot": Builtin(_bit_not, 1, 1, "int", ("int",)),
    "bitshl": Builtin(_shift("bitshl", lambda a, b: a << b), 2, 2, "int", ("int",)),
    "bitshr": Builtin(_shift("bitshr", lambda a, b: a >> b), 2, 2, "int", ("int",)),
    "bitushr": Builtin(_shift("bitushr", lambda a, b: (a & (1 << 64) - 1) >> b), 2, 2, "int", ("int",)),
}  # fmt: skip
