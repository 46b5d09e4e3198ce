"""What the store holds of an object and cannot be read: one damaged row is told, and keeps no others from being read.

A disk may return other bytes than were written, a program of somebody else may have written into the file. Such an object is
shown in lists, by name and with what is wrong; it is not acted on and not changed; it can be deleted.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import errors
from towpath.messages import cut
from towpath.resources.annotations import DAMAGED

if TYPE_CHECKING:
    from towpath.resources.document import Document
    from towpath.resources.kinds import Ref

UNOPENED: Final = "it cannot be opened"
"""What is wrong where nothing is left to read: of a sealed object that was changed or moved."""

_REMEDY: Final = (
    "the database is damaged; delete the object and apply its manifest again, or restore a backup with "
    "`towpath restore`"
)
_LONGEST: Final = 300
_MOST_TOLD: Final = 1_000
_log = logging.getLogger(__name__)
_told: dict[tuple[str, int], None] = {}
"""Uid and contents of what the log has named; the oldest go when there are too many."""


class Damaged(errors.TowpathError):
    """What is stored of an object is no document."""


def document(ref: Ref, raw: bytes) -> Document:
    """Return the document that the JSON of an object is. Raises Damaged if it is none."""
    try:
        found: Any = msgspec.json.decode(raw)
    except (ValueError, RecursionError) as error:
        raise of(ref, str(error) if raw else UNOPENED) from error
    if not isinstance(found, dict):
        raise of(ref, f"it is {type(found).__name__}, not an object")
    if not isinstance(found.get("metadata"), dict):
        raise of(ref, "it has no metadata")
    return found


def seen(ref: Ref, raw: bytes) -> Document:
    """Return what selectors and orders look at: of a damaged object its name alone."""
    try:
        return document(ref, raw)
    except Damaged:
        return _named(ref)


def of(ref: Ref, said: str) -> Damaged:
    """Return the error for an object. `said`: what is wrong with what is stored of it."""
    return Damaged(f"{ref}: what is stored of it is damaged ({cut(said, _LONGEST)}): {_REMEDY}")


def tell(uid: str, raw: bytes, error: errors.TowpathError) -> None:
    """Have the log say what is wrong with an object, once for each state of it."""
    state = (uid, hash(raw))
    if state not in _told:
        _told[state] = None
        if len(_told) > _MOST_TOLD:
            del _told[next(iter(_told))]
        _log.error("%s", error)


def stand_in(ref: Ref, uid: str, revision: int, error: Damaged) -> Document:
    """Return what is shown in the place of a damaged object."""
    found = _named(ref)
    found["metadata"] |= {
        "uid": uid,
        "resourceVersion": str(revision),
        "annotations": {DAMAGED: error.message},
    }
    return found


def _named(ref: Ref) -> Document:
    metadata = {"name": ref.name, **({"namespace": ref.namespace} if ref.namespace else {})}
    return {"apiVersion": ref.kind.api_version, "kind": ref.kind.name, "metadata": metadata}
