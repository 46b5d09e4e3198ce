"""The writer: everything above the store writes through it, users and controllers alike.

On the way in a document gets what its kind fills in, then its defaults; it is checked against schema and
rules, all errors at once; then it is stored. What would change nothing is not written.

Whoever names a *field manager* has it recorded which fields they set (`metadata.managedFields`), as a Kubernetes API
server records it. What controllers write is not recorded: it would cost every status write several times what it costs.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from towpath.admission import kept, namespaces, older_forms, ownership
from towpath.admission.authorizer import Authorizer
from towpath.admission.kind_rules import KindRules
from towpath.admission.replacement import (
    SYSTEM_FIELDS,
    Subresource,
    applicable,
    is_same,
    kind_of,
    metadata_of,
    name_of,
    refuse_another,
    with_new_status,
    with_old_status,
    without,
)
from towpath.admission.rules_by_kind import rules_by_kind
from towpath.admission.warnings import Warnings
from towpath.errors import AlreadyExists, BadRequest, Conflict, Invalid, NotFound, TooLarge
from towpath.resources import moments, scheme, sizes
from towpath.resources.copying import copied
from towpath.resources.kinds import Ref
from towpath.resources.managed_fields import FieldManager
from towpath.resources.structs import schema_of
from towpath.resources.validation import FieldValidation, admit, known_fields
from towpath.resources.validation.defaults import with_defaults
from towpath.rules import fitting
from towpath.store import selection
from towpath.store.contract import Propagation, WritePreconditions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from towpath.admission.requester import Requester
    from towpath.clock import Clock
    from towpath.resources.kinds import Kind
    from towpath.rules.written_steps import StepKind
    from towpath.runtime.aside import Aside
    from towpath.store.contract import Document, Store, Stored

ResultT = TypeVar("ResultT")

_TRIES: Final = 8
"""How often an update without a revision is tried against others' writes."""
_SMALL: Final = 1_000
"""Values of a document that is worked on at once."""
_VALUE_WEIGHT: Final = 8
"""What a value weighs as work: as much as so many bytes of YAML that are read."""
_REST_MANAGER: Final = "towpath"
"""The field manager of writes through the REST API, which names none."""


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


class Writer:
    """Admits documents of every kind into one store."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        known_steps: Mapping[str, StepKind],
        known_subscriptions: frozenset[str],
        authorizer: Authorizer | None = None,
        aside: Aside | None = None,
        randomness: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """`known_steps`, `known_subscriptions`: what `uses` may say and which keys a subscription may have.

        `authorizer` decides what a requester who is no controller may promote and grant; large documents are worked on
        `aside` (None: at once).
        """
        self._store = store
        self._clock = clock
        self._aside = aside
        self._rules = rules_by_kind(
            store,
            clock=clock,
            authorizer=authorizer or Authorizer(store),
            known_steps=known_steps,
            known_subscriptions=known_subscriptions,
            randomness=randomness,
        )
        self._plain = KindRules()

    async def create(
        self,
        document: Document,
        requester: Requester,
        *,
        field_validation: FieldValidation = FieldValidation.WARN,
        dry_run: bool = False,
        manager: str | None = None,
    ) -> Written:
        """Add an object. `manager`: the field manager that is to be recorded, if any.

        Raises Invalid with every error; NotFound for a missing namespace, Stage or Freight; AlreadyExists,
        BadRequest, Forbidden.
        """
        document = {**document}
        document["metadata"] = without(metadata_of(document), *SYSTEM_FIELDS, "managedFields")
        for _ in range(_TRIES):
            try:
                return await self._create(
                    copied(document),
                    requester,
                    field_validation=field_validation,
                    dry_run=dry_run,
                    manager=manager,
                )
            except (Conflict, Invalid) as error:
                if not _is_of_ours(error, kind_of(document), document):
                    raise
        raise Conflict(f"{name_of(document)}: what was drawn for it was taken {_TRIES} times")

    async def _create(
        self,
        document: Document,
        requester: Requester,
        *,
        field_validation: FieldValidation,
        dry_run: bool,
        manager: str | None = None,
    ) -> Written:
        """Add an object that is the writer's to change; `managedFields` stay as they are without a manager."""
        kind = kind_of(document)
        rules = self._rules.get(kind, self._plain)
        metadata = metadata_of(document)
        older_forms.refuse_removed(kind, document)
        if kind.namespaced:
            namespace = metadata.get("namespace")
            if not isinstance(namespace, str) or not namespace:
                called = metadata.get("name") or metadata.get("generateName") or ""
                raise BadRequest(
                    f'{kind.name} "{called}": metadata.namespace is missing: the name of its Project'
                )
            await self._refuse_existing(kind, metadata)
            await namespaces.check(self._store, kind, namespace, name_of(document))
        document = await self._prepared(kind, document, None, rules, requester)
        admitted, said = await self._admitted(
            kind, document, None, rules, field_validation, requester
        )
        if manager is not None:
            admitted = await self._tracked(kind, None, admitted, manager, None, requester)
        await rules.check(admitted, None, requester)
        stored = await self._store.create(admitted, actor=requester.actor, dry_run=dry_run)
        if dry_run:
            return Written(_unwritten(stored, None), said.all, said=said)
        await rules.written(stored, None, requester)
        return Written(stored, said.all, said=said)

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

        return await self._change(
            ref,
            replaced,
            requester,
            field_validation=field_validation,
            dry_run=dry_run,
            manager=_REST_MANAGER,
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
            found = await self._worked(partial(change, copied(old)), requester, old, given)
            return kept.with_creator(found, old)

        return await self._change(
            ref,
            changed,
            requester,
            subresource=subresource,
            field_validation=field_validation,
            dry_run=dry_run,
            manager=manager,
        )

    async def apply(
        self,
        ref: Ref,
        configuration: Document,
        requester: Requester,
        *,
        manager: str,
        force: bool = False,
        subresource: Subresource | None = None,
        field_validation: FieldValidation = FieldValidation.WARN,
        dry_run: bool = False,
        may_create: Callable[[], Awaitable[None]] | None = None,
    ) -> Written:
        """Server-side apply: merge the fields of a configuration into an object, or create it with them.

        `may_create` is awaited before an object is made, and raises to refuse it. Raises Conflict naming the
        fields that other managers own, unless `force`; and as `create` does.
        """
        older_forms.refuse_removed(ref.kind, configuration)
        only = applicable(ref.kind, configuration, subresource)
        work = partial(known_fields, only, ref.kind, field_validation)
        configuration, unknown = await self._worked(work, requester, configuration)
        by = FieldManager(manager, ref.kind.api_version, subresource or "")

        async def merged(old: Document | None) -> Document:
            merging = partial(
                ownership.applied,
                ref.kind,
                old,
                copied(configuration),
                by,
                force=force,
                now=self._now(),
            )
            return await self._worked(merging, requester, old, configuration)

        async def changed(old: Document) -> Document:
            return kept.with_creator(await merged(old), old)

        for _ in range(_TRIES):
            try:
                written = await self._change(
                    ref,
                    changed,
                    requester,
                    subresource=subresource,
                    field_validation=FieldValidation.IGNORE,
                    dry_run=dry_run,
                )
            except NotFound:
                if subresource is not None or await self._is_there(ref):
                    raise
            else:
                return replace(written, warnings=(*unknown, *written.warnings))
            if configuration["metadata"].get("uid") or configuration["metadata"].get(
                "resourceVersion"
            ):
                raise Conflict(
                    f"{ref}: it does not exist, and the configuration names a uid or resourceVersion of it; "
                    "leave them out to have it created"
                )
            if may_create is not None:
                await may_create()
            try:
                made = await self._create(
                    await merged(None),
                    requester,
                    field_validation=FieldValidation.IGNORE,
                    dry_run=dry_run,
                )
            except AlreadyExists:
                continue
            except (Conflict, Invalid) as error:
                if not _is_of_ours(error, ref.kind, configuration):
                    raise
                continue
            return replace(made, warnings=(*unknown, *made.warnings), created=True)
        raise Conflict(f"{ref}: others write it all the time; it was tried {_TRIES} times")

    async def _change(
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
        """Write what `change` makes of the stored object, against others' writes. `manager`: None when it notes that."""
        kind, rules = ref.kind, self._rules.get(ref.kind, self._plain)
        for _ in range(_TRIES):
            old = (await self._store.get(ref, fresh=True)).document
            wanted = await change(copied(old))
            older_forms.refuse_removed(kind, wanted)
            refuse_another(ref, wanted, old)
            if subresource is None:
                wanted = await self._prepared(
                    kind, with_old_status(kind, wanted, old), old, rules, requester
                )
                admitted, said = await self._admitted(
                    kind, wanted, old, rules, field_validation, requester
                )
            else:
                admitted, unknown = with_new_status(kind, wanted, old, field_validation)
                said = Warnings(unknown)
            if manager is not None:
                admitted = await self._tracked(kind, old, admitted, manager, subresource, requester)
            await rules.check(admitted, old, requester)
            if is_same(admitted, old, kind, subresource):
                return Written(await self._store.get(ref), said.all, unchanged=True, said=said)
            admitted["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
            write = self._store.update if subresource is None else self._store.update_status
            try:
                stored = await write(admitted, actor=requester.actor, dry_run=dry_run)
            except Conflict as error:
                if error.causes:
                    raise  # another object has a value that no two may have
                continue  # who insists on a revision is refused in the next round, a patch is made anew
            if str(stored.revision) == old["metadata"]["resourceVersion"]:
                # As only the store could tell: values are sealed.
                return Written(stored, said.all, unchanged=True, said=said)
            if dry_run:
                return Written(_unwritten(stored, old), said.all, said=said)
            await rules.written(stored, old, requester)
            return Written(stored, said.all, said=said)
        raise Conflict(f"{ref}: others write it all the time; it was tried {_TRIES} times")

    async def retold(self, written: Written, requester: Requester) -> tuple[str, ...]:
        """Return the warnings of a write that still hold, after more was written together with it."""
        said = written.said
        if said.judged is None:
            return written.warnings
        rules = self._rules.get(written.stored.ref.kind, self._plain)
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
        await self._rules.get(ref.kind, self._plain).check_deletion(stored, requester)
        return await self._store.delete(
            ref,
            actor=requester.actor,
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
            ref, changed, actor=requester.actor, preconditions=WritePreconditions(revision=revision)
        )

    async def set_status(
        self, ref: Ref, change: Callable[[Document], Document], requester: Requester
    ) -> Stored:
        """Replace an object's status by what `change` makes of it ({} if there is none yet).

        `change` may run twice. Nothing is written when the status stays as it is. What would make the object too
        large is left out, and a condition says so. Raises NotFound; TooLarge where nothing is left to leave out, and
        for a Promotion, whose steps need all of it.
        """

        def changed(document: Document, *, fits: bool = True) -> Document:
            before = document.get("status") or {}
            status = fitting.without_note(change(copied(before)))
            if not fits:
                room = (
                    sizes.LARGEST_BYTES - sizes.SYSTEM_BYTES - sizes.of(without(document, "status"))
                )
                at = fitting.noted_since(before) or self._now()
                status = fitting.fitted(status, room, at=at)
            if status or "status" in document:
                document["status"] = status
            return document

        try:
            return await self._store.patch(
                ref, changed, actor=requester.actor, subresource="status"
            )
        except TooLarge:
            if ref.kind is scheme.PROMOTION:
                raise
            return await self._store.patch(
                ref,
                lambda document: changed(document, fits=False),
                actor=requester.actor,
                subresource="status",
            )

    async def annotate(
        self, ref: Ref, annotations: Mapping[str, str | None], requester: Requester
    ) -> Stored:
        """Set annotations of an object; None drops one. Raises NotFound."""

        def changed(metadata: Document) -> Document:
            found = {**(metadata.get("annotations") or {}), **annotations}
            metadata["annotations"] = {
                key: value for key, value in found.items() if value is not None
            }
            if not metadata["annotations"]:
                del metadata["annotations"]
            return metadata

        return await self.modify(ref, changed, requester)

    async def modify(
        self, ref: Ref, change: Callable[[Document], Document], requester: Requester
    ) -> Stored:
        """Change an object's metadata: labels, annotations, finalizers. Raises NotFound."""

        def changed(document: Document) -> Document:
            document["metadata"] = change(document["metadata"])
            return document

        return await self._store.patch(ref, changed, actor=requester.actor)

    async def _prepared(
        self,
        kind: Kind,
        document: Document,
        old: Document | None,
        rules: KindRules,
        requester: Requester,
    ) -> Document:
        """Return a document with what its kind fills in. One that is too malformed for that is told what is wrong.

        Nulls go before anybody reads it, and whole numbers become integers, as the schema has it.
        """
        document = with_defaults(schema_of(kind.type), document)
        given = copied(document) if rules.prepares else document
        try:
            return await rules.prepare(document, old, requester)
        except _MALFORMED as error:
            if kind.status:
                given.pop("status", None)
            admit(given, kind, old=old)
            raise BadRequest(f"{kind.name}: it cannot be read: {error}") from error

    async def _admitted(
        self,
        kind: Kind,
        document: Document,
        old: Document | None,
        rules: KindRules,
        field_validation: FieldValidation,
        requester: Requester,
    ) -> tuple[Document, Warnings]:
        """Return what is to be stored, and warnings. Raises Invalid with what schema and rules say."""
        status = document.pop("status", None) if kind.status else None
        try:
            work = partial(admit, document, kind, old=old, field_validation=field_validation)
            admitted = await self._worked(work, requester, document)
        except Invalid as error:
            raise await _with_more(error, kind, rules, document, old) from None
        found = await rules.errors(admitted.document, old)
        if found:
            raise Invalid.of(kind.qualified, name_of(document), found)
        said = [*admitted.warnings, *older_forms.warnings(kind, admitted.document)]
        said += await rules.warnings(admitted.document)
        dangling = await rules.dangling(admitted.document, requester)
        judged = copied(admitted.document) if dangling else None
        if status is not None and old is not None:
            admitted.document["status"] = status
        return admitted.document, Warnings(tuple(said), tuple(dangling), judged)

    async def _tracked(
        self,
        kind: Kind,
        old: Document | None,
        new: Document,
        manager: str,
        subresource: Subresource | None,
        requester: Requester,
    ) -> Document:
        """Return `new` with what its managedFields are after a write by a field manager."""
        by = FieldManager(manager, kind.api_version, subresource or "")
        work = partial(ownership.tracked, kind, old, new, by, now=self._now())
        return await self._worked(work, requester, new)

    async def _worked(
        self, work: Callable[[], ResultT], requester: Requester, *documents: Any
    ) -> ResultT:
        """Do pure work on documents, where nobody waits for it if they are large."""
        if self._aside is None:
            return work()
        count = sum(sizes.values(document, _SMALL) for document in documents if document)
        return await self._aside.run(
            work,
            weight=count * _VALUE_WEIGHT,
            what="the object",
            caller=requester.user.name or requester.actor,
        )

    def _now(self) -> str:
        return moments.whole_seconds(self._clock.now())

    async def _is_there(self, ref: Ref) -> bool:
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
        if await self._is_there(Ref(kind, metadata["namespace"], name)):
            raise AlreadyExists(f'{kind.resource} "{name}" already exists')


_MALFORMED: Final = (msgspec.ValidationError, TypeError, KeyError, AttributeError, ValueError)
"""What code that reads a document as its kind raises when it does not have that shape."""


async def _with_more(
    error: Invalid, kind: Kind, rules: KindRules, document: Document, old: Document | None
) -> Invalid:
    """Return an error of the schema with what the rules say as well, where they can read the document."""
    try:
        more = await rules.errors(document, old)
    except _MALFORMED:
        return error
    known = {str(cause) for cause in error.causes}
    fresh = [cause for cause in more if str(cause) not in known]
    return Invalid.of(kind.qualified, name_of(document), [*error.causes, *fresh])


def _is_of_ours(error: Conflict | Invalid, kind: Kind, given: Document) -> bool:
    """Whether all that is wrong is a value that another object got first, drawn here and not given: then another is drawn."""
    unique = {index.path for index in kind.indexes if index.unique}
    return bool(error.causes) and all(
        cause.path in unique and not any(selection.values(given, cause.path))
        for cause in error.causes
    )


def _unwritten(stored: Stored, old: Document | None) -> Stored:
    """Return what a dry run shows: an object that has taken no revision of its own."""
    document = stored.document
    revision = old["metadata"]["resourceVersion"] if old is not None else None
    document["metadata"]["resourceVersion"] = revision
    if revision is None:
        del document["metadata"]["resourceVersion"]
    return replace(stored, raw=msgspec.json.encode(document))
