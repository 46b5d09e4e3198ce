"""What an update keeps although the given document does not have it.

Finalizers, owner references and status belong to controllers; so do some labels and annotations. A manifest
that a user keeps in Git has none of them, and applying it must not take them away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from towpath.store.contract import Document

_PREFIX: Final = "kargo.akuity.io/"
LABELS: Final = frozenset(
    _PREFIX + name
    for name in (
        "alias",
        "shard",
        "stage",
        "freight-collection",
        "project",
        "replicated-from",
        "replicated-sha",
    )
)
ANNOTATIONS: Final = frozenset(
    _PREFIX + name
    for name in (
        "refresh",
        "reverify",
        "abort",
        "create-actor",
        "auto-promotion-hold",
        "auto-promotion-resume",
        "stage",
        "promotion",
        "rollback",
        "argocd-context",
        "migrated",
        "replicated-at",
    )
)
_OURS_PREFIX: Final = "towpath.dev/"


def with_kept(document: Document, old: Document) -> Document:
    """Return `document` with what of `old` an update does not take away."""
    metadata = document.setdefault("metadata", {})
    before = old["metadata"]
    for key in ("finalizers", "ownerReferences", "managedFields"):
        if before.get(key):
            metadata[key] = before[key]
        else:
            metadata.pop(key, None)
    _keep(metadata, before, "labels", LABELS)
    _keep(metadata, before, "annotations", ANNOTATIONS)
    document.pop("status", None)
    if "status" in old:
        document["status"] = old["status"]
    return with_creator(document, old)


def with_creator(document: Document, old: Document) -> Document:
    """Return `document` with who made the object, which nobody can change."""
    created_by = (old["metadata"].get("annotations") or {}).get(_PREFIX + "create-actor")
    metadata = document.get("metadata")
    if created_by is not None and isinstance(metadata, dict):
        given = metadata.get("annotations")
        found = given if isinstance(given, dict) else {}
        metadata["annotations"] = {**found, _PREFIX + "create-actor": created_by}
    return document


def _keep(metadata: dict[str, Any], before: dict[str, Any], key: str, ours: frozenset[str]) -> None:
    given = metadata.get(key)
    wanted = dict(given) if isinstance(given, dict) else {}
    for name, value in (before.get(key) or {}).items():
        if (name in ours or name.startswith(_OURS_PREFIX)) and name not in wanted:
            wanted[name] = value
    if wanted or given:
        metadata[key] = wanted
