"""The builtin functions that take values only; those with predicates are `predicates`."""

from __future__ import annotations

import base64
import binascii
import functools
import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.expressions import gotext, gotime
from towpath.expressions.operators import fetch
from towpath.expressions.values import (
    AnyMap,
    Failure,
    NilList,
    PairList,
    Record,
    alike,
    equal,
    is_int,
    is_number,
    shown,
    type_name,
    wrap,
)
from towpath.versions.go_urls import lowered

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from towpath.expressions.budget import Budget

_INT_DIGITS: Final = 19
"""Of the largest integer of 64 bits."""
_FEW: Final = 64
"""So many different characters are quickly looked through."""
_LONGEST_DURATION: Final = 4_096


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


def _text(value: Any) -> str:
    return str(_want(value, str, "string"))


def _int(value: Any) -> int:
    if is_int(value):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    raise Failure(f"cannot use {shown(value)} as int")


def _list(value: Any, what: str = "array") -> list[Any]:
    if isinstance(value, bytes):
        return list(value)
    if not isinstance(value, list):
        raise Failure(f"cannot use {shown(value)} as {what}")
    return value


# --- any kind ------------------------------------------------------------------------------------------


def _len(_: CallContext, value: Any) -> int:
    if isinstance(value, str | list | dict | AnyMap | bytes):
        return len(value)
    raise Failure(f"invalid argument for len (type {shown(value)})")


def _type(_: CallContext, value: Any) -> str:
    return type_name(value)


def _get(_: CallContext, of: Any, key: Any) -> Any:
    if of is None:
        return None
    match of:
        case list() | bytes() | str():
            items = of.encode() if isinstance(of, str) else of
            if not is_number(key):
                return None
            index = int(key)
            index = index + len(items) if index < 0 else index
            return items[index] if 0 <= index < len(items) else None
        case dict():
            return of.get(key) if isinstance(key, str) else None
        case AnyMap():
            return of.get(key) if key in of else None
        case Record():
            return fetch(of, key) if isinstance(key, str) and key in of.fields else None
    raise Failure(f"type {shown(of)} does not support indexing")


def _string(around: CallContext, value: Any) -> str:
    text = gotext.text_of(value)
    around.budget.write(len(text))
    return text


def _to_int(_: CallContext, value: Any) -> int:
    match value:
        case bool():
            pass
        case int():
            return int(value)
        case float():
            if math.isfinite(value) and abs(value) < 2**63:
                return int(value)
            return -(1 << 63)
        case str() if re.fullmatch(r"[+-]?[0-9]+", value):
            digits = value.lstrip("+-0")
            if len(digits) > _INT_DIGITS:  # Python reads no number of thousands of digits
                raise Failure("invalid operation: int(string): value out of range")
            number = int(digits or "0") * (-1 if value[0] == "-" else 1)
            if -(1 << 63) <= number < 1 << 63:
                return number
            raise Failure("invalid operation: int(string): value out of range")
        case str():
            raise Failure("invalid operation: int(string): it is not a number")
        case gotime.Duration():
            return value.ns
    raise Failure(f"invalid operation: int({shown(value)})")


def _to_float(_: CallContext, value: Any) -> float:
    if is_number(value):
        return float(value)
    if isinstance(value, str):
        number = gotext.parse_float(value)
        if number is None:
            raise Failure("invalid operation: float(string): it is not a number")
        return number
    raise Failure(f"invalid operation: float({shown(value)})")


def _to_json(around: CallContext, value: Any) -> str:
    text = gotext.json_text(value, indent=2)
    around.budget.write(len(text))
    return text


def _from_json(around: CallContext, text: Any) -> Any:
    around.budget.write(len(_text(text)))
    try:
        return json.loads(text, parse_int=_finite, parse_float=_finite, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Failure(f"fromJSON: {str(error)[:200]}", bare="fromJSON: it is not JSON") from error


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _to_base64(_: CallContext, text: Any) -> str:
    return base64.b64encode(_text(text).encode("utf-8", "surrogatepass")).decode()


def _from_base64(_: CallContext, text: Any) -> str:
    try:
        kept = _text(text).replace("\n", "").replace("\r", "")
        return base64.b64decode(kept, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError) as error:
        raise Failure("illegal base64 data") from error


# --- texts ---------------------------------------------------------------------------------------------


def _trim(_: CallContext, text: Any, characters: Any = None) -> str:
    if characters is None:
        return _text(text).strip(
            " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
        )
    whole, unwanted = _text(text), frozenset(_text(characters))
    if len(unwanted) <= _FEW:
        return whole.strip("".join(unwanted)) if unwanted else whole
    # `strip` goes through all that it is to take away for each character of the text.
    start, end = 0, len(whole)
    while start < end and whole[start] in unwanted:
        start += 1
    while end > start and whole[end - 1] in unwanted:
        end -= 1
    return whole[start:end]


def _upper(text: str) -> str:
    """Return a text in capitals, each character one, as Go has it: `ß` stays, `ᾳ` becomes `ᾼ`."""
    if text.isascii():
        return text.upper()
    forms = ((character.upper(), character.title(), character) for character in set(text))
    single = (next(form for form in three if len(form) == 1) for three in forms)
    return text.translate(dict(zip(map(ord, set(text)), single, strict=True)))


def _split(after: bool) -> Callable[..., list[str]]:
    def split(around: CallContext, text: Any, by: Any, count: Any = -1) -> list[str]:
        whole, separator, most = _text(text), _text(by), _int(count)
        if most == 0:
            return NilList()
        if not separator:
            found = list(whole)
            if 0 < most < len(found):
                found = [*found[: most - 1], "".join(found[most - 1 :])]
        else:
            found = whole.split(separator, most - 1 if most > 0 else -1)
            if after:
                found = [*(part + separator for part in found[:-1]), found[-1]]
        around.budget.grow(len(found))
        return found

    return split


def _replace(around: CallContext, text: Any, old: Any, new: Any, count: Any = -1) -> str:
    whole, before, after, most = _text(text), _text(old), _text(new), _int(count)
    times = whole.count(before) if most < 0 else min(most, whole.count(before))
    around.budget.write(len(whole) + times * len(after))
    return whole.replace(before, after, most)


def _repeat(around: CallContext, text: Any, count: Any) -> str:
    whole, times = _text(text), _int(count)
    if times < 0:
        raise Failure("invalid argument for repeat (expected positive integer)")
    if times > 1_000_000:
        raise Failure("memory budget exceeded")
    around.budget.grow(times)
    around.budget.write(times * len(whole))
    return whole * times


def _join(around: CallContext, items: Any, by: Any = "") -> str:
    texts = [_text(item) for item in _list(items)]
    separator = _text(by)
    around.budget.write(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _index_of(last: bool) -> Callable[..., int]:
    def index(_: CallContext, text: Any, part: Any) -> int:
        whole, found = (
            _text(text).encode("utf-8", "surrogatepass"),
            _text(part).encode("utf-8", "surrogatepass"),
        )
        if not last:
            return whole.find(found)
        # `rfind` takes the product of both lengths where `find` takes their sum.
        place = whole[::-1].find(found[::-1])
        return place if place < 0 else len(whole) - len(found) - place

    return index


# --- numbers -------------------------------------------------------------------------------------------


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


# --- lists and maps ------------------------------------------------------------------------------------


def _concat(around: CallContext, *lists: Any) -> list[Any]:
    around.budget.grow(sum(len(_list(one)) for one in lists))
    return [item for one in lists for item in _list(one)]


def _flatten(around: CallContext, items: Any) -> list[Any]:
    found: list[Any] = []
    stack = [iter(_list(items))]
    while stack:
        for item in stack[-1]:
            if isinstance(item, list):
                stack.append(iter(item))
                break
            around.budget.grow(1)
            found.append(item)
        else:
            stack.pop()
    return found


def _uniq(around: CallContext, items: Any) -> list[Any]:
    found: list[Any] = []
    seen: set[Any] = set()
    for item in _list(items):
        if isinstance(item, str):
            if item not in seen:
                seen.add(item)
                found.append(item)
            continue
        around.budget.work(2 * len(found) + 1)
        if isinstance(item, list | dict):
            around.budget.look_at(item)
        if not any(equal(item, other) for other in found):
            found.append(item)
    return found


def _reverse(around: CallContext, items: Any) -> list[Any]:
    around.budget.grow(len(_list(items)))
    return _list(items)[::-1]


def order_of(value: Any) -> bool:
    """Return whether an order of `sort` and `sortBy` is descending. Raises Failure."""
    if value not in ("asc", "desc"):
        raise Failure("unknown order, use asc or desc")
    return bool(value == "desc")


def _sign(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def compare(left: Any, right: Any) -> int:
    """Return -1, 0 or 1 for values that can be sorted together. Raises Failure."""
    if is_number(left) and is_number(right):
        return _sign(*alike(left, right))
    if isinstance(left, str) and isinstance(right, str):
        return _sign(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))
    if isinstance(left, gotime.Time | gotime.Duration) and type(left) is type(right):
        return _sign(left.ns, right.ns)
    raise Failure(f"cannot compare {shown(left)} with {shown(right)}")


def _sort(around: CallContext, items: Any, order: Any = "asc") -> list[Any]:
    descending = order_of(order)
    if items is None:
        return []
    if isinstance(items, dict | AnyMap):
        return []
    found = _list(items)
    around.budget.grow(len(found))
    around.budget.work(len(found) * len(found).bit_length())
    return sorted(found, key=functools.cmp_to_key(compare), reverse=descending)


def _end(last: bool) -> Callable[..., Any]:
    def end(_: CallContext, items: Any) -> Any:
        if isinstance(items, list | bytes) and len(items):
            return items[-1 if last else 0]
        return None

    return end


def _take(around: CallContext, items: Any, count: Any) -> list[Any]:
    found, number = _list(items), _int(count)
    if number < 0:
        raise Failure(f"cannot take {number} elements")
    around.budget.work(min(number, len(found)) >> 3)
    return found[:number]


def _pairs_of(value: Any, name: str) -> list[tuple[Any, Any]]:
    match value:
        case dict():
            return list(value.items())
        case AnyMap():
            return list(value.items())
        case _:
            raise Failure(f"cannot get {name} from {shown(value)}")


def _keys(around: CallContext, value: Any) -> list[Any]:
    pairs = _pairs_of(value, "keys")
    around.budget.grow(len(pairs))
    return [key for key, _ in pairs]


def _values(around: CallContext, value: Any) -> list[Any]:
    pairs = _pairs_of(value, "values")
    around.budget.grow(len(pairs))
    return [item for _, item in pairs]


def _to_pairs(around: CallContext, value: Any) -> list[Any]:
    pairs = _pairs_of(value, "pairs")
    around.budget.grow(2 * len(pairs))
    return PairList([key, item] for key, item in pairs)


def _from_pairs(around: CallContext, pairs: Any) -> AnyMap:
    made = AnyMap()
    for pair in _list(pairs):
        entry = _list(pair)
        if len(entry) != 2:
            raise Failure("invalid pair: it must have two elements")
        around.budget.grow(1)
        made.set(entry[0], entry[1])
    return made


# --- time ----------------------------------------------------------------------------------------------


def _now(around: CallContext, where: Any = None) -> gotime.Time:
    if around.now is None:
        raise Failure("now(): there is no time here")
    if where is not None and not isinstance(where, gotime.Zone):
        raise Failure("now takes a time zone: now(timezone(name))")
    return gotime.now_of(around.now, where)


def _duration(_: CallContext, text: Any) -> gotime.Duration:
    if isinstance(text, str) and len(text) > _LONGEST_DURATION:
        raise Failure(f"time: a duration is longer than {_LONGEST_DURATION:,} characters")
    return gotime.parse_duration(_text(text))


def _date(_: CallContext, *arguments: Any) -> gotime.Time:
    return gotime.date(*arguments)


def _timezone(_: CallContext, name: Any) -> gotime.Zone:
    return gotime.Zone(_text(name))


BUILTINS: Final[dict[str, Builtin]] = {
    "len": Builtin(_len, 1, 1, "int", ("string|array|map",)),
    "type": Builtin(_type, 1, 1, "string"),
    "get": Builtin(_get, 2, 2),
    "string": Builtin(_string, 1, 1, "string"),
    "int": Builtin(_to_int, 1, 1, "int", ("int|float|string",)),
    "float": Builtin(_to_float, 1, 1, "float", ("int|float|string",)),
    "toJSON": Builtin(_to_json, 1, 1, "string"),
    "fromJSON": Builtin(_from_json, 1, 1, "any", ("string",)),
    "toBase64": Builtin(_to_base64, 1, 1, "string", ("string",)),
    "fromBase64": Builtin(_from_base64, 1, 1, "string", ("string",)),
    "trim": Builtin(_trim, 1, 2, "string", ("string",)),
    "trimPrefix": Builtin(lambda _, s, p=" ": _text(s).removeprefix(_text(p)), 1, 2, "string", ("string",)),
    "trimSuffix": Builtin(lambda _, s, p=" ": _text(s).removesuffix(_text(p)), 1, 2, "string", ("string",)),
    "upper": Builtin(lambda _, s: _upper(_text(s)), 1, 1, "string", ("string",)),
    "lower": Builtin(lambda _, s: lowered(_text(s)), 1, 1, "string", ("string",)),
    "split": Builtin(_split(after=False), 2, 3, "array", ("string", "string", "int")),
    "splitAfter": Builtin(_split(after=True), 2, 3, "array", ("string", "string", "int")),
    "replace": Builtin(_replace, 3, 4, "string", ("string", "string", "string", "int")),
    "repeat": Builtin(_repeat, 2, 2, "string", ("string", "int")),
    "join": Builtin(_join, 1, 2, "string", ("array", "string")),
    "indexOf": Builtin(_index_of(last=False), 2, 2, "int", ("string",)),
    "lastIndexOf": Builtin(_index_of(last=True), 2, 2, "int", ("string",)),
    "hasPrefix": Builtin(lambda _, s, p: _text(s).startswith(_text(p)), 2, 2, "bool", ("string",)),
    "hasSuffix": Builtin(lambda _, s, p: _text(s).endswith(_text(p)), 2, 2, "bool", ("string",)),
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
    "concat": Builtin(_concat, 1, None, "array", ("array",)),
    "flatten": Builtin(_flatten, 1, 1, "array", ("array",)),
    "uniq": Builtin(_uniq, 1, 1, "array", ("array",)),
    "reverse": Builtin(_reverse, 1, 1, "array", ("array",)),
    "sort": Builtin(_sort, 1, 2, "array", ("array|map", "string")),
    "first": Builtin(_end(last=False), 1, 1),
    "last": Builtin(_end(last=True), 1, 1),
    "take": Builtin(_take, 2, 2, "array", ("array", "int")),
    "keys": Builtin(_keys, 1, 1, "array", ("map",)),
    "values": Builtin(_values, 1, 1, "array", ("map",)),
    "toPairs": Builtin(_to_pairs, 1, 1, "array", ("map",)),
    "fromPairs": Builtin(_from_pairs, 1, 1, "map", ("array",)),
    "now": Builtin(_now, 0, 1, "time.Time"),
    "duration": Builtin(_duration, 1, 1, "time.Duration", ("string",)),
    "date": Builtin(_date, 1, 3, "time.Time"),
    "timezone": Builtin(_timezone, 1, 1, "time.Location", ("string",)),
}  # fmt: skip
