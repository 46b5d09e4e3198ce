"""The cells of printed columns: what a JSONPath finds in a document, as a Table shows it.

The JSONPath is that of `additionalPrinterColumns` in CRDs: names with escaped dots, indexes, `[*]`, and filters such as
`[?(@.type=="Ready")]`. Only the first thing it finds is shown, as an API server does.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import ages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    Step = Callable[[Any], Iterator[Any]]

_NAME: Final = re.compile(r"\.((?:[^.\[\]\\]|\\.)+)")
_INDEX: Final = re.compile(r"\[(-?\d{1,6})\]")
_ALL: Final = re.compile(r"\[\*\]|\.\*")
_QUOTED: Final = re.compile(r"\[(?:'([^']*)'|\"([^\"]*)\")\]")
_FILTER: Final = re.compile(r"\[\?\(@\.([^=!\s]+)\s*(==|!=)\s*(?:\"([^\"]*)\"|'([^']*)')\)\]")


class WrongPathError(ValueError):
    """A text that is no JSONPath of the kind that printed columns have."""


@functools.lru_cache(maxsize=512)
def compiled(path: str) -> tuple[Step, ...]:
    """Return the steps of a JSONPath. Raises WrongPathError naming what cannot be read."""
    steps: list[Step] = []
    place = 0
    text = path.removeprefix("$")
    while place < len(text):
        for pattern, made in _STEPS:
            match = pattern.match(text, place)
            if match is not None:
                steps.append(made(match))
                place = match.end()
                break
        else:
            raise WrongPathError(
                f'{path}: {text[place:]!r} is none of .name, [0], [*], [?(@.a=="b")]'
            )
    return tuple(steps)


def first(document: Any, path: str) -> Any:
    """Return the first value that a JSONPath finds; None if it finds none."""
    found: Iterator[Any] = iter((document,))
    for step in compiled(path):
        found = _through(found, step)
    return next(found, None)


def _through(values: Iterator[Any], step: Step) -> Iterator[Any]:
    for value in values:
        yield from step(value)


def _named(name: str) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and name in value:
            yield value[name]

    return step


def _indexed(index: int) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, list) and -len(value) <= index < len(value):
            yield value[index]

    return step


def _every() -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, list):
            yield from value
        elif isinstance(value, dict):
            yield from value.values()

    return step


def _filtered(path: str, operator: str, wanted: str) -> Step:
    inner = f".{path}"
    compiled(inner)

    def step(value: Any) -> Iterator[Any]:
        for item in value if isinstance(value, list) else ():
            found = first(item, inner)
            if isinstance(found, str) and (found == wanted) == (operator == "=="):
                yield item

    return step


_STEPS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Step]], ...]] = (
    (_ALL, lambda _: _every()),
    (_NAME, lambda match: _named(re.sub(r"\\(.)", r"\1", match[1]))),
    (_INDEX, lambda match: _indexed(int(match[1]))),
    (_QUOTED, lambda match: _named(match[1] if match[1] is not None else match[2])),
    (
        _FILTER,
        lambda match: _filtered(match[1], match[2], match[3] if match[3] is not None else match[4]),
    ),
)


@dataclass(frozen=True, slots=True)
class Cells:
    """Makes the cells of one answer: ages are counted up to `now`."""

    now: datetime

    def cell(self, document: Any, path: str, type_: str) -> Any:
        """Return the cell of a column for a document: of the column's type, None where there is nothing to show."""
        value = first(document, path)
        match type_:
            case "integer":
                return int(value) if _is_number(value) else None
            case "number":
                return float(value) if _is_number(value) else None
            case "boolean":
                return value if isinstance(value, bool) else None
            case "date":
                return ages.age(value, self.now)
        if value is None:
            return None
        return value if isinstance(value, str) else _shown(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    """Return a value that is no text as one, as JSONPath templates print it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        import json

        return json.dumps(value, separators=(",", ":"))
    return str(value)
