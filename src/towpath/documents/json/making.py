"""What is made where a path leads to nothing yet: upstream's layout, to the character, as long as no comment is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.documents.json import finding, paths, reading
from towpath.documents.json.reading import Pairs
from towpath.documents.json.rendering import string
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.documents.json.finding import Place
    from towpath.documents.json.paths import PathPart

MOST_NULLS: Final = 1_000
"""Items that may be made before the one that is asked for."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """A piece of a text and what is written in its place."""

    start: int
    end: int
    text: str


def root(parts: Sequence[PathPart], written: str) -> str:
    """Return the text of a document in which a path leads to a value."""
    inner = _made(parts, written)
    is_array = parts[0].index is not None
    # An empty text is no array to append to: only a number makes one.
    return f"[{inner}]" if is_array else f"{{{string(parts[0].text)}:{_below(parts, written)}}}"


def tree(parts: Sequence[PathPart], value: Any) -> Any:
    """Return what `root` says."""
    first, rest = parts[0], parts[1:]
    inner = _tree_below(rest, value)
    if first.index is not None:
        return [*_nulls(first.index), inner]
    return Pairs([(first.text, inner)])


def insertion(
    bare: str, written: str, place: Place, parts: Sequence[PathPart], value: str
) -> Insertion:
    """Return what is to be written so that parts lead to a value from the innermost value that is there.

    `bare` is the text with comments blanked. Raises BadRequest for a name in an array.
    """
    opening = bare[place.start]
    if opening not in "{[":
        return Insertion(place.start, place.end, root(parts, value))
    last = place.end - 1
    before = written[place.start + 1 : last].rstrip(" \t\r\n")
    is_empty = not bare[place.start + 1 : last].strip(" \t\r\n")
    comma = "" if is_empty or _ends_in_comma(written[place.start : place.end]) else ","
    if opening == "{":
        pair = f"{comma}{string(parts[0].text)}:{_below(parts, value)}"
        return _closed(bare, written, place, pair, "}")
    index = parts[0].index
    if index is None and not parts[0].is_append:
        raise BadRequest(
            f"an array has no {parts[0].text!r}; write the number of an item, or -1 for one after the last"
        )
    if index is None:
        return _closed(bare, written, place, f"{comma}{_below(parts, value)}", "]")
    spans = list(finding.items(bare, place.start))
    nulls = ["null"] * len(_nulls(index - len(spans)))
    if "\n" in before or written[place.start : place.end] != bare[place.start : place.end]:
        return _closed(bare, written, place, comma + ",".join([*nulls, _below(parts, value)]), "]")
    kept = [bare[start:end] for start, end in spans]
    return _whole(bare, written, place, f"[{','.join([*kept, *nulls, _below(parts, value)])}]")


def with_value(document: Any, parts: Sequence[PathPart], value: Any) -> Any:
    """Return what a document says once parts lead to a value."""
    if not parts:
        return value
    part, rest = parts[0], parts[1:]
    if isinstance(document, Pairs):
        place = document.place(part.text)
        if place is None:
            return Pairs([*document.pairs, (part.text, _tree_below(rest, value))])
        name, inner = document.pairs[place]
        document.pairs[place] = (name, with_value(inner, rest, value))
        return document
    if isinstance(document, list):
        index = paths.number(part.text)
        number = len(document) if index is None else index
        if number < len(document):
            document[number] = with_value(document[number], rest, value)
            return document
        return [*document, *_nulls(number - len(document)), _tree_below(rest, value)]
    return tree(parts, value)


def _below(parts: Sequence[PathPart], written: str) -> str:
    """Return the text of what the first part leads to."""
    rest = parts[1:]
    if not rest:
        return written
    if rest[0].index is not None or rest[0].is_append:
        return f"[{_made(rest, written)}]"
    return f"{{{string(rest[0].text)}:{_below(rest, written)}}}"


def _made(parts: Sequence[PathPart], written: str) -> str:
    nulls = "null," * len(_nulls(parts[0].index or 0))
    return f"{nulls}{_below(parts, written)}"


def _tree_below(rest: Sequence[PathPart], value: Any) -> Any:
    if not rest:
        return value
    if rest[0].is_append:
        return [_tree_below(rest[1:], value)]
    return tree(rest, value)


def _nulls(count: int) -> list[None]:
    if count > MOST_NULLS:
        raise BadRequest(
            f"{count:,} items would have to be made before the one that is asked for, {MOST_NULLS:,} at the most may be; "
            "write -1 for the item after the last"
        )
    return [None] * count


def _closed(bare: str, written: str, place: Place, inner: str, closing: str) -> Insertion:
    """Return what puts something before the closing bracket of an object or array."""
    if place.depth or bare != written:
        return Insertion(place.end - 1, place.end - 1, inner)
    return _whole(bare, written, place, f"{bare[place.start : place.end - 1]}{inner}{closing}")


def _whole(bare: str, written: str, place: Place, text: str) -> Insertion:
    """Return what takes the place of a value; around the document's own value upstream drops the blanks."""
    if place.depth or bare != written:
        return Insertion(place.start, place.end, text)
    return Insertion(0, len(bare), text)


def _ends_in_comma(written: str) -> bool:
    """Whether a comma stands before the closing bracket already, as no JSON has it."""
    return reading.without_comments(written, commas=True)[:-1].rstrip(" \t\r\n").endswith(",")
