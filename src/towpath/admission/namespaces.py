"""Namespaces: where namespaced objects may be made, and the ones the system itself needs (resources.md §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.admission.finalizers import FINALIZER
from towpath.errors import AlreadyExists, FieldError, Forbidden, Invalid, NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Document, Store

PROJECT_LABEL: Final = "kargo.akuity.io/project"
SYSTEM: Final = ("kargo", "kargo-shared-resources", "kargo-system-resources")
"""Where credentials and settings that belong to no Project live."""


async def check(store: Store, kind: Kind, namespace: str) -> None:
    """Raise NotFound when a namespace does not exist, Invalid when it is no Project's and must be.

    Forbidden while the namespace is being deleted.
    """
    ref = Ref(scheme.NAMESPACE, "", namespace)
    try:
        document = (await store.get(ref, fresh=True)).document
    except NotFound:
        raise NotFound(
            f'namespaces "{namespace}" not found: create the Project {namespace!r} first, or name another '
            "with metadata.namespace"
        ) from None
    metadata = document["metadata"]
    if metadata.get("deletionTimestamp"):
        raise Forbidden(
            f"{kind.resource} cannot be made in {namespace!r}: the Project is being deleted"
        )
    if kind.group != scheme.KARGO:
        return
    if (metadata.get("labels") or {}).get(PROJECT_LABEL) != "true":
        raise Invalid.of(
            kind.qualified,
            "",
            [
                FieldError(
                    "metadata.namespace",
                    "FieldValueInvalid",
                    f'Invalid value: "{namespace}": the namespace is not that of a Project; '
                    f'it lacks the label {PROJECT_LABEL}: "true"',
                )
            ],
        )


def namespace_document(name: str, *, is_project: bool) -> Document:
    """Return a new Namespace, for a Project or for the system."""
    metadata: Document = {"name": name}
    if is_project:
        metadata["labels"] = {PROJECT_LABEL: "true"}
        metadata["finalizers"] = [FINALIZER]
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


async def ensure_system(store: Store, *, actor: str) -> None:
    """Make the system's namespaces where they are missing."""
    for name in SYSTEM:
        try:
            await store.create(namespace_document(name, is_project=False), actor=actor)
        except AlreadyExists:
            continue
