"""What one write does to the tables, inside the batch's transaction.

Every method either raises one of our errors before it has changed a row, or changes object, selection
rows, log, history and collector's work together.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from towpath import errors, faults
from towpath.resources.kinds import Ref
from towpath.store import sealed, system_fields
from towpath.store.adoption import Adopted
from towpath.store.contract import Propagation, Stored, WritePreconditions
from towpath.store.history import derive
from towpath.store.logged_write import LoggedWrite
from towpath.store.pending_terms import TermChange, changes_terms
from towpath.store.sqlite import file_facts, history, refusing, rows, statements
from towpath.store.sqlite.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime

    import apsw

    from towpath.store.adoption import Adoption
    from towpath.store.contract import Change, Document
    from towpath.store.sqlite.object_table import ObjectTable, Row
    from towpath.store.touched import Untouched

Verb = Literal["create", "update", "update_status", "delete"]

ADOPTING = faults.point(
    "transfer.adopting", "an object of another instance is written, in a transaction that goes on"
)

_SQL = statements.load("objects")
_COLLECT = statements.load("collect")


@dataclass
class Transaction:
    """One batch of writes. `revision` and `time` run on from write to write."""

    objects: ObjectTable
    revision: int
    """The last one taken."""
    time: datetime
    written: list[LoggedWrite] = field(default_factory=list)
    terms: list[TermChange] = field(default_factory=list)
    """What it did to objects that are searched for."""
    log_bytes: int = 0
    """Bytes this batch added to the log."""
    collect: bool = False
    """Whether the collector may have something to do."""
    touched: bool = False
    via: str = ""
    """How and from where the write that runs now was asked for."""

    @property
    def connection(self) -> apsw.Connection:
        """What the batch is written through."""
        return self.objects.connection

    @property
    def has_changed(self) -> bool:
        """Whether anything is to be written."""
        return self.touched or bool(self.written)

    # The contract's writes

    def create(
        self, document: Document, *, actor: str, untouched: Untouched | None = None
    ) -> Stored:
        """See `contract.Store.create`."""
        refusing.touched(self.objects, untouched)
        kind = self.objects.kind_of(document)
        if system_fields.of(document).get("resourceVersion") not in (None, ""):
            raise errors.BadRequest(
                "metadata.resourceVersion: must not be set on an object that is to be created"
            )
        namespace = system_fields.namespace_of(kind, document)
        ref = self.objects.free_ref(kind, namespace, document)
        if ref.kind.sealed:
            document = sealed.unmask(kind, document, {})
        uid = str(uuid.uuid4())
        admitted = system_fields.created(
            kind, document, namespace=namespace, name=ref.name, uid=uid, now=self.time
        )
        return self._put(ref, uid, None, admitted, actor=actor, verb="create")

    def adopt(self, adoption: Adoption, *, actor: str) -> Generator[None, None, Adopted]:
        """See `contract.Store.adopt`. Yields between objects: other things may be done then, but nothing be written."""
        count = 0
        for document in adoption.documents():
            kind = self.objects.kind_of(document)
            namespace = system_fields.namespace_of(kind, document)
            ref = self.objects.free_ref(kind, namespace, document)
            uid = str(system_fields.of(document).get("uid") or "") or str(uuid.uuid4())
            other = self.objects.with_uid(uid)
            if other is not None:
                raise errors.Conflict(f"{ref}: another object here has its uid {uid}: {other[2]}")
            kept = system_fields.adopted(kind, document, ref.namespace, ref.name, uid, self.time)
            self._put(ref, uid, None, kept, actor=actor, verb="create", is_derived=False)
            count += 1
            ADOPTING()
            yield
        past = yield from history.adopt(
            self.connection, adoption.past(), records=adoption.records, revision=self.revision
        )
        self.touched = self.touched or bool(past)
        return Adopted(objects=count, past=past)

    def update(self, document: Document, *, actor: str, status: bool) -> Stored:
        """See `contract.Store.update` and `update_status`."""
        kind = self.objects.kind_of(document)
        if status and not kind.status:
            raise errors.BadRequest(f"{kind.qualified} has no status subresource")
        ref = Ref(
            kind, system_fields.namespace_of(kind, document), system_fields.name_for(kind, document)
        )
        row = self.objects.existing(ref)
        uid = system_fields.of(document).get("uid")
        revision = system_fields.revision_of(document)
        refusing.unexpected(
            row,
            WritePreconditions(
                uid=uid if isinstance(uid, str) and uid else None, revision=revision
            ),
        )
        return self.rewrite(row, document, actor=actor, status=status)

    def patch(
        self,
        ref: Ref,
        change: Change,
        *,
        actor: str,
        status: bool,
        preconditions: WritePreconditions | None,
    ) -> Stored:
        """See `contract.Store.patch`."""
        if status and not ref.kind.status:
            raise errors.BadRequest(f"{ref.kind.qualified} has no status subresource")
        row = self.objects.existing(ref)
        refusing.unexpected(row, preconditions)
        wanted = change(self.objects.shown(row).document)
        refusing.renamed(self.objects, row, wanted)
        revision = system_fields.revision_of(wanted)
        refusing.unexpected(row, WritePreconditions(revision=revision))
        return self.rewrite(row, wanted, actor=actor, status=status)

    def delete(
        self,
        ref: Ref,
        *,
        actor: str,
        preconditions: WritePreconditions | None,
        propagation: Propagation,
    ) -> Stored:
        """See `contract.Store.delete`."""
        row = self.objects.existing(ref)
        refusing.unexpected(row, preconditions)
        waits: tuple[str, ...] = ()
        if propagation is Propagation.FOREGROUND:
            waits = (system_fields.FOREGROUND,)
        elif propagation is Propagation.ORPHAN:
            waits = (system_fields.ORPHAN,)
        if not waits and not system_fields.is_held(ref.kind, row.document):
            return self._remove(row, actor=actor)
        marked = system_fields.marked_deleted(
            ref.kind, row.document, now=self.time, finalizers=waits
        )
        if waits:
            self.collect_for(row.uid)
        return self._replace(row, marked, actor=actor, verb="update", is_bounded=False)

    def reveal(self, ref: Ref, *, actor: str, reason: str) -> Document:
        """See `contract.Store.reveal`."""
        row = self.objects.existing(ref)
        if row.damage is not None:
            raise row.damage
        self.connection.execute(
            _SQL["append-access"],
            (
                milliseconds(self.time),
                actor,
                reason,
                self.objects.registry.number(ref.kind),
                ref.namespace,
                ref.name,
                row.revision,
            ),
        )
        return row.document

    def touch(self) -> None:
        """Write something that nobody reads, to see whether that is possible."""
        before = file_facts.read(self.connection, "touched")
        # Another value each time: SQLite does not write what is there already.
        file_facts.write(self.connection, "touched", "0" if before == "1" else "1")
        self.touched = True

    # What the collector uses besides

    def rewrite(self, row: Row, wanted: Document, *, actor: str, status: bool = False) -> Stored:
        """Replace a row by `wanted` under the rules of update; remove it if only finalizers kept it. Raises Damaged."""
        if row.damage is not None:
            raise row.damage
        if row.ref.kind.sealed:
            wanted = sealed.unmask(row.ref.kind, wanted, row.document)
        if status:
            result = system_fields.with_status(row.document, wanted)
        else:
            result = system_fields.updated(row.ref.kind, row.document, wanted)
        if system_fields.is_terminating(result) and not system_fields.is_held(row.ref.kind, result):
            return self._remove(row, actor=actor, last=result)
        return self._replace(row, result, actor=actor, verb="update_status" if status else "update")

    def collect_for(self, uid: str) -> None:
        """Have the collector look at the dependents of `uid`."""
        self.connection.execute(_COLLECT["add"], (uid,))
        self.collect = True

    # Rows

    def _replace(
        self, row: Row, wanted: Document, *, actor: str, verb: Verb, is_bounded: bool = True
    ) -> Stored:
        """`is_bounded`: whether its size counts. What is on its way out may be marked so, however large it is."""
        if system_fields.same(row.document, wanted):
            return self.objects.shown(row)
        return self._put(
            row.ref, row.uid, row, wanted, actor=actor, verb=verb, is_bounded=is_bounded
        )

    def _put(
        self,
        ref: Ref,
        uid: str,
        before: Row | None,
        wanted: Document,
        *,
        actor: str,
        verb: Verb,
        is_bounded: bool = True,
        is_derived: bool = True,
    ) -> Stored:
        """`is_derived`: whether history is made of what it changes."""
        refusing.taken(self.objects, ref, before.document if before else None, wanted)
        revision = self.revision + 1
        document = system_fields.at_revision(wanted, revision)
        plain = self.objects.codec.encode(document)
        if is_bounded:
            refusing.large(ref, plain, before)
        id_ = self.objects.put(ref, uid, before, document, plain, revision)
        self._own(id_, ref, before.document if before else None, document)
        after = self.objects.codec.shown(ref, uid, revision, plain)
        self._record(
            ref, uid, before, document, after, actor=actor, verb=verb, is_derived=is_derived
        )
        return after

    def _remove(self, row: Row, *, actor: str, last: Document | None = None) -> Stored:
        """Remove a row. `last`: what the write that removes it has made of the object."""
        self.objects.remove(row)
        if rows.value(self.connection, _COLLECT["any-dependent"], (row.uid,)):
            self.collect_for(row.uid)
        if any(True for _ in system_fields.owner_references(row.document)):
            self.collect = True  # an owner may be waiting for this one to go
        self._record(row.ref, row.uid, row, None, None, actor=actor, verb="delete")
        final = system_fields.at_revision(row.document if last is None else last, self.revision)
        return self.objects.codec.shown(
            row.ref, row.uid, self.revision, self.objects.codec.encode(final)
        )

    def _record(
        self,
        ref: Ref,
        uid: str,
        before: Row | None,
        document: Document | None,
        after: Stored | None,
        *,
        actor: str,
        verb: Verb,
        is_derived: bool = True,
    ) -> None:
        self.revision += 1
        size = len(before.body) if before else 0
        self.connection.execute(
            _SQL["append-log"],
            (
                self.revision,
                milliseconds(self.time),
                actor,
                verb,
                self.objects.registry.number(ref.kind),
                ref.namespace,
                ref.name,
                uid,
                size,
                before.revision if before else None,
                before.sealed if before else 0,
                before.body if before else None,
                self.via,
            ),
        )
        self.log_bytes += size
        was = before.document if before else None
        changes = derive(ref.kind, was, document, actor=actor, via=self.via) if is_derived else ()
        if changes:
            now = milliseconds(self.time)
            history.record(self.connection, changes, revision=self.revision, time=now)
        left = self.objects.shown(before) if before else None
        if changes_terms(ref.kind, was, document):
            self.terms.append(TermChange(ref.kind, ref.namespace, ref.name, left, after))
        self.written.append(LoggedWrite(ref, self.revision, left, after))

    def _own(self, id_: int, ref: Ref, before: Document | None, after: Document) -> None:
        """Note who owns an object, and have the collector look where that may change what is to go."""
        owners = list(system_fields.owner_references(after))
        owners_before = list(system_fields.owner_references(before)) if before else []
        if owners == owners_before:
            return
        self.objects.set_owners(id_, owners)
        for reference in owners:
            if not self.objects.owner_is_present(reference, ref.namespace):
                self.collect_for(reference["uid"])
        # An owner that is to go may wait for this one, or have to be told of it: such are named already.
        self.collect = self.collect or bool(rows.value(self.connection, _COLLECT["any"]))
