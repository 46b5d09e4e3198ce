"""Namespaces: one that is deleted goes when all that is in it has gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.admission import contents
from towpath.admission.namespaces import CONTENTS, NAME_LABEL
from towpath.admission.requester import Requester
from towpath.resources import scheme
from towpath.runtime.reconcile import Done
from towpath.runtime.source import Source
from towpath.runtime.unchanged import Unchanged
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.admission.authority import SystemAuthority
    from towpath.resources.kinds import Kind, Ref
    from towpath.store.contract import Document, Store, Stored

REQUESTER: Final = Requester("controller:namespace-controller", is_controller=True)


def sources() -> tuple[Source, ...]:
    """Return the sources of the Namespace controller."""
    return (Source(query=Query(kind=scheme.NAMESPACE)),)


class NamespaceReconciler:
    """Reconciles Namespaces."""

    def __init__(self, store: Store, writer: SystemAuthority, *, kinds: Iterable[Kind]) -> None:
        """`kinds`: every kind; those of a namespace go with it."""
        self._store = store
        self._writer = writer
        self._kinds = tuple(kind for kind in kinds if kind.namespaced)
        self._unchanged = Unchanged()

    async def reconcile(self, request: Ref) -> Done:
        """Empty a Namespace that is being deleted; give an older one the phase, finalizer and label of new ones."""
        try:
            return await self._reconciled(await self._store.get(request, fresh=True))
        except (errors.NotFound, errors.Conflict):
            return Done()  # it has gone, or has changed, which has it queued again

    async def _reconciled(self, stored: Stored) -> Done:
        if not stored.document["metadata"].get("deletionTimestamp"):
            await self._complete(stored.ref, stored.document)
            return Done()
        name = stored.ref.name
        left = await contents.empty(self._store, self._writer, self._kinds, name, REQUESTER)
        if left:
            waiting_for = f"{', '.join(left)} in it to be deleted"
            again = self._unchanged.seconds(stored.ref, waiting_for)
            return Done(again_seconds=again, waiting_for=waiting_for)
        self._unchanged.forget(stored.ref)
        held = _finalizers(stored.document)
        if CONTENTS in held:
            others = [each for each in held if each != CONTENTS]
            await self._writer.finalize(stored.ref, others, REQUESTER, revision=stored.revision)
        return Done()

    async def _complete(self, request: Ref, document: Document) -> None:
        """Bring a Namespace that was made by an earlier version in line."""
        if (document["metadata"].get("labels") or {}).get(NAME_LABEL) != request.name:
            await self._writer.modify(request, _labelled, REQUESTER)
        if not _finalizers(document):
            await self._writer.finalize(request, [CONTENTS], REQUESTER)
        if not (document.get("status") or {}).get("phase"):
            await self._writer.set_status(
                request, lambda status: {**status, "phase": "Active"}, REQUESTER
            )


def _finalizers(document: Document) -> list[str]:
    return (document.get("spec") or {}).get("finalizers") or []


def _labelled(metadata: Document) -> Document:
    metadata["labels"] = {**(metadata.get("labels") or {}), NAME_LABEL: metadata["name"]}
    return metadata
