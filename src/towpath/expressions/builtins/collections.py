"""Functions over lists and maps."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from towpath.expressions import gotime
from towpath.expressions.builtins.builtin import Builtin, read_int, read_list
from towpath.expressions.values import AnyMap, Failure, PairList, alike, equal, is_number, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.expressions.builtins.builtin import CallContext


def _concat(around: CallContext, *lists: Any) -> list[Any]:
    around.budget.grow(sum(len(read_list(one)) for one in lists))
    return [item for one in lists for item in read_list(one)]


def _flatten(around: CallContext, items: Any) -> list[Any]:
    found: list[Any] = []
    stack = [iter(read_list(items))]
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
    for item in read_list(items):
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
    around.budget.grow(len(read_list(items)))
    return read_list(items)[::-1]


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
    found = read_list(items)
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
    found, number = read_list(items), read_int(count)
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
    for pair in read_list(pairs):
        entry = read_list(pair)
        if len(entry) != 2:
            raise Failure("invalid pair: it must have two elements")
        around.budget.grow(1)
        made.set(entry[0], entry[1])
    return made


FUNCTIONS: Final[dict[str, Builtin]] = {
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
}  # fmt: skip
