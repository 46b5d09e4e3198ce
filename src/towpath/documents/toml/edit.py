"""Sets scalars in a TOML text. Every byte outside them stays as it is.

The edit is proved: the strict reader of the standard library reads the text before and after it, and what it says is the
same but for the scalars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.documents import encoding, key_path
from towpath.documents.edits import Change, Edited
from towpath.documents.toml import places, reading
from towpath.documents.toml.rendering import rendered
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.documents.edits import Update

_MOST_BITS: Final = 4_096
"""Of an integer that is told in digits."""


def update(data: bytes, updates: Sequence[Update], *, source: str) -> Edited:
    """Return a text with scalars set; of two updates of one key the later one counts.

    `source` names the text in errors. Raises BadRequest for what is no UTF-8 or no TOML, for keys that do not exist or lead
    to something else than a scalar, for values that are none, and for an edit that does not read back.
    """
    mark, written = encoding.decoded(data, source)
    head, body = mark.encode(), data[len(mark.encode()) :]
    document = reading.read(written, source)
    by_path: dict[places.Path, Update] = {}
    before: dict[places.Path, Any] = {}
    for each in updates:
        try:
            scalar, path = reading.reached(document, key_path.split(each.key), each.key)
            _ = rendered(each.value)
        except BadRequest as error:
            named = "" if error.message.startswith("key ") else f"key {each.key!r}: "
            raise BadRequest(f"{source}: {named}{error.message}") from error
        by_path[path], before[path] = each, scalar
    spans = places.find(body, list(by_path))
    changes: list[Change] = []
    pieces, position, line, counted = [head], 0, 1, 0
    for path in sorted(spans, key=lambda each: spans[each]):
        start, end = spans[path]
        wanted = by_path[path]
        line += body.count(b"\n", counted, start)
        counted = start
        changes.append(Change(wanted.key, line, _told(before[path]), wanted.value))
        if not _reads_as(before[path], wanted.value):
            written = rendered(wanted.value)
            pieces += [body[position:start], written.encode()]
            position = end
            reading.put(document, path, reading.read(f"value = {written}", source)["value"])
    pieces.append(body[position:])
    after = b"".join(pieces)
    if len(spans) < len(by_path) or not _proves(after[len(head) :], document, source):
        keys = messages.first([each.key for each in by_path.values()], 3)
        raise BadRequest(
            f"{source}: no way was found to set {keys} so that the file reads as before but for it; the file is left as it is"
        )
    return Edited(after, tuple(changes))


def _proves(after: bytes, document: dict[str, Any], source: str) -> bool:
    try:
        return reading.same(reading.read(after.decode("utf-8"), source), document)
    except (BadRequest, RecursionError):
        return False


def _reads_as(there: Any, wanted: Any) -> bool:
    """Whether a scalar says a value already, however it is spelled; an integer may be a float to who asks for it."""
    if isinstance(there, reading.Float):
        there = there.number
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return isinstance(there, int | float) and not isinstance(there, bool) and there == wanted
    return type(there) is type(wanted) and bool(there == wanted)


def _told(value: Any) -> str:
    match value:
        case reading.Float():
            return value.text
        case bool():
            return "true" if value else "false"
        case int() if value.bit_length() > _MOST_BITS:
            return "a number of thousands of digits"
        case _:
            return str(value)
