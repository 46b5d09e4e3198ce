"""The builtin functions that run a predicate for each element.

Each gets the evaluation's context, the list, its own scope (in which `#` means the element), the scope
outside, and the compiled predicate, or None where that is left out.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from towpath.expressions import operators
from towpath.expressions.builtins.collections import compare, order_of
from towpath.expressions.values import AnyMap, Failure, NilList, Unknown, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.expressions.context import Context, Scope

    Run = Callable[[Context], Any]


class _NoItem:
    """Stands for an element of a map: the predicate runs for it, but must not look at it."""


NO_ITEM: Final = _NoItem()


class _Undecided(Exception):  # noqa: N818 - a predicate gave Unknown, so the whole is
    def __init__(self, value: Unknown) -> None:
        super().__init__()
        self.value = value


def _items(found: Any, name: str) -> list[Any]:
    if isinstance(found, bytes):
        return list(found)
    if isinstance(found, str):
        return list(found.encode("utf-8", "surrogatepass"))
    if isinstance(found, dict | AnyMap):  # counted, but not looked at
        return [NO_ITEM] * len(found)
    if not isinstance(found, list):
        raise Failure(f"builtin {name} takes only array (got {shown(found)})")
    return found


def _each(
    c: Context, found: Any, scope: Scope, name: str, *, backwards: bool = False
) -> Iterator[tuple[int, Any]]:
    """Yield the elements, each being `#` while it is looked at."""
    items = _items(found, name)
    work = c.around.budget.work
    places = range(len(items) - 1, -1, -1) if backwards else range(len(items))
    for place in places:
        work(scope.cost)
        c.scope = scope
        scope.index, scope.item = place, items[place]
        yield place, items[place]


def _holds(c: Context, predicate: Run) -> bool:
    result = predicate(c)
    if isinstance(result, bool):
        return result
    if isinstance(result, Unknown):
        raise _Undecided(result)
    raise Failure(f"a predicate must be a bool, not {shown(result)}")


def _deciding(operation: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(operation)
    def guarded(*arguments: Any) -> Any:
        try:
            return operation(*arguments)
        except _Undecided as undecided:
            return undecided.value

    return guarded


def _all(c: Context, found: Any, scope: Scope, _: Scope | None, predicate: Run) -> bool:
    return all(_holds(c, predicate) for _ in _each(c, found, scope, "all"))


def _any(c: Context, found: Any, scope: Scope, _: Scope | None, predicate: Run) -> bool:
    return any(_holds(c, predicate) for _ in _each(c, found, scope, "any"))


def _none(c: Context, found: Any, scope: Scope, _: Scope | None, predicate: Run) -> bool:
    return not any(_holds(c, predicate) for _ in _each(c, found, scope, "none"))


def _one(c: Context, found: Any, scope: Scope, _: Scope | None, predicate: Run) -> bool:
    return sum(_holds(c, predicate) for _ in _each(c, found, scope, "one")) == 1


def _filter(c: Context, found: Any, scope: Scope, _: Scope | None, predicate: Run) -> list[Any]:
    kept = [item for _, item in _each(c, found, scope, "filter") if _holds(c, predicate)]
    if NO_ITEM in kept:
        raise Failure("cannot filter a map: use keys or values")
    c.around.budget.grow(len(kept))
    return kept


def _map(c: Context, found: Any, scope: Scope, _: Scope | None, body: Run) -> list[Any]:
    made = [body(c) for _ in _each(c, found, scope, "map")]
    c.around.budget.grow(len(made))
    return made


def _count(
    c: Context, found: Any, scope: Scope, _: Scope | None, predicate: Run | None = None
) -> int:
    test = predicate or (lambda inner: inner.scope.item if inner.scope is not None else None)
    return sum(_holds(c, test) for _ in _each(c, found, scope, "count"))


def _sum(c: Context, found: Any, scope: Scope, _: Scope | None, body: Run | None = None) -> Any:
    total: Any = 0
    for _place, item in _each(c, found, scope, "sum"):
        total = operators.known(operators.add)(total, body(c) if body is not None else item)
    return total


def _find(*, backwards: bool, place_wanted: bool) -> Callable[..., Any]:
    name = f"find{'Last' if backwards else ''}{'Index' if place_wanted else ''}"

    def find(c: Context, found: Any, scope: Scope, _: Scope | None, predicate: Run) -> Any:
        for place, item in _each(c, found, scope, name, backwards=backwards):
            if _holds(c, predicate):
                if item is NO_ITEM and not place_wanted:
                    raise Failure("cannot find an element of a map: use keys or values")
                return place if place_wanted else item
        return None

    return find


def _group_by(c: Context, found: Any, scope: Scope, _: Scope | None, body: Run) -> AnyMap:
    groups = AnyMap(missing=NilList)
    for _place, item in _each(c, found, scope, "groupBy"):
        key = body(c)
        if isinstance(key, Unknown):
            raise _Undecided(key)
        c.around.budget.grow(1)
        if key in groups:
            groups.get(key).append(item)
        else:
            groups.set(key, [item])
    return groups


def _by_key(one: tuple[Any, Any], other: tuple[Any, Any]) -> int:
    return compare(one[0], other[0])


def _sort_by(
    c: Context, found: Any, scope: Scope, outer: Scope | None, body: Run, order: Run | None = None
) -> list[Any]:
    keyed = [(body(c), item) for _, item in _each(c, found, scope, "sortBy")]
    c.scope = outer
    descending = order_of(order(c)) if order is not None else False
    for key, _item in keyed:
        if isinstance(key, Unknown):
            raise _Undecided(key)
    c.around.budget.grow(len(keyed))
    c.around.budget.work(len(keyed) * len(keyed).bit_length())
    ordered = sorted(
        keyed,
        key=functools.cmp_to_key(_by_key),
        reverse=descending,
    )
    return [item for _, item in ordered]


def _reduce(
    c: Context, found: Any, scope: Scope, outer: Scope | None, body: Run, start: Run | None = None
) -> Any:
    items = _items(found, "reduce")
    skip = 0
    if start is not None:
        c.scope = outer
        scope.acc = start(c)
    elif items:
        scope.acc, skip = items[0], 1
    else:
        raise Failure("reduce of empty array with no initial value")
    for place, _item in _each(c, found, scope, "reduce"):
        if place >= skip:
            scope.acc = body(c)
    return scope.acc


_OPERATIONS: Final[dict[str, Callable[..., Any]]] = {
    "all": _all,
    "any": _any,
    "none": _none,
    "one": _one,
    "filter": _filter,
    "map": _map,
    "count": _count,
    "sum": _sum,
    "find": _find(backwards=False, place_wanted=False),
    "findIndex": _find(backwards=False, place_wanted=True),
    "findLast": _find(backwards=True, place_wanted=False),
    "findLastIndex": _find(backwards=True, place_wanted=True),
    "groupBy": _group_by,
    "sortBy": _sort_by,
    "reduce": _reduce,
}
RUN: Final = {name: _deciding(operation) for name, operation in _OPERATIONS.items()}
