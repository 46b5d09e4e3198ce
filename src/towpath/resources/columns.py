"""The cells of printed columns: what a JSONPath finds in a document, as a Table shows it.

The JSONPath is that of `additionalPrinterColumns` in CRDs: names with escaped dots, indexes, `[*]`, and filters such as
`[?(@.type=="Ready")]`. Only the first thing it finds is shown, as an API server does.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import ages
from towpath.resources.schema import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    Find = Callable[[Any], Any]
    """Returns the first value found below a value; `ABSENT` if there is none."""
    Make = Callable[[re.Match[str], Find], Find]
    """Makes a step of what was read and of the steps behind it."""

_NAME: Final = re.compile(r"\.((?:[^.\[\]\\*]|\\.)+)")
_INDEX: Final = re.compile(r"\[(-?[0-9]{1,6})\]")
_ALL: Final = re.compile(r"\[\*\]|\.\*")
_QUOTED: Final = re.compile(r"\[(?:'([^']*)'|\"([^\"]*)\")\]")
_FILTER: Final = re.compile(r"\[\?\(@(\.[^=!\s()]+)\s*(==|!=)\s*(?:\"([^\"]*)\"|'([^']*)')\s*\)\]")
_LARGEST: Final = 2**63


class WrongPathError(ValueError):
    """A text that is no JSONPath of the kind that printed columns have."""


@functools.lru_cache(maxsize=512)
def compiled(path: str) -> Find:
    """Return what finds a JSONPath's first value in a document. Raises WrongPathError naming what cannot be read."""
    matches: list[tuple[Make, re.Match[str]]] = []
    text, place = path.removeprefix("$"), 0
    while place < len(text):
        for pattern, make in _STEPS:
            match = pattern.match(text, place)
            if match is not None:
                matches.append((make, match))
                place = match.end()
                break
        else:
            raise WrongPathError(
                f'{path}: {text[place:]!r} is none of .name, [0], [*], [?(@.a=="b")]'
            )
    find: Find = _itself
    for make, match in reversed(matches):
        find = make(match, find)
    return find


def first(document: Any, path: str) -> Any:
    """Return the first value that a JSONPath finds; None if it finds none. Raises WrongPathError."""
    found = compiled(path)(document)
    return None if found is ABSENT else found


def _itself(value: Any) -> Any:
    return value


def _named(name: str, rest: Find) -> Find:
    def find(value: Any) -> Any:
        return rest(value[name]) if isinstance(value, dict) and name in value else ABSENT

    return find


def _indexed(index: int, rest: Find) -> Find:
    def find(value: Any) -> Any:
        is_there = isinstance(value, list) and -len(value) <= index < len(value)
        return rest(value[index]) if is_there else ABSENT

    return find


def _every(rest: Find) -> Find:
    def find(value: Any) -> Any:
        if isinstance(value, dict):
            return _first_of(value.values(), rest)
        return _first_of(value, rest) if isinstance(value, list) else ABSENT

    return find


def _filtered(path: str, operator: str, wanted: str, rest: Find) -> Find:
    inner, is_equal = compiled(path), operator == "=="

    def holds(item: Any) -> bool:
        found = inner(item)
        return isinstance(found, str) and (found == wanted) == is_equal

    def find(value: Any) -> Any:
        return _first_of(filter(holds, value), rest) if isinstance(value, list) else ABSENT

    return find


def _first_of(values: Iterable[Any], rest: Find) -> Any:
    for value in values:
        found = rest(value)
        if found is not ABSENT:
            return found
    return ABSENT


_STEPS: Final[tuple[tuple[re.Pattern[str], Make], ...]] = (
    (_ALL, lambda _, rest: _every(rest)),
    (_NAME, lambda match, rest: _named(re.sub(r"\\(.)", r"\1", match[1]), rest)),
    (_INDEX, lambda match, rest: _indexed(int(match[1]), rest)),
    (_QUOTED, lambda match, rest: _named(_either(match, 1), rest)),
    (_FILTER, lambda match, rest: _filtered(match[1], match[2], _either(match, 3), rest)),
)


def _either(match: re.Match[str], group: int) -> str:
    """Return what stood in quotation marks of one sort or the other."""
    return str(match[group] if match[group] is not None else match[group + 1])


@dataclass(frozen=True, slots=True)
class Cell:
    """Makes the cells of one column."""

    find: Find
    type: str

    @classmethod
    def of(cls, path: str, type_: str) -> Cell:
        """Return the cell of a JSONPath, for a column of a type. Raises WrongPathError."""
        return cls(compiled(path), type_)

    def __call__(self, document: Any, now: datetime) -> Any:
        """Return the cell for a document: of the column's type, None where there is nothing of it to show.

        A `date` is shown as the age it has at `now`.
        """
        value = self.find(document)
        if value is ABSENT or value is None:
            return None
        match self.type:
            case "integer":
                return _integer(value) if _is_number(value) else None
            case "number":
                return float(value) if _is_number(value) else None
            case "boolean":
                return value if isinstance(value, bool) else None
            case "date":
                return ages.age(value, now) if isinstance(value, str) else None
        return value if isinstance(value, str) else _shown(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _integer(value: float) -> int | None:
    """Return a number without its fraction; None if it does not fit into 64 bits, as cells must."""
    return int(value) if -_LARGEST <= value < _LARGEST else None


def _shown(value: Any) -> str:
    """Return a value that is no text as one: as JSON, in which an API server orders keys by name."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
