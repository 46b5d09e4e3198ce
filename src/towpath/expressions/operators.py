"""What operators do to values. Unknown operands give Unknown results."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from towpath import patterns
from towpath.expressions.gotime import Duration, Time, scaled
from towpath.expressions.values import (
    AnyMap,
    Failure,
    NilList,
    Record,
    Texts,
    Unknown,
    alike,
    equal,
    is_int,
    is_nil,
    is_number,
    shown,
    wrap,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def _mismatch(operator: str, left: Any, right: Any) -> Failure:
    return Failure(f"invalid operation: {shown(left)} {operator} {shown(right)}")


def add(left: Any, right: Any) -> Any:
    """`+`: numbers, texts, a time and a duration, two durations."""
    if is_number(left) and is_number(right):
        return wrap(left + right) if is_int(left) and is_int(right) else float(left) + float(right)
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    match left, right:
        case Duration(), Duration():
            return Duration(left.ns + right.ns)
        case (Time(), Duration()):
            return Time(left.ns + right.ns, left.zone)
        case (Duration(), Time()):
            return Time(left.ns + right.ns, right.zone)
    raise _mismatch("+", left, right)


def subtract(left: Any, right: Any) -> Any:
    """`-`: numbers, times, durations."""
    if is_number(left) and is_number(right):
        return wrap(left - right) if is_int(left) and is_int(right) else float(left) - float(right)
    match left, right:
        case (Time(), Time()) | (Duration(), Duration()):
            return Duration(left.ns - right.ns)
        case (Time(), Duration()):
            return Time(left.ns - right.ns, left.zone)
    raise _mismatch("-", left, right)


def multiply(left: Any, right: Any) -> Any:
    """`*`: numbers, a number and a duration."""
    if is_number(left) and is_number(right):
        return wrap(left * right) if is_int(left) and is_int(right) else float(left) * float(right)
    if isinstance(left, Duration) and is_number(right):
        return scaled(left, right)
    if isinstance(right, Duration) and is_number(left):
        return scaled(right, left)
    raise _mismatch("*", left, right)


def divide(left: Any, right: Any) -> Any:
    """`/`: always a float; by zero infinity, or NaN."""
    if not (is_number(left) and is_number(right)):
        raise _mismatch("/", left, right)
    above, below = float(left), float(right)
    if below:
        return above / below
    if not above or math.isnan(above):
        return math.nan
    return math.copysign(math.inf, above) * math.copysign(1, below)


def modulo(left: Any, right: Any) -> Any:
    """`%`: integers only; the sign of the dividend."""
    if not (is_int(left) and is_int(right)):
        raise _mismatch("%", left, right)
    if right == 0:
        raise Failure("integer divide by zero")
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def power(left: Any, right: Any) -> Any:
    """`**` and `^`: always a float."""
    if not (is_number(left) and is_number(right)):
        raise _mismatch("**", left, right)
    return _pow(float(left), float(right))


def _pow(x: float, y: float) -> float:
    """Return x to the power of y, rounded as Go rounds it: by squaring, not as C does."""
    if y == 0 or x == 1:
        return 1.0
    if y == 1:
        return x
    if math.isnan(x) or math.isnan(y):
        return math.nan
    if x == 0 or math.isinf(x) or math.isinf(y) or abs(y) >= 1 << 63:
        return _pow_of_extremes(x, y)
    if y == 0.5:
        return math.sqrt(x) if x > 0 else math.nan
    if y == -0.5:
        return 1 / math.sqrt(x) if x > 0 else math.nan
    fraction, whole = math.modf(abs(y))
    if fraction and x < 0:
        return math.nan
    result, exponent = 1.0, 0
    if fraction:
        if fraction > 0.5:
            fraction, whole = fraction - 1, whole + 1
        result = math.exp(fraction * math.log(x))
    mantissa, power = math.frexp(x)
    left = int(whole)
    while left:
        if not -(1 << 12) <= power <= 1 << 12:
            exponent += power
            break
        if left & 1:
            result *= mantissa
            exponent += power
        mantissa *= mantissa
        power <<= 1
        if abs(mantissa) < 0.5:
            mantissa += mantissa
            power -= 1
        left >>= 1
    if y < 0:
        result, exponent = 1 / result, -exponent
    try:
        return math.ldexp(result, exponent)
    except OverflowError:
        return math.copysign(math.inf, result)


def _pow_of_extremes(x: float, y: float) -> float:
    try:
        return math.pow(x, y)
    except (OverflowError, ValueError):
        odd = y.is_integer() and y % 2 == 1
        return math.copysign(math.inf, x) if odd else math.inf


def _ordered(operator: str, holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
    def compare(left: Any, right: Any) -> Any:
        if is_number(left) and is_number(right):
            return holds(*alike(left, right))
        if isinstance(left, str) and isinstance(right, str):
            return holds(_bytes(left), _bytes(right))
        if isinstance(left, Time | Duration) and type(left) is type(right):
            return holds(left.ns, right.ns)
        raise _mismatch(operator, left, right)

    return compare


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def contained(left: Any, right: Any) -> Any:
    """`in`: an item of a list, a key of a map, a field of a named type."""
    match right:
        case None:
            return False
        case list() if isinstance(left, str):
            return left in right
        case list() | bytes():
            return any(equal(left, item) for item in right)
        case dict():
            if left is None:
                return False
            if not isinstance(left, str):
                raise Failure(f"cannot use {shown(left)} as a key of a map of texts")
            return left in right
        case AnyMap():
            return left in right
        case Record():
            if left is None:
                return False
            if not isinstance(left, str):
                raise Failure(f"cannot use {shown(left)} as the name of a field")
            return left in right.fields
    raise Failure(f'operator "in" not defined on {shown(right)}')


def _of_texts(operator: str, holds: Callable[[str, str], bool]) -> Callable[[Any, Any], Any]:
    def compare(left: Any, right: Any) -> Any:
        if is_nil(left) or is_nil(right):
            return False
        if not isinstance(left, str) or not isinstance(right, str):
            raise _mismatch(operator, left, right)
        return holds(left, right)

    return compare


def matches(left: Any, right: Any) -> Any:
    """`matches`: RE2, anywhere in a text or bytes."""
    if is_nil(left) or is_nil(right):
        return False
    if not isinstance(right, str) or not isinstance(left, str | bytes):
        raise _mismatch("matches", left, right)
    subject = left.decode("latin-1") if isinstance(left, bytes) else left
    try:
        return patterns.compile(right).search(subject)
    except patterns.PatternError as error:
        said = "error parsing regexp"
        raise Failure(f"{said}: {error}", bare=said) from error


def negate(value: Any) -> Any:
    """Unary `-`."""
    if is_int(value):
        return wrap(-value)
    if is_number(value):
        return -value
    raise Failure(f"invalid operation: - {shown(value)}")


def keep(value: Any) -> Any:
    """Unary `+`: nothing; what is known not to be a number is refused when the expression is checked."""
    return value


def invert(value: Any) -> Any:
    """`!` and `not`."""
    if not isinstance(value, bool):
        raise Failure(f"invalid operation: ! {shown(value)}")
    return not value


def length_of_range(start: Any, stop: Any) -> int:
    """Return how many integers `start..stop` has. Raises Failure for what is no integer."""
    if not (is_number(start) and is_number(stop) and math.isfinite(start) and math.isfinite(stop)):
        raise _mismatch("..", start, stop)
    return max(0, int(stop) - int(start) + 1)


def fetch(of: Any, key: Any) -> Any:
    """Return `of.key` or `of[key]`. Raises Failure for nil, an unknown field, an index out of range."""
    match of:
        case Texts() if isinstance(key, str):
            return of.get(key, "")
        case dict():
            if key is None or isinstance(key, str):
                return of.get(key)
            raise Failure(f"cannot use {shown(key)} as a key of a map of texts")
        case Record():
            if isinstance(key, str) and key in of.fields:
                return of.fields[key]
        case AnyMap():
            return of.get(key)
        case list() | str() | bytes():
            return _indexed(of, key)
    raise Failure(
        f"cannot fetch {key if isinstance(key, str) else shown(key)} from {shown(of)}",
        bare=f"cannot fetch {shown(key)} from {shown(of)}",
    )


def _indexed(of: Any, key: Any) -> Any:
    if not is_number(key):
        raise Failure(f"cannot use {shown(key)} as an index")
    items: Any = of
    if isinstance(of, str):
        items = of.encode("utf-8", "surrogatepass") if not of.isascii() else of
    if isinstance(key, float) and not math.isfinite(key):
        raise Failure("index out of range")
    index = int(key)
    if index < 0:
        index += len(items)
    if not 0 <= index < len(items):
        raise Failure(f"index out of range: {int(key)} (array length is {len(items)})")
    return ord(items[index]) if isinstance(items, str) else items[index]


LEFT_OUT: Final = object()


def sliced(of: Any, start: Any, stop: Any) -> Any:
    """Return `of[start:stop]`; `LEFT_OUT` stands for an end left out. What is out of range is cut off."""
    if of is None or not isinstance(of, list | str | bytes):
        raise Failure(f"cannot slice {shown(of)}")
    is_wide = isinstance(of, str) and not of.isascii()
    items: Any = of.encode("utf-8", "surrogatepass") if isinstance(of, str) and is_wide else of
    size = len(items)

    def place(index: Any, default: int) -> int:
        if index is LEFT_OUT:
            return default
        if not is_number(index):
            raise Failure(f"cannot use {shown(index)} as an index")
        number = int(index)
        return number + size if number < 0 else number

    first, last = place(start, 0), place(stop, size)
    last = max(0, min(last, size))
    first = max(0, min(first, last))
    found = items[first:last]
    if is_wide:
        return found.decode("utf-8", "replace")
    return list(found) if isinstance(of, NilList) else found


def known(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Return an operation that gives Unknown for an Unknown operand."""

    def guarded(*operands: Any) -> Any:
        for operand in operands:
            if isinstance(operand, Unknown):
                return operand
        return operation(*operands)

    return guarded


BINARY: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": modulo,
    "**": power,
    "^": power,
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": _ordered("<", lambda left, right: left < right),
    ">": _ordered(">", lambda left, right: left > right),
    "<=": _ordered("<=", lambda left, right: left <= right),
    ">=": _ordered(">=", lambda left, right: left >= right),
    "in": contained,
    "matches": matches,
    "contains": _of_texts("contains", lambda left, right: right in left),
    "startsWith": _of_texts("startsWith", lambda left, right: left.startswith(right)),
    "endsWith": _of_texts("endsWith", lambda left, right: left.endswith(right)),
}
UNARY: Final[dict[str, Callable[[Any], Any]]] = {"-": negate, "+": keep, "!": invert, "not": invert}
