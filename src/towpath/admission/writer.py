"""The writer over a store of our own: everything above the store writes through it, users and controllers alike.

On the way in a document gets what its kind fills in, then its defaults; it is checked against schema and
rules, all errors at once; then it is stored. What would change nothing is not written.

Whoever names a *field manager* has it recorded which fields they set (`metadata.managedFields`), as a Kubernetes API
server records it. What controllers write is not recorded: it would cost every status write several times what it costs.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from towpath.admission import kept
from towpath.admission.admitting import Admission
from towpath.admission.applying import Applying
from towpath.admission.authority import REST_MANAGER
from towpath.admission.authorizer import Authorizer
from towpath.admission.committing import TRIES, Commits, is_of_ours
from towpath.admission.replacement import (
    SYSTEM_FIELDS,
    Subresource,
    kind_of,
    metadata_of,
    name_of,
    without,
)
from towpath.admission.rules_by_kind import rules_by_kind
from towpath.admission.system_writes import SystemWrites
from towpath.errors import Conflict, Invalid, TowpathError
from towpath.resources.copying import copied
from towpath.resources.kinds import Ref
from towpath.resources.validation import FieldValidation
from towpath.store.contract import Propagation, WritePreconditions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from towpath.admission.requester import Requester
    from towpath.admission.written import Written
    from towpath.clock import Clock
    from towpath.resources.schema import Schema
    from towpath.rules.written_steps import StepKind
    from towpath.runtime.aside import Aside
    from towpath.store.contract import Document, Store, Stored
    from towpath.store.touched import Untouched


class Writer(SystemWrites):
    """Admits documents of every kind into one store: a `SystemAuthority`."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        known_steps: Mapping[str, StepKind],
        known_subscriptions: Mapping[str, Schema | None],
        authorizer: Authorizer | None = None,
        aside: Aside | None = None,
        randomness: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """`known_steps`, `known_subscriptions`: what `uses` may say and which keys a subscription may have.

        `authorizer` decides what a requester who is no controller may promote and grant; large documents are worked on
        `aside` (None: at once).
        """
        super().__init__(store, clock)
        self._admission = Admission(
            rules_by_kind(
                store,
                clock=clock,
                authorizer=authorizer or Authorizer(store),
                known_steps=known_steps,
                known_subscriptions=known_subscriptions,
                randomness=randomness,
            ),
            clock=clock,
            aside=aside,
        )
        self._commits = Commits(store, self._admission)
        self.apply = Applying(self._commits, self._admission).apply

    async def create(
        self,
        document: Document,
        requester: Requester,
        *,
        field_validation: FieldValidation = FieldValidation.WARN,
        dry_run: bool = False,
        manager: str | None = None,
        untouched: Untouched | None = None,
    ) -> Written:
        """Add an object. `manager`: the field manager that is to be recorded, if any. `untouched`: what must be as it was.

        Raises Invalid with every error; NotFound for a missing namespace, Stage or Freight; Conflict where a name that is
        made here was taken each time; AlreadyExists, BadRequest, Forbidden.
        """
        document = {**document}
        document["metadata"] = without(metadata_of(document), *SYSTEM_FIELDS, "managedFields")
        for _ in range(TRIES):
            try:
                return await self._commits.create(
                    copied(document),
                    requester,
                    field_validation=field_validation,
                    dry_run=dry_run,
                    manager=manager,
                    untouched=untouched,
                )
            except (Conflict, Invalid) as error:
                if not is_of_ours(error, kind_of(document), document):
                    raise
        raise Conflict(f"{name_of(document)}: what was drawn for it was taken {TRIES} times")

    async def create_all(
        self, documents: Sequence[Document], requester: Requester
    ) -> list[Written | TowpathError]:
        """Add objects, which have names, in their order; return what came of each.

        They are admitted one after the other and then stored together, in as few flushes as there can be: an object is never
        on the disk before those that it follows.
        """
        outcomes: list[Written | TowpathError | None] = []
        adding: list[asyncio.Task[Written]] = []
        try:
            for document in documents:
                made = copied(document)
                made["metadata"] = without(metadata_of(made), *SYSTEM_FIELDS, "managedFields")
                try:
                    admitted, said = await self._commits.admitted_new(
                        made, requester, field_validation=FieldValidation.WARN
                    )
                except TowpathError as error:
                    outcomes.append(error)
                    continue
                outcomes.append(None)
                # Tasks begin in the order they are made, and a write gets its turn when it begins.
                adding.append(asyncio.create_task(self._commits.add(admitted, said, requester)))
        finally:
            added = iter(await asyncio.gather(*adding, return_exceptions=True))
        found: list[Written | TowpathError] = []
        for outcome in outcomes:
            written = next(added) if outcome is None else outcome
            if isinstance(written, BaseException) and not isinstance(written, TowpathError):
                raise written
            found.append(written)
        return found

    async def update(
        self,
        document: Document,
        requester: Requester,
        *,
        field_validation: FieldValidation = FieldValidation.WARN,
        dry_run: bool = False,
    ) -> Written:
        """Replace an object, but for its status and what the system has put on it (`kept`).

        With `metadata.resourceVersion` only that revision is replaced. Raises as `create`, and Conflict.
        """
        kind = kind_of(document)
        metadata = metadata_of(document)
        ref = Ref(kind, str(metadata.get("namespace") or ""), str(metadata.get("name") or ""))

        async def replaced(old: Document) -> Document:
            return kept.with_kept(copied(document), old)

        return await self._commits.change(
            ref,
            replaced,
            requester,
            field_validation=field_validation,
            dry_run=dry_run,
            manager=REST_MANAGER,
        )

    async def change(
        self,
        ref: Ref,
        change: Callable[[Document], Document],
        requester: Requester,
        *,
        manager: str,
        subresource: Subresource | None = None,
        field_validation: FieldValidation = FieldValidation.WARN,
        dry_run: bool = False,
        given: Any = None,
    ) -> Written:
        """Replace an object, or its status alone, by what `change` makes of it: everything, as in Kubernetes.

        `change` is given a copy of the stored object and may run several times. When it returns another
        `metadata.resourceVersion` or `uid` than the stored one, it is a Conflict; without one any revision is
        replaced. `manager` is the field manager, `given` what a change is made of: where that or the object is large, the
        change is made in another process, and must be a function of a module. Raises as `create`, Conflict, and what `change` raises.
        """

        async def changed(old: Document) -> Document:
            creator = kept.creator_of(old)  # before `change`, whose document this is from here
            found = await self._admission.worked(partial(change, old), requester, old, given)
            return kept.with_creator(found, creator)

        return await self._commits.change(
            ref,
            changed,
            requester,
            subresource=subresource,
            field_validation=field_validation,
            dry_run=dry_run,
            manager=manager,
        )

    async def annotate(
        self, ref: Ref, annotations: Mapping[str, str | None], requester: Requester
    ) -> Written:
        """Set annotations of an object, as a user asks a controller for something; None drops one.

        It is a change like any other: what its kind says of annotations holds, and who asks is noted. Raises as `change`.
        """
        return await self.change(
            ref,
            partial(_annotated, annotations),
            requester,
            manager=REST_MANAGER,
            given=annotations,
        )

    async def retold(self, written: Written, requester: Requester) -> tuple[str, ...]:
        """Return the warnings of a write that still hold, after more was written together with it."""
        said = written.said
        if said.judged is None:
            return written.warnings
        rules = self._admission.rules_of(written.stored.ref.kind)
        unknown = written.warnings[: len(written.warnings) - len(said.all)]
        dangling = await rules.dangling(said.judged, requester)
        return (*unknown, *replace(said, dangling=tuple(dangling)).all)

    async def delete(
        self,
        ref: Ref,
        requester: Requester,
        *,
        propagation: Propagation = Propagation.BACKGROUND,
        preconditions: WritePreconditions | None = None,
        dry_run: bool = False,
    ) -> Stored:
        """Delete an object, or mark it while it has finalizers. Raises NotFound, Forbidden, Conflict."""
        stored = await self._store.get(ref, fresh=True)
        if not requester.is_controller:
            await self._commits.refuse_frozen(ref, requester)
        await self._admission.rules_of(ref.kind).check_deletion(stored, requester)
        return await self._store.delete(
            ref,
            actor=requester.actor,
            via=requester.via,
            propagation=propagation,
            preconditions=preconditions,
            dry_run=dry_run,
        )

    async def finalize(
        self, ref: Ref, finalizers: list[str], requester: Requester, *, revision: int | None = None
    ) -> Stored:
        """Replace `spec.finalizers` of a Namespace, which then goes if nothing else holds it.

        `revision`: only at this one. Raises NotFound, Conflict.
        """

        def changed(document: Document) -> Document:
            return {**document, "spec": {**(document.get("spec") or {}), "finalizers": finalizers}}

        return await self._store.patch(
            ref,
            changed,
            actor=requester.actor,
            via=requester.via,
            preconditions=WritePreconditions(revision=revision),
        )


def _annotated(annotations: Mapping[str, str | None], document: Document) -> Document:
    """Return a document with annotations set, and those dropped that are None."""
    metadata = document["metadata"]
    wanted = {**(metadata.get("annotations") or {}), **annotations}
    left = {key: value for key, value in wanted.items() if value is not None}
    kept_ = without(metadata, "annotations")
    return {**document, "metadata": {**kept_, "annotations": left} if left else kept_}
