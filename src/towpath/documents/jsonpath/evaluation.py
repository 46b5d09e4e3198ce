"""Finds what a JSONPath template leads to in a JSON value."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

from towpath.documents.jsonpath.syntax import (
    Below,
    Filter,
    Literal,
    NamedKey,
    Span,
    Union,
    Wildcard,
)
from towpath.errors import BadRequest
from towpath.resources import sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.documents.jsonpath.syntax import Path, PathStep, Template

MOST_VALUES: Final = 500_000
"""That one template may look at."""
_DEEPEST: Final = 200
_COMPARED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def found(template: Template, value: Any, *, allow_missing: bool = False) -> list[Any]:
    """Return all that a template finds, in order.

    `allow_missing`: a key that is not there finds nothing, as kubectl has it. Raises BadRequest where a name or a place is not there, where a value is not of the kind that is asked for, and for a
    template that looks at too much.
    """
    return list(_results(template, value, allow_missing=allow_missing))


def first(template: Template, value: Any) -> Any:
    """Return what a template finds first, as Argo Rollouts takes it.

    Raises BadRequest as `found` does, and where there is nothing: whatever stands behind the first is looked for as well.
    """
    results = found(template, value)
    if not results:
        raise BadRequest("the JSONPath finds nothing")
    return results[0]


def _results(template: Template, value: Any, *, allow_missing: bool) -> Iterator[Any]:
    if sizes.is_deeper(value, _DEEPEST):
        raise BadRequest(f"the document is nested more than {_DEEPEST} levels deep")
    looking = _Looking(allow_missing=allow_missing)
    for path in template:
        yield from looking.along(path, [value])


class _Looking:
    """One evaluation, and how much it has looked at."""

    def __init__(self, *, allow_missing: bool) -> None:
        self._left = MOST_VALUES
        self._allow_missing = allow_missing

    def along(self, path: Path, values: list[Any]) -> list[Any]:
        for step in path:
            values = self._step(step, values)
            self._spend(len(values))
        return values

    def _spend(self, many: int) -> None:
        self._left -= many
        if self._left < 0:
            raise BadRequest(
                f"the JSONPath looks at more than {MOST_VALUES:,} values; name what is looked for more closely"
            )

    def _step(self, step: PathStep, values: list[Any]) -> list[Any]:
        match step:
            case Literal(value):
                return [value for _ in values]
            case NamedKey(name):
                return _members(name, values, allow_missing=self._allow_missing)
            case Wildcard():
                return [inner for value in values for inner in _inner(value)]
            case Below():
                return self._below(values)
            case Span():
                return [
                    item for value in values if value is not None for item in _items(step, value)
                ]
            case Union(paths):
                return [each for path in paths for each in self.along(path, values)]
            case Filter():
                return self._filtered(step, values)

    def _below(self, values: list[Any]) -> list[Any]:
        """Return what holds something, from the top down: an object before what lies in it, in order."""
        result: list[Any] = []
        left = list(reversed(values))
        while left:
            value = left.pop()
            if isinstance(value, str) and value:
                result.append(value)
            elif isinstance(value, dict | list) and value:
                result.append(value)
                self._spend(len(value))
                left.extend(reversed(list(_inner(value))))
        return result

    def _filtered(self, step: Filter, values: list[Any]) -> list[Any]:
        result: list[Any] = []
        for value in values:
            if not isinstance(value, list):
                raise BadRequest(
                    f"the JSONPath filters {_kind(value)}, and only lists can be filtered"
                )
            self._spend(len(value))
            result += [item for item in value if self._holds(step, item)]
        return result

    def _holds(self, step: Filter, item: Any) -> bool:
        if not step.operator:
            try:
                return bool(self.along(step.left, [item]))
            except _Missing:
                return False
        left, right = self.along(step.left, [item]), self.along(step.right, [item])
        if not left or not right:
            return False
        if len(left) > 1 or len(right) > 1:
            raise BadRequest("the filter of the JSONPath compares more than one value with another")
        return _compared(step.operator, left[0], right[0])


class _Missing(BadRequest):
    """A name or place that is not there."""


def _members(name: str, values: list[Any], *, allow_missing: bool) -> list[Any]:
    result = [value[name] for value in values if isinstance(value, dict) and name in value]
    if not result and not allow_missing:
        raise _Missing(f"the JSONPath finds no {name!r}: {name} is not found")
    return result


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _items(span: Span, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _Missing(f"the JSONPath wants an item of a list, and finds {_kind(value)}")
    length = len(value)
    start = span.start if span.start is not None else 0
    start += length if start < 0 else 0
    end = span.end if span.end is not None else length
    if end < 0 or (end == 0 and span.is_one):
        end += length
    if start != end:
        for place, most in ((start, length - 1), (end, length)):
            if not 0 <= place <= most:
                raise _Missing(
                    f"the JSONPath wants place {span.start if span.is_one else place} of a list of {length}: array index out of bounds"
                )
        if start > end:
            raise _Missing(f"the JSONPath wants a range that ends at {end} and begins at {start}")
    step = span.step if span.step is not None else 1
    if step <= 0:
        raise BadRequest(
            f"the JSONPath steps by {step} through a list; the step must be more than 0"
        )
    return value[start:end:step]


def _compared(how: str, left: Any, right: Any) -> bool:
    kinds = (_kind(left), _kind(right))
    if kinds[0] != kinds[1] or kinds[0] not in ("a text", "a number", "a truth value"):
        raise BadRequest(f"the filter of the JSONPath compares {kinds[0]} with {kinds[1]}")
    if kinds[0] == "a truth value" and how not in ("==", "!="):
        raise BadRequest("the filter of the JSONPath asks which of two truth values is larger")
    return _COMPARED[how](left, right)


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a truth value"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"
