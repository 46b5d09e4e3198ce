"""Sets values in a JSON text. Every character outside them stays as it is; what a path asks for and is not there is made.

Every edit is proved: the text is read again, pair by pair, and is what it was but for the value.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.documents import encoding
from towpath.documents.edits import Change, Edited
from towpath.documents.json import finding, making, paths, reading, rendering, searching
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.documents.edits import Update
    from towpath.documents.json.paths import PathPart

_MOST_DOUBLES: Final = 20
_LONGEST_SHOWN: Final = 200


@dataclass(slots=True)
class _Text:
    """A text under edit: as it is, and with its comments blanked."""

    written: str
    bare: str

    def replace(self, start: int, end: int, text: str) -> None:
        self.written = f"{self.written[:start]}{text}{self.written[end:]}"
        self.bare = f"{self.bare[:start]}{text}{self.bare[end:]}"


def update(data: bytes, updates: Sequence[Update], *, source: str) -> Edited:
    """Return a text with values set, one after the other; an empty text becomes the document that is made.

    `source` names the text in errors. Raises BadRequest for what is no UTF-8 or no JSON, for keys that cannot be read
    or that lead into an array by a name, for values that are no string, number or boolean, and for an edit that does not
    read back.
    """
    head, body = encoding.decoded(data, source)
    tree: Any = None
    bare = body
    if body.strip(" \t\r\n"):
        bare, tree = reading.read(body, source)
    try:
        return _edited(_Text(body, bare), tree, updates, head, source)
    except RecursionError as error:
        raise BadRequest(f"{source}: it is nested too deep to be edited") from error


def _edited(text: _Text, tree: Any, updates: Sequence[Update], head: str, source: str) -> Edited:
    doubles = _doubles(tree)
    changes: list[Change] = []
    for each in updates:
        try:
            parts = paths.split(each.key)
            written = rendering.rendered(each.value)
            tree = _set(text, tree, parts, each, written, changes)
        except BadRequest as error:
            key = messages.cut(each.key, _LONGEST_SHOWN)
            raise BadRequest(f"{source}: key {key!r}: {error.message}") from error
    if not _reads_as(text, tree):
        raise BadRequest(
            f"{source}: no way was found to write the values so that the file reads as before but for them; the file is left as "
            "it is"
        )
    return Edited(f"{head}{text.written}".encode(), tuple(changes), doubles)


def _set(
    text: _Text,
    tree: Any,
    parts: Sequence[PathPart],
    wanted: Update,
    written: str,
    changes: list[Change],
) -> Any:
    """Set all that a path leads to; return what the text is to say then."""
    if not any(part.pattern for part in parts):
        return _set_one(text, tree, parts, wanted, written, changes)
    if tree is None:
        return tree
    for path in searching.found(tree, parts):
        tree = _set_one(text, tree, path, wanted, written, changes)
    return tree


def _set_one(
    text: _Text,
    tree: Any,
    parts: Sequence[PathPart],
    wanted: Update,
    written: str,
    changes: list[Change],
) -> Any:
    if not text.bare.strip(" \t\r\n"):
        text.replace(0, len(text.bare), making.root(parts, written))
        changes.append(Change(wanted.key, 1, None, wanted.value))
        return making.tree(parts, rendering.value(written))
    place = finding.find(text.bare, parts)
    line = text.bare.count("\n", 0, place.start) + 1
    before = text.bare[place.start : place.end]
    if place.depth == len(parts):
        changes.append(Change(wanted.key, line, rendering.told(before), wanted.value))
        if rendering.reads_as(before, wanted.value):
            return tree
        text.replace(place.start, place.end, written)
    else:
        changes.append(Change(wanted.key, line, None, wanted.value))
        insertion = making.insertion(text.bare, text.written, place, parts[place.depth :], written)
        text.replace(insertion.start, insertion.end, insertion.text)
    return making.with_value(tree, parts, rendering.value(written))


def _reads_as(text: _Text, tree: Any) -> bool:
    """Whether a text says what it is to say, read anew: comments are looked for in the text as it is now."""
    if tree is None:
        return True
    try:
        after = (
            text.written if text.written == text.bare else reading.without_comments(text.written)
        )
        return bool(reading.tree(after) == tree)
    except ValueError:
        return False


def _doubles(tree: Any) -> tuple[str, ...]:
    """Return the keys that stand twice in one object, by their paths."""
    found: list[str] = []
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), tree)]
    while waiting and len(found) < _MOST_DOUBLES:
        path, value = waiting.pop()
        if isinstance(value, reading.Pairs):
            if len(dict(value.pairs)) < len(value.pairs):
                begin = _dotted(path)
                counts = Counter(name for name, _ in value.pairs)
                found += [f"'{begin}{name}' is there twice" for name in counts if counts[name] > 1]
            waiting += [
                ((path, name), inner)
                for name, inner in value.pairs
                if isinstance(inner, reading.Pairs | list)
            ]
        elif isinstance(value, list):
            waiting += [
                ((path, place), inner)
                for place, inner in enumerate(value)
                if isinstance(inner, reading.Pairs | list)
            ]
    return tuple(found[:_MOST_DOUBLES])


def _dotted(path: tuple[Any, ...]) -> str:
    parts: list[str] = []
    while path:
        path, part = path
        parts.append(f"{part}.")
    return "".join(reversed(parts))
