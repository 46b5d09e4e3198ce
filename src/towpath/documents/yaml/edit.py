"""Sets scalars in a YAML text. Every character outside them stays as it is, comments and line ends included.

Every edit is proved by reading the result again. Where one form of a value does not read back, the next is tried;
where none does, nothing is edited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.documents import encoding, key_path
from towpath.documents.edits import Change, Edited, Update
from towpath.documents.yaml import flow, reading, scalars
from towpath.documents.yaml.proof import OriginalReading
from towpath.documents.yaml.regions import ENOUGH, Regions
from towpath.documents.yaml.replacing import replacements
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from towpath.documents.yaml.regions import Region
    from towpath.documents.yaml.replacing import Replacement
    from towpath.documents.yaml.scalars import ScalarPlace

_LARGE: Final = 1 << 16
"""Characters from which on only the lines that a key is about are read event by event."""
_STRICTLY: Final = 1 << 13
"""Characters up to which the strict reader is asked as well; it takes about 30 ms for them."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A scalar to set, within a part of a text."""

    key: str
    parts: tuple[str, ...]
    """Of the path, within the part."""
    value: Any


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a text that is edited on its own."""

    start: int
    end: int
    wanted: list[_Wanted]
    opening: str = ""
    """What is put before it to read it, and `closing` after it."""
    closing: str = ""


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
    head, body = encoding.decoded(data, source)
    by_key = {each.key: each.value for each in updates}
    wanted = [_Wanted(key, tuple(key_path.split(key)), value) for key, value in by_key.items()]
    whole = [_Part(0, len(body), wanted)]
    parts = _parts(body, wanted, enough) if len(body) >= large else None
    if parts is None:
        return _assembled(head, body, whole, source)
    try:
        return _assembled(head, body, parts, source)
    except BadRequest:
        # Of the whole text, so that the lines that the error names are those of the file.
        return _assembled(head, body, whole, source)


def _assembled(head: str, body: str, parts: Iterable[_Part], source: str) -> Edited:
    """Return a text whose parts are edited, each on its own. `parts`: in the order of the text."""
    pieces, changes, doubles = [head], list[Change](), list[str]()
    position, line = 0, 0
    for part in parts:
        itself = body[part.start : part.end]
        edited, said, twice = _edited(f"{part.opening}{itself}{part.closing}", part.wanted, source)
        line += body.count("\n", position, part.start)
        changes += [Change(each.key, each.line + line, each.before, each.after) for each in said]
        doubles += twice
        pieces.append(body[position : part.start])
        pieces.append(edited[len(part.opening) : len(edited) - len(part.closing)])
        line += itself.count("\n")
        position = part.end
    pieces.append(body[position:])
    return Edited("".join(pieces).encode("utf-8"), tuple(changes), tuple(doubles))


def _parts(text: str, wanted: Sequence[_Wanted], enough: int) -> list[_Part] | None:
    """Return the parts of a large text that hold what is wanted; None if it has to be read as a whole."""
    regions = Regions(text, enough=enough)
    if regions.document is None:
        return None
    if flow.begins(text, regions.document):
        return _flow_parts(text, regions.document, wanted)
    found: list[tuple[Region, _Wanted]] = []
    for each in wanted:
        region = regions.region(each.parts)
        if region is None:
            return None
        found.append((region, each))
    found.sort(key=lambda pair: (pair[0].start, -pair[0].end))
    outer: list[Region] = []
    parts: list[_Part] = []
    for region, each in found:
        if not outer or region.start >= outer[-1].end:
            outer.append(region)
            parts.append(_Part(region.start, region.end, []))
        around = outer[-1]
        first = ("0",) if around.is_item else (each.parts[around.depth],)
        inner = _Wanted(each.key, (*first, *each.parts[around.depth + 1 :]), each.value)
        parts[-1].wanted.append(inner)
    return parts if regions.are_parts(outer) else None


def _flow_parts(
    text: str, document: tuple[int, int], wanted: Sequence[_Wanted]
) -> list[_Part] | None:
    entries = flow.entries(text, document, [each.parts for each in wanted])
    if entries is None:
        return None
    parts: dict[int, _Part] = {}
    for entry, each in zip(entries, wanted, strict=True):
        part = _Part(entry.start, entry.end, [], entry.opening, entry.closing)
        first = "0" if entry.opening == "[" else each.parts[-1]
        # Two keys may name one place: both are set there, in their order.
        parts.setdefault(entry.start, part).wanted.append(_Wanted(each.key, (first,), each.value))
    return [parts[start] for start in sorted(parts)]


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
