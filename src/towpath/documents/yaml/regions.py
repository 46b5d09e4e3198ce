"""The few lines of a large YAML text that a key is about, proved to be a part that reads the same on its own.

A file of 2 MB has hundreds of thousands of events, and each costs a Python object. So the way to a key is first looked
for by lines, as a person does: the entry at this column, within it the entry at that column. What is found that way
may be wrong, as a line may lie within a quoted text of many lines. It is right if the text before it, the lines
themselves and the text after it are each read whole by libyaml: in a block mapping or sequence at column c nothing but
an open quote or bracket reaches over a line whose first character stands at column c or before. Whenever anything
is unusual the answer is None, and the caller reads the whole text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.documents.yaml import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ENOUGH: Final = 2048
"""Characters below which a region is not made smaller."""
_TOO_MUCH: Final = 1 << 17
"""Characters above which a region is no help."""
_DIGITS: Final = 7
"""Of the index of an item."""
_MOST_ITEMS_READ: Final = 2_000
"""Items that are read one by one to be sure of their number."""
# All patterns begin with a line end, which searches are quick for: the text gets one more at its begin.
_DOCUMENT: Final = re.compile(r"\n(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
_BEFORE_DOCUMENT: Final = re.compile(r"\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*")
_DOCUMENT_LINE: Final = re.compile(r"---[ \t]*(?:#[^\n]*)?\r?\n")
_HEADER_REST: Final = re.compile(r"[ \t]*(?:#[^\n]*)?\r?\n")
_CONTENT: Final = re.compile(r"\n( *)(?=[^ \r\n#])")
_VALUE_BEGINS: Final = re.compile(r"[ \t]*:(?=[ \t\r\n]|\Z)")
_EASY: Final = re.compile(
    r"(?:[ -]*+(?:[\w./-]++(?::(?: [\w./][\w./:@+-]*+| \[[\w., ]*+\])?)?)?\r?\n)*+", re.ASCII
)
"""Lines that can open neither a quote nor a bracket that they do not close."""
_OPEN: Final = re.compile(r"[\[{](?![^\[\]{}\n#]*+[\]}])")
"""A bracket whose line does not close it next. Where no quotes stand, nothing else reaches over a line of an item."""


@dataclass(frozen=True, slots=True)
class Region:
    """Lines of a text that hold one entry of a mapping or sequence."""

    start: int
    end: int
    depth: int
    """How many parts of the path lead to the mapping or sequence whose entry it is."""
    is_item: bool
    """Whether the entry is an item of a sequence: on its own it is item 0."""
    headers: tuple[str, ...]
    """The lines `key:` above it, one for each part."""


class Regions:
    """Looks for regions of one text; what it learns of the text it keeps for the next path."""

    def __init__(self, text: str, *, enough: int = ENOUGH) -> None:
        """`enough`: characters below which a region is not made smaller."""
        self._text = f"\n{text}"
        self._enough = enough
        self._span = _document(self._text)
        self._odd: dict[tuple[int, int], bool] = {}
        self._quoted: dict[tuple[int, int], bool] = {}
        self._items: dict[int, list[int]] = {}
        """By where a sequence begins: the line ends before its items, as far as they are known, then its end."""
        self._most: dict[int, int] = {}
        """By where a sequence begins: how many items of it may be known at most."""
        self._entries: dict[tuple[str, int], tuple[int, int, int] | None] = {}

    @property
    def document(self) -> tuple[int, int] | None:
        """Where the first document of the text stands; None if it cannot be told by lines alone."""
        return None if self._span is None else (self._span[0] - 1, self._span[1] - 1)

    def region(self, parts: Sequence[str]) -> Region | None:
        """Return the lines that a path leads into; None if they cannot be told by lines alone."""
        if self._span is None:
            return None
        start, end = self._span
        headers: tuple[str, ...] = ()
        for depth, part in enumerate(parts):
            first = _CONTENT.search(self._text, start - 1, end)
            if first is None:
                return None
            indent = first[1]
            if self._text.startswith(("- ", "-\n", "-\r"), first.end()):
                found = self._item(part, indent, first.start(), end)
                return None if found is None else _shifted(*found, depth, True, headers)
            entry = self._entry(part, indent, start, end)
            if entry is None:
                return None
            start, value, end = entry
            rest = _HEADER_REST.match(self._text, value, end)
            if depth + 1 == len(parts) or rest is None or end - start <= self._enough:
                return _shifted(start, end, depth, False, headers)
            headers = (*headers, self._text[start : rest.end()])
            start = rest.end()
        return None

    def are_parts(self, regions: Sequence[Region]) -> bool:
        """Whether disjoint regions, in order, are what they seem: they and the pieces between them are each read whole."""
        if self._span is None:
            return False
        position, headers = self._span[0], ""
        for each in regions:
            before = headers + self._text[position : each.start + 1]
            itself = self._text[each.start + 1 : each.end + 1]
            if not reading.is_whole(before) or not reading.is_whole(itself):
                return False
            position, headers = each.end + 1, "".join(each.headers)
        return reading.is_whole(headers + self._text[position : self._span[1]])

    def _entry(self, part: str, indent: str, start: int, end: int) -> tuple[int, int, int] | None:
        """Return where an entry of a block mapping begins, where its value does, and where it ends."""
        if (part, start) not in self._entries:
            self._entries[part, start] = self._found_entry(part, indent, start, end)
        return self._entries[part, start]

    def _found_entry(
        self, part: str, indent: str, start: int, end: int
    ) -> tuple[int, int, int] | None:
        if self._has_odd_keys(indent, start, end):
            return None
        spellings = [part]
        if self._has_quoted_keys(indent, start, end):
            spellings += [f"'{part}'", f'"{part}"']
        found: list[tuple[int, int]] = [
            (at + 1, match.end())
            for spelling in spellings
            for at in _occurrences(self._text, f"\n{indent}{spelling}", start - 1, end)
            if (match := _VALUE_BEGINS.match(self._text, at + 1 + len(indent) + len(spelling), end))
        ]
        if len(found) != 1:
            return None
        begin, value = found[0]
        after = re.compile(rf"\n {{0,{len(indent)}}}(?![ \r\n#]|-(?:[ \t\r\n]|\Z)|\Z)").search(
            self._text, value, end
        )
        return begin, value, after.start() + 1 if after else end

    def _has_odd_keys(self, indent: str, start: int, end: int) -> bool:
        """Whether a mapping may have keys that are not found by their text: with anchors, tags, escapes, on two lines."""
        column = (start, len(indent))
        if column not in self._odd:
            odd = re.compile(rf"\n{indent}(?:[&!*|>%@`{{\[\t]|[?:](?:[ \t\r\n]|\Z)|\"[^\"\n]*\\)")
            self._odd[column] = odd.search(self._text, start - 1, end) is not None
        return self._odd[column]

    def _has_quoted_keys(self, indent: str, start: int, end: int) -> bool:
        column = (start, len(indent))
        if column not in self._quoted:
            quoted = re.compile(rf"\n{indent}['\"]")
            self._quoted[column] = quoted.search(self._text, start - 1, end) is not None
        return self._quoted[column]

    def _item(self, part: str, indent: str, start: int, end: int) -> tuple[int, int] | None:
        """Return the lines of an item of a block sequence. `start`: the line end before the first one.

        No line before it may begin within an open quote or bracket, so that the number of items before it is right.
        """
        if not part.isdecimal() or len(part) > _DIGITS:
            return None
        wanted = int(part)
        if start not in self._items:
            self._items[start] = self._easy_items(indent, start, end)
            self._most[start] = len(self._items[start]) + _MOST_ITEMS_READ
        begins = self._items[start]
        while len(begins) <= wanted + 1 and begins[-1] < end:
            after = self._next_item(indent, begins[-1] + 1, end)
            itself = self._text[begins[-1] + 1 : after + 1]
            if len(begins) > self._most[start] or not reading.is_whole(itself):
                return None
            begins.append(after)
        if len(begins) <= wanted + 1:
            return None
        return begins[wanted] + 1, min(begins[wanted + 1] + 1, end)

    def _next_item(self, indent: str, start: int, end: int) -> int:
        """Return where the line end before the next item of a sequence is; the end of the sequence if there is none."""
        for at in _occurrences(self._text, f"\n{indent}-", start, end):
            if self._text[at + len(indent) + 2 : at + len(indent) + 3] in ("", " ", "\n", "\r"):
                return at
        return end

    def _easy_items(self, indent: str, start: int, end: int) -> list[int]:
        """Return the line ends before the items up to which no line can leave a quote or bracket open.

        At the last of them the sequence ends if none of its lines can.
        """
        until = self._easy_until(start + 1, end)
        items = re.compile(rf"\n{indent}-(?=[ \r\n]|\Z)")
        reach = min(until + len(indent) + 2, end)
        found = [
            at
            for each in items.finditer(self._text, start + 1, reach)
            if (at := each.start()) < until
        ]
        return [start, *found, *([end] if until == end else [])]

    def _easy_until(self, start: int, end: int) -> int:
        if (
            self._text.find('"', start, end) < 0
            and self._text.find("'", start, end) < 0
            and _OPEN.search(self._text, start, end) is None
        ):
            return end
        easy = _EASY.match(self._text, start, end)
        return easy.end() if easy else start


def _shifted(
    start: int, end: int, depth: int, is_item: bool, headers: tuple[str, ...]
) -> Region | None:
    """Return a region of the text as it was given, without the line end at its begin."""
    if end - start > _TOO_MUCH:
        return None
    return Region(start - 1, end - 1, depth, is_item=is_item, headers=headers)


def _document(text: str) -> tuple[int, int] | None:
    """Return where the first document begins and ends.

    None if it has directives, begins on its marker's line, or ends lines as nobody else does.
    """
    if "\r" in text and re.search("\r(?!\n)", text):
        return None
    if any(character in text for character in "\x85\u2028\u2029"):
        return None
    before = _BEFORE_DOCUMENT.match(text)
    start = before.end() if before else 1
    if text.startswith("%", start):
        return None
    if _DOCUMENT.match(text, start - 1):
        line = _DOCUMENT_LINE.match(text, start)
        if line is None:
            return None
        start = line.end()
    end = _DOCUMENT.search(text, start - 1)
    return start, end.start() + 1 if end else len(text)


def _occurrences(text: str, wanted: str, start: int, end: int) -> Iterator[int]:
    at = text.find(wanted, start, end)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1, end)
