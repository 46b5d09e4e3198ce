"""What an update keeps although the given document does not have it.

Finalizers, owner references and status belong to controllers; so do some labels and annotations. A manifest
that a user keeps in Git has none of them, and applying it must not take them away. An empty list of finalizers is no such manifest: who writes one wants them gone, and ours alone stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.admission.finalizers import FINALIZER
from towpath.resources import annotations as keys
from towpath.resources import labels

if TYPE_CHECKING:
    from towpath.store.contract import Document

LABELS: Final = frozenset(
    {
        labels.ALIAS_LABEL,
        labels.SHARD_LABEL,
        labels.STAGE_LABEL,
        labels.FREIGHT_COLLECTION_LABEL,
        labels.PROJECT_LABEL,
        labels.REPLICATED_FROM,
        labels.REPLICATED_SHA,
    }
)
ANNOTATIONS: Final = frozenset(
    {
        keys.REFRESH,
        keys.REVERIFY,
        keys.ABORT,
        keys.CREATE_ACTOR,
        keys.VIA,
        keys.HOLD,
        keys.RESUME,
        keys.STAGE,
        keys.PROMOTION,
        keys.ROLLBACK,
        keys.ARGOCD_CONTEXT,
        keys.MIGRATED,
        keys.REPLICATED_AT,
        keys.RETRY_OF,
        keys.RETRY_FROM,
        keys.RETRY_NOTE,
        keys.PLAN,
    }
)


def with_kept(document: Document, old: Document) -> Document:
    """Return `document` with what of `old` an update does not take away."""
    metadata = document.setdefault("metadata", {})
    before = old["metadata"]
    emptied = metadata.get("finalizers") == []
    for key in ("finalizers", "ownerReferences", "managedFields"):
        if before.get(key):
            metadata[key] = before[key]
        else:
            metadata.pop(key, None)
    if emptied:
        _release(metadata)
    _keep(metadata, before, "labels", LABELS)
    _keep(metadata, before, "annotations", ANNOTATIONS)
    document.pop("status", None)
    if "status" in old:
        document["status"] = old["status"]
    return with_creator(document, creator_of(old))


def _release(metadata: Document) -> None:
    """Take away all finalizers but ours: a list that is written down and empty says that nobody is to be waited for."""
    left = [name for name in metadata.pop("finalizers", ()) if name == FINALIZER]
    if left:
        metadata["finalizers"] = left


def creator_of(document: Document) -> Any:
    """Return what a document says of who made it, None if nothing."""
    annotations = document["metadata"].get("annotations")
    return annotations.get(keys.CREATE_ACTOR) if isinstance(annotations, dict) else None


def with_creator(document: Document, creator: Any) -> Document:
    """Return `document` with who made the object, which nobody can change."""
    metadata = document.get("metadata")
    if creator is not None and isinstance(metadata, dict):
        given = metadata.get("annotations")
        found = given if isinstance(given, dict) else {}
        metadata["annotations"] = {**found, keys.CREATE_ACTOR: creator}
    return document


def _is_of_system(name: str) -> bool:
    return name.startswith(keys.OURS) and name not in keys.OF_USERS


def _keep(metadata: dict[str, Any], before: dict[str, Any], key: str, ours: frozenset[str]) -> None:
    given = metadata.get(key)
    wanted = dict(given) if isinstance(given, dict) else {}
    for name, value in (before.get(key) or {}).items():
        if name not in wanted and (name in ours or _is_of_system(name)):
            wanted[name] = value
    if wanted or given:
        metadata[key] = wanted
