"""Paths that look for something: which values of a document they lead to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from towpath.documents.json.paths import PathPart, number, split
from towpath.documents.json.reading import Number, Pairs, tree
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_QUERY: Final = re.compile(
    r"#\(\s*(?P<path>(?:[^=!<>%\\\"]|\\.)*?)\s*(?:(?P<sign>==?|!=|<=?|>=?|!?%)\s*(?P<value>.*?)\s*)?\)(?P<all>#?)",
    re.DOTALL,
)
_PIECE: Final = re.compile(r"\\.|.", re.DOTALL)
MOST: Final = 10_000
"""Values that one path may set."""
_SIGNS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda one, other: bool(one == other),
    "==": lambda one, other: bool(one == other),
    "!=": lambda one, other: bool(one != other),
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
}


def found(document: Any, parts: Sequence[PathPart]) -> list[list[PathPart]]:
    """Return the plain paths of what a key leads to. Raises BadRequest for a query that cannot be read."""
    paths: list[list[PathPart]] = []
    for path in _found(document, parts):
        paths.append(path)
        if len(paths) > MOST:
            raise BadRequest(f"it fits more than {MOST:,} values; name fewer")
    return paths


def _found(value: Any, parts: Sequence[PathPart]) -> Iterator[list[PathPart]]:
    if not parts:
        yield []
        return
    part, rest = parts[0], parts[1:]
    if part.pattern.startswith("#"):
        # `#` at the end is the number of items, which is no value of the text.
        if isinstance(value, list) and not (part.pattern == "#" and not rest):
            for index in _items(value, part.pattern):
                for path in _found(value[index], rest):
                    yield [PathPart(str(index)), *path]
        return
    if isinstance(value, Pairs):
        is_meant = _fitting(part)
        place = next((at for at, (name, _) in enumerate(value.pairs) if is_meant(name)), None)
        if place is not None:
            name, inner = value.pairs[place]
            for path in _found(inner, rest):
                yield [PathPart(name, is_name=True), *path]
    elif isinstance(value, list) and not part.pattern:
        wanted = number(part.text)
        if wanted is not None and wanted < len(value):
            for path in _found(value[wanted], rest):
                yield [PathPart(part.text), *path]


def _items(value: list[Any], pattern: str) -> Iterator[int]:
    if pattern == "#":
        yield from range(len(value))
        return
    query = _QUERY.fullmatch(pattern)
    if query is None:
        raise BadRequest(f'{pattern} cannot be read; write #(name=="value")')
    for index, item in enumerate(value):
        if _fits(item, query):
            yield index
            if not query["all"]:
                return


def _fits(item: Any, query: re.Match[str]) -> bool:
    if query["path"]:
        reached = item
        for part in split(query["path"]):
            reached = _child(reached, part)
            if reached is _NOTHING:
                return False
    else:
        reached = item
    if query["sign"] is None:
        return reached is not _NOTHING
    wanted = _value(query["value"])
    if query["sign"].endswith("%"):
        alike = isinstance(reached, str) and fits(str(wanted), reached)
        return alike != query["sign"].startswith("!")
    given = _comparable(reached)
    if type(given) is not type(wanted):
        return bool(query["sign"] == "!=")
    return _SIGNS[query["sign"]](given, wanted)


_NOTHING: Final = object()


def _child(value: Any, part: PathPart) -> Any:
    if isinstance(value, Pairs):
        place = value.place(part.text)
        return _NOTHING if place is None else value.pairs[place][1]
    if isinstance(value, list):
        index = number(part.text)
        return value[index] if index is not None and index < len(value) else _NOTHING
    return _NOTHING


def _value(text: str) -> Any:
    try:
        return _comparable(tree(text))
    except (ValueError, RecursionError):
        if text.startswith('"'):
            raise BadRequest(f"{text} is no value: its quotes are not closed") from None
        return text


def _comparable(value: Any) -> Any:
    if isinstance(value, Number):
        return float(value.text)
    return str(value).lower() if isinstance(value, bool) else value


def _fitting(part: PathPart) -> Callable[[str], bool]:
    if not part.pattern:
        return lambda name: name == part.text
    return lambda name: fits(part.pattern, name)


def fits(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern with `*` and `?`: never more work than the product of their lengths."""
    pieces = _PIECE.findall(pattern)
    at = place = 0
    star, marked = -1, 0
    while place < len(text):
        piece = pieces[at] if at < len(pieces) else ""
        if piece == "*":
            star, marked = at, place
            at += 1
        elif piece and (piece == "?" or piece[-1] == text[place]):
            at, place = at + 1, place + 1
        elif star >= 0:
            marked += 1
            at, place = star + 1, marked
        else:
            return False
    return all(piece == "*" for piece in pieces[at:])
