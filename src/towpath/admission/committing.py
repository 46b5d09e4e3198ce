"""Creating and changing one object against others' writes: admit, store, and begin again where somebody was faster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.admission import namespaces, older_forms
from towpath.admission.frozen import FrozenProjects
from towpath.admission.replacement import (
    Subresource,
    kind_of,
    metadata_of,
    name_of,
    refuse_another,
    with_new_status,
    with_old_blanks,
    with_old_status,
    without_namespace,
)
from towpath.admission.warnings import Warnings
from towpath.admission.written import Written, unwritten
from towpath.errors import AlreadyExists, Conflict, Invalid, NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store import selection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from towpath.admission.admitting import Admission
    from towpath.admission.requester import Requester
    from towpath.resources.kinds import Kind
    from towpath.resources.validation import FieldValidation
    from towpath.store.contract import Document, Store
    from towpath.store.touched import Untouched

TRIES: Final = 8
"""How often an update without a revision is tried against others' writes."""


class Commits:
    """Writes admitted documents into one store."""

    def __init__(self, store: Store, admission: Admission) -> None:
        self._store = store
        self._admission = admission
        self._frozen = FrozenProjects(store)

    async def refuse_frozen(self, ref: Ref, requester: Requester) -> None:
        """Raise Forbidden for a write in a frozen Project."""
        await self._frozen.refuse(ref, requester)

    async def create(
        self,
        document: Document,
        requester: Requester,
        *,
        field_validation: FieldValidation,
        dry_run: bool,
        manager: str | None = None,
        untouched: Untouched | None = None,
    ) -> Written:
        """Add an object that is the writer's to change; `managedFields` stay as they are without a manager."""
        admitted, said = await self.admitted_new(
            document, requester, field_validation=field_validation, manager=manager
        )
        return await self.add(admitted, said, requester, dry_run=dry_run, untouched=untouched)

    async def admitted_new(
        self,
        document: Document,
        requester: Requester,
        *,
        field_validation: FieldValidation,
        manager: str | None = None,
    ) -> tuple[Document, Warnings]:
        """Return what is to be stored of a new object, and warnings."""
        kind = kind_of(document)
        rules = self._admission.rules_of(kind)
        metadata = metadata_of(document)
        older_forms.refuse_removed(kind, document)
        if kind.namespaced:
            namespace = metadata.get("namespace")
            if not isinstance(namespace, str) or not namespace:
                called = metadata.get("name") or metadata.get("generateName") or ""
                raise without_namespace(kind, called)
            await self._refuse_existing(kind, metadata)
            await namespaces.check(self._store, kind, namespace, name_of(document))
            await self.refuse_frozen(Ref(kind, namespace, name_of(document)), requester)
        document = await self._admission.prepared(kind, document, None, rules, requester)
        admitted, said = await self._admission.admitted(
            kind, document, None, rules, field_validation, requester
        )
        if manager is not None:
            admitted = await self._admission.tracked(kind, None, admitted, manager, None, requester)
        await rules.check(admitted, None, requester)
        return admitted, said

    async def add(
        self,
        admitted: Document,
        said: Warnings,
        requester: Requester,
        *,
        dry_run: bool = False,
        untouched: Untouched | None = None,
    ) -> Written:
        """Store a new object that was admitted."""
        rules = self._admission.rules_of(kind_of(admitted))
        stored = await self._store.create(
            admitted,
            actor=requester.actor,
            via=requester.via,
            dry_run=dry_run,
            untouched=untouched,
        )
        if dry_run:
            return Written(unwritten(stored, None), said.all, said=said)
        await rules.written(stored, None, requester)
        return Written(stored, said.all, said=said)

    async def change(
        self,
        ref: Ref,
        change: Callable[[Document], Awaitable[Document]],
        requester: Requester,
        *,
        subresource: Subresource | None = None,
        field_validation: FieldValidation,
        dry_run: bool,
        manager: str | None = None,
    ) -> Written:
        """Write what `change` makes of the stored object, again as long as others write in between.

        `manager`: the field manager that is to be recorded; None where `change` notes that itself. Raises NotFound; Invalid,
        BadRequest and Forbidden for what is not admitted; Conflict where another object has a value that no two may
        have, or others wrote each time; and what `change` raises.
        """
        kind, rules = ref.kind, self._admission.rules_of(ref.kind)
        if kind is not scheme.PROMOTION or not requester.is_controller:
            await self.refuse_frozen(ref, requester)
        for _ in range(TRIES):
            found = await self._store.get(ref, fresh=True)
            old = found.document
            wanted = await change(found.document)
            older_forms.refuse_removed(kind, wanted)
            refuse_another(ref, wanted, old)
            if subresource is None:
                wanted = await self._admission.prepared(
                    kind, with_old_status(kind, wanted, old), old, rules, requester
                )
                admitted, said = await self._admission.admitted(
                    kind, wanted, old, rules, field_validation, requester
                )
            else:
                admitted, unknown = with_new_status(kind, wanted, old, field_validation)
                said = Warnings(unknown)
            if manager is not None:
                admitted = await self._admission.tracked(
                    kind, old, admitted, manager, subresource, requester
                )
            await rules.check(admitted, old, requester)
            admitted["metadata"] = with_old_blanks(admitted["metadata"], old["metadata"])
            admitted["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
            write = self._store.update if subresource is None else self._store.update_status
            try:
                stored = await write(
                    admitted, actor=requester.actor, via=requester.via, dry_run=dry_run
                )
            except Conflict as error:
                if error.causes:
                    raise  # another object has a value that no two may have
                continue  # who insists on a revision is refused in the next round, a patch is made anew
            if stored.revision == found.revision:
                # The store alone decides that: it has what is sealed, and compares with what is there at the moment.
                return Written(stored, said.all, unchanged=True, said=said)
            if dry_run:
                return Written(unwritten(stored, old), said.all, said=said)
            await rules.written(stored, old, requester)
            return Written(stored, said.all, said=said)
        raise Conflict(f"{ref}: others write it all the time; it was tried {TRIES} times")

    async def is_there(self, ref: Ref) -> bool:
        """Whether there is such an object."""
        try:
            await self._store.get(ref, fresh=True)
        except NotFound:
            return False
        return True

    async def _refuse_existing(self, kind: Kind, metadata: Document) -> None:
        """Let "already exists" come before what else may be wrong: Kargo answers so, and scripts go by it."""
        name = metadata.get("name")
        if kind in (scheme.PROMOTION, scheme.FREIGHT) or not isinstance(name, str) or not name:
            return
        if await self.is_there(Ref(kind, metadata["namespace"], name)):
            raise AlreadyExists(f'{kind.resource} "{name}" already exists')


def is_of_ours(error: Conflict | Invalid, kind: Kind, given: Document) -> bool:
    """Whether all that is wrong is a value that another object got first, drawn here and not given: then another is drawn."""
    unique = {index.path for index in kind.indexes if index.unique}
    return bool(error.causes) and all(
        cause.path in unique and not any(selection.values(given, cause.path))
        for cause in error.causes
    )
