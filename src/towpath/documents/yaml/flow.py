"""The few characters that a key is about in a large text which is one flow mapping or sequence, as JSON is.

Such a text may be one line, so lines do not tell its parts. Its tokens do, as long as none is unusual: scalars in
quotes on one line, plain ones of letters, digits and a few signs, brackets, commas and colons. Where each of them ends
is beyond doubt, so an entry can be read, edited and proved on its own, between brackets. What no path leads through is
passed over by one regular expression. Whenever anything else stands there (a comment, an anchor, a tag, a wanted key
that stands twice) the answer is None, and the caller reads the whole text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from towpath.documents.yaml import reading

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEEPEST: Final = 8
"""How deep what is passed over may be nested, and how many parts a path may have."""
_BLANK: Final = r"[ \t\r\n]*+"
_WORD: Final = r"[A-Za-z0-9_./+@-]"
_PLAIN: Final = rf"[-+.]?[A-Za-z0-9_/](?:{_WORD}|[ :](?={_WORD}))*+"
_SCALAR: Final = rf"""(?>"(?:[^"\\\r\n]++|\\[^\r\n])*+"|'(?:[^'\r\n]++|'')*+'|{_PLAIN})"""
_NEXT: Final = rf"{_BLANK}(?:,{_BLANK}|(?=[\]}}]))"
_KEY: Final = re.compile(rf"({_SCALAR}){_BLANK}:{_BLANK}")
_VALUE: Final = re.compile(_SCALAR)
_BEGIN: Final = re.compile(rf"{_BLANK}([\[{{])")
_BETWEEN: Final = re.compile(_NEXT)
_REST: Final = re.compile(_BLANK)
_CLOSING: Final = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class FlowEntry:
    """Characters of a text that are one entry of a flow mapping or sequence: `key: scalar`, or a scalar."""

    start: int
    end: int
    opening: str
    """The bracket that it needs before it to be read on its own."""
    closing: str


@dataclass(slots=True)
class _Wanted:
    """A part of the paths that are looked for."""

    children: dict[str, _Wanted] = field(default_factory=dict)
    is_end: bool = False
    entry: FlowEntry | None = None


class _UnusualError(Exception):
    """What stands there is for somebody else to read."""


def begins(text: str, span: tuple[int, int]) -> bool:
    """Whether a document is, or begins with, a flow mapping or sequence. `span`: where it stands in the text."""
    return _BEGIN.match(text, *span) is not None


def entries(
    text: str, span: tuple[int, int], paths: Sequence[Sequence[str]]
) -> list[FlowEntry] | None:
    """Return the entries that paths lead to, in the order of the paths; None if they cannot be told by tokens alone."""
    start, end = span
    begin = _BEGIN.match(text, start, end)
    if begin is None or any(not path or len(path) > _DEEPEST for path in paths):
        return None
    root, ends = _Wanted(), list[_Wanted]()
    for path in paths:
        node = root
        for part in path:
            node = node.children.setdefault(part, _Wanted())
        node.is_end = True
        ends.append(node)
    try:
        last = _walk(text, begin.start(1), root)
    except _UnusualError:
        return None
    rest = _REST.match(text, last, end)
    if rest is None or rest.end() != end or not reading.is_whole(text[start:end]):
        return None
    found = [each.entry for each in ends if each.entry is not None]
    return found if len(found) == len(ends) else None


def _walk(text: str, start: int, wanted: _Wanted) -> int:
    """Read the mapping or sequence whose bracket stands at `start`; return where it ends."""
    opening = text[start]
    closing, is_mapping = _CLOSING[opening], opening == "{"
    key_at, value_at, children = _KEY.match, _passed_over().match, wanted.children
    seen: set[str] = set()
    number = 0
    position = _end(_REST.match(text, start + 1))
    while not text.startswith(closing, position):
        value, name = position, ""
        if is_mapping:
            key = key_at(text, position)
            if key is None:
                raise _UnusualError
            value, name = key.end(), _name(key[1])
        else:
            name = str(number)
            number += 1
        if name not in children:
            passed = value_at(text, value)
            if passed is None:
                raise _UnusualError
            position = passed.end()
            continue
        if name in seen:
            raise _UnusualError
        seen.add(name)
        child = children[name]
        end = _inner(text, value, child)
        if child.is_end:
            child.entry = FlowEntry(position, end, opening, closing)
        position = _end(_BETWEEN.match(text, end))
    return position + 1


def _inner(text: str, start: int, wanted: _Wanted) -> int:
    """Read the value that a path leads to or through; return where it ends."""
    if wanted.is_end:
        if wanted.children:
            raise _UnusualError
        return _end(_VALUE.match(text, start))
    if not text.startswith(("{", "["), start):
        raise _UnusualError
    return _walk(text, start, wanted)


def _name(key: str) -> str:
    """Return what a key says. One with escapes is for somebody else: it may say what is wanted."""
    if key[0] == "'":
        return key[1:-1].replace("''", "'")
    if key[0] != '"':
        return key
    if "\\" in key:
        raise _UnusualError
    return key[1:-1]


def _end(match: re.Match[str] | None) -> int:
    if match is None:
        raise _UnusualError
    return match.end()


@cache
def _passed_over() -> re.Pattern[str]:
    """Return what matches a value and the comma after it. Whether its brackets fit is for libyaml to say."""
    value = _SCALAR
    for _ in range(_DEEPEST):
        entry = rf"(?:{_SCALAR}{_BLANK}:{_BLANK})?+{value}{_NEXT}"
        value = rf"(?>{_SCALAR}|[\[{{]{_BLANK}(?>{entry})*+[\]}}])"
    return re.compile(f"{value}{_NEXT}")
