"""Namespaces: where namespaced objects may be made, and the ones the system itself needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.admission.finalizers import FINALIZER
from towpath.admission.kind_rules import KindRules, labels_of
from towpath.errors import AlreadyExists, FieldError, Forbidden, Invalid, NotFound
from towpath.resources import booleans, scheme, shared_namespaces
from towpath.resources.kinds import Ref
from towpath.resources.labels import PROJECT_LABEL
from towpath.resources.shared_namespaces import SHARED, SYSTEM_RESOURCES

if TYPE_CHECKING:
    from towpath.admission.requester import Requester
    from towpath.resources.kinds import Kind
    from towpath.store.contract import Document, Store, Stored

SYSTEM: Final = (shared_namespaces.SYSTEM, SHARED, SYSTEM_RESOURCES)
"""Where credentials and settings that belong to no Project live."""
DEFAULT: Final = "default"
"""The namespace that kubectl means where none is named."""
PROTECTED: Final = frozenset({*SYSTEM, DEFAULT})
"""Namespaces that stay."""
CONTENTS: Final = "kubernetes"
"""In `spec.finalizers`: what is in the namespace must go first."""
NAME_LABEL: Final = "kubernetes.io/metadata.name"
"""Has the namespace's name, so that namespaces can be selected by it."""
_TERMINATING: Final = "NamespaceTerminating"


class NamespaceRules(KindRules):
    """Rules of Namespaces: they are held until they are empty, and those of the system stay."""

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Hold a new one by what will be in it; `spec` changes by `finalize` alone."""
        del requester
        if old is None:
            document["spec"] = {"finalizers": [CONTENTS]}
        elif "spec" in old:
            document["spec"] = old["spec"]
        name = document["metadata"].get("name")
        if isinstance(name, str) and name:
            labels_of(document)[NAME_LABEL] = name
        return document

    async def check_deletion(self, stored: Stored, requester: Requester) -> None:
        """Raise Forbidden for the namespaces that the system needs."""
        del requester
        if stored.ref.name in PROTECTED:
            raise Forbidden(
                f'namespaces "{stored.ref.name}" is forbidden: this namespace may not be deleted'
            )


async def check(store: Store, kind: Kind, namespace: str, name: str = "") -> None:
    """Raise NotFound when a namespace does not exist, Invalid when it is no Project's and must be.

    Forbidden, with the cause that clients know it by, while the namespace is being deleted.
    """
    ref = Ref(scheme.NAMESPACE, "", namespace)
    try:
        document = (await store.get(ref, fresh=True)).document
    except NotFound:
        raise NotFound(
            f'namespaces "{namespace}" not found: create the Project {namespace!r} first, or name another '
            "with metadata.namespace",
            resource=scheme.NAMESPACE.plural,
            name=namespace,
        ) from None
    metadata = document["metadata"]
    if metadata.get("deletionTimestamp"):
        named = f' "{name}"' if name else ""
        raise Forbidden(
            f"{kind.resource}{named} is forbidden: unable to create new content in namespace {namespace} because it "
            "is being terminated",
            [
                FieldError(
                    "metadata.namespace", _TERMINATING, f"namespace {namespace} is being terminated"
                )
            ],
        )
    if kind.group != scheme.KARGO:
        return
    if not booleans.is_set(metadata.get("labels"), PROJECT_LABEL):
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
    metadata: Document = {"name": name, "labels": {NAME_LABEL: name}}
    if is_project:
        metadata["labels"][PROJECT_LABEL] = "true"
        metadata["finalizers"] = [FINALIZER]
    spec = {"finalizers": [CONTENTS]}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "spec": spec}


async def ensure_system(store: Store, *, actor: str) -> None:
    """Make the system's namespaces where they are missing."""
    for name in (*SYSTEM, DEFAULT):
        try:
            await store.create(namespace_document(name, is_project=False), actor=actor)
        except AlreadyExists:
            continue
