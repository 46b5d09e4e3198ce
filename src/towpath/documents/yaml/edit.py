"""Sets scalars in a YAML text. Every character outside them stays as it is, comments and line ends included.

Every edit is proved by reading the result again. Where one form of a value does not read back, the next is tried;
where none does, nothing is edited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.documents import key_path
from towpath.documents.yaml import reading, scalars
from towpath.documents.yaml.proof import OriginalReading
from towpath.documents.yaml.regions import ENOUGH, Regions
from towpath.documents.yaml.replacing import replacements
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from towpath.documents.yaml.regions import Region
    from towpath.documents.yaml.replacing import Replacement
    from towpath.documents.yaml.scalars import ScalarPlace

_BOM: Final = "\ufeff"
_LARGE: Final = 1 << 16
"""Characters from which on only the lines that a key is about are read event by event."""
_STRICTLY: Final = 1 << 13
"""Characters up to which the strict reader is asked as well; it takes about 30 ms for them."""


@dataclass(frozen=True, slots=True)
class Update:
    """A scalar and its new value."""

    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a scalar."""

    key: str
    line: int
    """Where it stood, from 1."""
    before: str
    after: Any


@dataclass(frozen=True, slots=True)
class Edited:
    """A text after its edits."""

    data: bytes
    changes: tuple[Change, ...]
    """In the order of the text."""
    doubles: tuple[str, ...]
    """Keys that stand twice elsewhere in it, for people; looked for in texts below 64 KiB and where they are edited."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A scalar to set, within a part of a text."""

    key: str
    parts: tuple[str, ...]
    """Of the path, within the part."""
    value: Any


def update(
    data: bytes,
    updates: Sequence[Update],
    *,
    source: str,
    large: int = _LARGE,
    enough: int = ENOUGH,
) -> Edited:
    """Return a text with scalars set; of two updates of one key the later one counts.

    `source` names the text in errors; a text of `large` characters or more is read in parts, which are
    not made smaller than `enough`. Raises BadRequest for what
    is no UTF-8 or no YAML, for keys that do not exist or lead to something else than a scalar, for values that are none,
    and for an edit that no reader would read back.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{source}: byte {error.start} is not UTF-8") from error
    head, body = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    by_key = {each.key: each.value for each in updates}
    wanted = [_Wanted(key, tuple(key_path.split(key)), value) for key, value in by_key.items()]
    parts = _parts(body, wanted, enough) if len(body) >= large else None
    if parts is None:
        parts = [(0, len(body), wanted)]
    pieces, changes, doubles = [head], list[Change](), list[str]()
    position, line = 0, 0
    for start, end, inside in parts:
        edited, said, twice = _edited(body[start:end], inside, source)
        line += body.count("\n", position, start)
        changes += [Change(each.key, each.line + line, each.before, each.after) for each in said]
        doubles += twice
        pieces += [body[position:start], edited]
        line += body.count("\n", start, end)
        position = end
    pieces.append(body[position:])
    return Edited("".join(pieces).encode("utf-8"), tuple(changes), tuple(doubles))


def _parts(
    text: str, wanted: Iterable[_Wanted], enough: int
) -> list[tuple[int, int, list[_Wanted]]] | None:
    """Return the parts of a large text that hold what is wanted; None if it has to be read as a whole."""
    regions = Regions(text, enough=enough)
    found: list[tuple[Region, _Wanted]] = []
    for each in wanted:
        region = regions.region(each.parts)
        if region is None:
            return None
        found.append((region, each))
    found.sort(key=lambda pair: (pair[0].start, -pair[0].end))
    outer: list[Region] = []
    parts: list[tuple[int, int, list[_Wanted]]] = []
    for region, each in found:
        if not outer or region.start >= outer[-1].end:
            outer.append(region)
            parts.append((region.start, region.end, []))
        around = outer[-1]
        first = ("0",) if around.is_item else (each.parts[around.depth],)
        inner = _Wanted(each.key, (*first, *each.parts[around.depth + 1 :]), each.value)
        parts[-1][2].append(inner)
    return parts if regions.are_parts(outer) else None


def _edited(
    text: str, wanted: Sequence[_Wanted], source: str
) -> tuple[str, list[Change], tuple[str, ...]]:
    """Return a part with its scalars set, what changed (lines within the part), and keys that stand twice."""
    events = reading.events(text, source)
    found = scalars.find(events, [(each.key, each.parts) for each in wanted], source)
    # Two keys may name one place: the last one counts.
    by_place = {found.places[each.key]: each for each in wanted}
    ordered = sorted(by_place, key=lambda place: place.event)
    values = {place.event: by_place[place].value for place in ordered}
    reader = OriginalReading(text, events, strictly=len(text) <= _STRICTLY)
    forms = {place: _tried(text, place, by_place[place], source) for place in ordered}
    first = [form for place in ordered if (form := next(forms[place], None)) is not None]
    result = _applied(text, first)
    if len(first) < len(ordered) or not reader.proves(result, values):
        result = _one_by_one(text, reader, by_place, source)
    changes = [
        Change(by_place[place].key, place.line, place.value, by_place[place].value)
        for place in ordered
    ]
    return result, changes, found.doubles


def _one_by_one(
    text: str, reader: OriginalReading, by_place: Mapping[ScalarPlace, _Wanted], source: str
) -> str:
    """Return a text in which each scalar has the first form that reads back beside those set already."""
    chosen: list[Replacement] = []
    values: dict[int, Any] = {}
    result = text
    for place in sorted(by_place, key=lambda each: each.event):
        wanted = by_place[place]
        values[place.event] = wanted.value
        for form in _tried(text, place, wanted, source):
            result = _applied(text, [*chosen, form])
            if reader.proves(result, values):
                chosen.append(form)
                break
        else:
            raise BadRequest(
                f"{source}: key {wanted.key!r}: no way was found to write the value in line {place.line} so that every "
                "reader reads the file as before but for it; the file is left as it is. Write the scalar on the line of "
                "its key, in double quotes, and try again"
            )
    return result


def _tried(text: str, place: ScalarPlace, wanted: _Wanted, source: str) -> Iterator[Replacement]:
    try:
        yield from replacements(text, place, wanted.value)
    except BadRequest as error:
        raise BadRequest(f"{source}: key {wanted.key!r}: {error.message}") from error


def _applied(text: str, chosen: Iterable[Replacement]) -> str:
    pieces, position = [], 0
    for each in sorted(chosen, key=lambda replacement: replacement.start):
        pieces += [text[position : each.start], each.text]
        position = each.end
    return "".join((*pieces, text[position:]))
