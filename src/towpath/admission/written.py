"""What became of a write."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec

from towpath.admission.warnings import Warnings

if TYPE_CHECKING:
    from towpath.store.contract import Document, Stored


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write."""

    stored: Stored
    warnings: tuple[str, ...] = ()
    unchanged: bool = False
    """Nothing was written: the object was like that already."""
    created: bool = False
    """An apply made the object."""
    said: Warnings = field(default_factory=Warnings, repr=False)
    """The warnings but those about unknown fields that an apply has found."""


def unwritten(stored: Stored, old: Document | None) -> Stored:
    """Return what a dry run shows: an object that has taken no revision of its own."""
    document = stored.document
    revision = old["metadata"]["resourceVersion"] if old is not None else None
    document["metadata"]["resourceVersion"] = revision
    if revision is None:
        del document["metadata"]["resourceVersion"]
    return replace(stored, raw=msgspec.json.encode(document))
