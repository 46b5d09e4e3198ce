"""Regular expressions that stand in users' expressions (`x matches "…"`): those that RE2 does not read.

Whatever else is wrong with an expression shows when it is evaluated, as in Kargo.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from towpath import expressions, patterns
from towpath.errors import FieldError
from towpath.expressions import ExpressionError
from towpath.expressions.failure import WrongPattern
from towpath.patterns import Effort

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_MATCHES: Final = "matches"
_MOST: Final = 200
"""Texts of one document that are looked at, and `_LONGEST` of each: what is beyond them shows when it is evaluated."""
_LONGEST: Final = 16 << 10


def expression_errors(path: str, source: Any, effort: Effort | None = None) -> list[FieldError]:
    """Return what is wrong with the patterns of an expression, unless they are more work than is left."""
    return _errors(path, source, expressions.compile, effort or Effort())


def step_errors(path: str, steps: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """Return what is wrong with the patterns in steps: in `if`, variables and texts of the configuration."""
    written = (
        (where, text)
        for number, step in enumerate(steps)
        for field in ("if", "vars", "config")
        for where, text in _texts(f"{path}[{number}].{field}", step.get(field))
        if _MATCHES in text
    )
    effort = Effort()
    return [
        error
        for where, text in islice(written, _MOST)
        for error in _errors(where, text, expressions.template, effort)
    ]


def _errors(path: str, source: Any, read: Any, effort: Effort) -> list[FieldError]:
    if not isinstance(source, str) or _MATCHES not in source or len(source) > _LONGEST:
        return []
    if effort.is_spent:
        return []
    before = patterns.spent()
    try:
        read(source)
    except WrongPattern as error:
        said = f"Invalid value: a pattern in the expression is no regular expression (RE2): {error.problem}"
        return [FieldError(path, "FieldValueInvalid", said)]
    except ExpressionError:
        return []
    finally:
        effort.add(patterns.spent() - before)
    return []


def _texts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts of a value, with their paths."""
    pending = [(path, value)]
    while pending:
        where, found = pending.pop()
        if isinstance(found, str):
            yield where, found
        elif isinstance(found, dict):
            pending += [(f"{where}.{key}", item) for key, item in found.items()]
        elif isinstance(found, list):
            pending += [(f"{where}[{place}]", item) for place, item in enumerate(found)]
