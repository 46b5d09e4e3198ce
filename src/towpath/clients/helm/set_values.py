"""`--set` and `--set-literal` as Helm reads them: `a.b=1,c[0].d=x,e={1,2},f=null`. Pure.

What stands there already is kept: `c[1]=x` changes one item of a list. The bounds are Helm's.
"""

from __future__ import annotations

import re
from typing import Any, Final

_MOST_INDEX: Final = 65_536
_MOST_DEEP: Final = 30
_NUMBER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_SMALLEST, _LARGEST = -(1 << 63), (1 << 63) - 1


class SetValueError(ValueError):
    """The text is none that Helm accepts."""


def put(values: dict[str, Any], text: str, *, literal: bool = False) -> None:
    """Set what a text says in `values`. Raises SetValueError."""
    reader = _Reader(text, literal=literal)
    while not reader.is_at_end:
        reader.key(values, 0)


class _Reader:
    """Reads a text once, from left to right."""

    def __init__(self, text: str, *, literal: bool) -> None:
        self._text = text
        self._at = 0
        self._literal = literal
        self._ends_key = "[=." if literal else "[=,."

    @property
    def is_at_end(self) -> bool:
        """Whether all of it was read."""
        return self._at >= len(self._text)

    def key(self, into: dict[str, Any], depth: int) -> None:
        """Read a key with what it is set to."""
        key, end = self._until(self._ends_key)
        match end:
            case "":
                if key:
                    raise SetValueError(f'key "{key}" has no value')
            case "[":
                there = self._there(into, key, list)
                items = self._item(list(there), self._index(), depth)
                _set(into, key, items)
            case "=":
                _set(into, key, self._value())
            case ",":
                raise SetValueError(f'key "{key}" has no value (cannot end with ,)')
            case _:
                _not_deeper(depth)
                inner = dict(self._there(into, key, dict))
                self.key(inner, depth + 1)
                if not inner:
                    raise SetValueError(f'key map "{key}" has no value')
                _set(into, key, inner)

    def _item(self, items: list[Any], index: int, depth: int) -> list[Any]:
        """Read what an item of a list is set to; return the list with it."""
        _not_deeper(depth)
        there = items[index] if index < len(items) else None
        end = self._next()
        match end:
            case "=":
                value = self._value()
            case "[":
                value = self._item(
                    list(there) if isinstance(there, list) else [], self._index(), depth + 1
                )
            case ".":
                value = dict(there) if isinstance(there, dict) else {}
                self.key(value, depth + 1)
            case "":
                raise SetValueError("an item of a list has no value")
            case _:
                raise SetValueError(f"unexpected {end!r} after an index")
        items.extend([None] * (index + 1 - len(items)))
        items[index] = value
        return items

    def _there(self, into: dict[str, Any], key: str, kind: type[Any]) -> Any:
        """Return what a key has, if it is of a kind; an empty one for nothing."""
        there = into.get(key)
        if there is None:
            return kind()
        if not isinstance(there, kind):
            what = "list" if kind is list else "map"
            raise SetValueError(f'key "{key}" has a value that is no {what}')
        return there

    def _index(self) -> int:
        text, end = self._until("]")
        if not end:
            raise SetValueError("an index must end with ]")
        if not _NUMBER.fullmatch(text) or len(text) > 20:
            raise SetValueError(f"error parsing index: {text!r} is no number")
        index = int(text)
        if index < 0:
            raise SetValueError(f"negative {index} index not allowed")
        if index > _MOST_INDEX:
            raise SetValueError(
                f"index of {index} is greater than maximum supported index of {_MOST_INDEX}"
            )
        return index

    def _value(self) -> Any:
        if self._literal:
            text, self._at = self._text[self._at :], len(self._text)
            return text
        if self._text[self._at : self._at + 1] == "{":
            self._at += 1
            return self._list()
        text, _ = self._until(",")
        return typed(text)

    def _list(self) -> list[Any]:
        items: list[Any] = []
        while True:
            text, end = self._until(",}")
            match end:
                case "":
                    raise SetValueError("list must terminate with '}'")
                case "}":
                    if self._text[self._at : self._at + 1] == ",":
                        self._at += 1
                    return [*items, typed(text)]
                case _:
                    items.append(typed(text))

    def _until(self, ends: str) -> tuple[str, str]:
        """Return the text up to one of some characters, and that; "" at the end of all."""
        found: list[str] = []
        while (character := self._next()) and character not in ends:
            if character == "\\" and not self._literal:
                character = self._next()
            found.append(character)
        return "".join(found), character

    def _next(self) -> str:
        character = self._text[self._at : self._at + 1]
        self._at += 1
        return character


def _set(into: dict[str, Any], key: str, value: Any) -> None:
    if key:  # Helm passes over a key without a name
        into[key] = value


def _not_deeper(depth: int) -> None:
    if depth >= _MOST_DEEP:
        raise SetValueError(
            f"value name nested level is greater than maximum supported nested level of {_MOST_DEEP}"
        )


def typed(text: str) -> Any:
    """Return what a text means: a boolean, null, a whole number without leading zero, else the text."""
    match text.lower():
        case "true":
            return True
        case "false":
            return False
        case "null":
            return None
        case "0":
            return 0
    if _NUMBER.fullmatch(text) and not text.startswith("0") and len(text) <= 20:
        number = int(text)
        if _SMALLEST <= number <= _LARGEST:
            return number
    return text


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return two mappings as one: mappings in both are merged, anything else of `over` wins."""
    result = dict(base)
    for key, value in over.items():
        there = result.get(key)
        if isinstance(there, dict) and isinstance(value, dict):
            result[key] = merged(there, value)
        else:
            result[key] = value
    return result
