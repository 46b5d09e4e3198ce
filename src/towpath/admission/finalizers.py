"""Our finalizer: an object that has it waits for its controller before it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from towpath.store.contract import Document

FINALIZER: Final = "kargo.akuity.io/finalizer"


def is_on(document: Document) -> bool:
    """Whether an object has it."""
    return FINALIZER in (document["metadata"].get("finalizers") or ())


def added(metadata: Document) -> Document:
    """Return metadata with it, for `Writer.modify`; that of an object which is being deleted as it is."""
    found = metadata.get("finalizers") or []
    if FINALIZER not in found and not metadata.get("deletionTimestamp"):
        metadata["finalizers"] = [*found, FINALIZER]
    return metadata


def removed(metadata: Document) -> Document:
    """Return metadata without it, for `Writer.modify`."""
    left = [name for name in metadata.get("finalizers") or () if name != FINALIZER]
    metadata.pop("finalizers", None)
    if left:
        metadata["finalizers"] = left
    return metadata
