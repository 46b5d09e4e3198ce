"""What one write does to the tables, inside the batch's transaction.

Every method either raises one of our errors before it has changed a row, or changes object, selection
rows, log, history and collector's work together.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from towpath import errors, faults
from towpath.resources import sizes
from towpath.resources.kinds import Kind, Ref
from towpath.store import damage, sealed, selection, system_fields
from towpath.store.adoption import Adopted
from towpath.store.contract import Propagation, Stored, WritePreconditions
from towpath.store.history import derive
from towpath.store.logged_write import LoggedWrite
from towpath.store.pending_terms import TermChange, changes_terms
from towpath.store.sqlite import file_facts, history, rows, statements
from towpath.store.sqlite.times import milliseconds
from towpath.store.touched import Touched

if TYPE_CHECKING:
    from datetime import datetime

    import apsw

    from towpath.store.adoption import Adoption
    from towpath.store.contract import Change, Document
    from towpath.store.sqlite.codec import Codec
    from towpath.store.sqlite.kind_registry import KindRegistry
    from towpath.store.touched import Untouched

Verb = Literal["create", "update", "update_status", "delete"]

ADOPTING = faults.point(
    "transfer.adopting", "an object of another instance is written, in a transaction that goes on"
)

_SQL = statements.load("objects")
_COLLECT = statements.load("collect")
_GENERATED_NAME_TRIES = 8


class Row(NamedTuple):
    """A row of `objects`, decoded."""

    id: int
    ref: Ref
    uid: str
    revision: int
    sealed: int
    body: bytes
    """As stored: sealed, where `sealed` is 1."""
    plain: bytes
    document: Document
    """With its values, also of a sealed kind. Never mutated."""
    damage: damage.Damaged | None
    """What is wrong with a row that cannot be read: its `document` has the object's name alone."""


@dataclass
class Transaction:
    """One batch of writes. `revision` and `time` run on from write to write."""

    connection: apsw.Connection
    registry: KindRegistry
    codec: Codec
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

    # Reading what is there

    def find(self, ref: Ref) -> Row | None:
        """Return the object's row."""
        key = (self.registry.number(ref.kind), ref.namespace, ref.name)
        found = rows.first(self.connection, _SQL["object"], key)
        return None if found is None else self._row(ref, *found)

    def find_uid(self, uid: str) -> Row | None:
        """Return the row of the object with that uid; None also when its kind is not in the scheme."""
        found = rows.first(self.connection, _SQL["object-by-uid"], (uid,))
        if found is None:
            return None
        *columns, number, namespace, name = found
        kind = self.registry.kind(number)
        return None if kind is None else self._row(Ref(kind, namespace, name), *columns)

    def existing(self, ref: Ref) -> Row:
        """Return the object's row. Raises NotFound."""
        row = self.find(ref)
        if row is None:
            raise errors.NotFound(f"{ref.kind.resource} {_quoted(ref)} not found")
        return row

    def _row(self, ref: Ref, id_: int, uid: str, revision: int, flag: int, body: bytes) -> Row:
        plain = self.codec.opened(ref, uid, flag, body)
        try:
            found, wrong = damage.document(ref, plain), None
        except damage.Damaged as error:
            found, wrong = damage.seen(ref, plain), error
        return Row(id_, ref, uid, revision, flag, body, plain, found, wrong)

    def shown(self, row: Row) -> Stored:
        """Return a row as readers see it."""
        return self.codec.shown(row.ref, row.uid, row.revision, row.plain)

    # The contract's writes

    def create(
        self, document: Document, *, actor: str, untouched: Untouched | None = None
    ) -> Stored:
        """See `contract.Store.create`."""
        self._require_untouched(untouched)
        kind = self._kind(document)
        if system_fields.of(document).get("resourceVersion") not in (None, ""):
            raise errors.BadRequest(
                "metadata.resourceVersion: must not be set on an object that is to be created"
            )
        namespace = system_fields.namespace_of(kind, document)
        ref = self._free_name(kind, namespace, document)
        if ref.kind.sealed:
            document = sealed.unmask(kind, document, {})
        uid = str(uuid.uuid4())
        admitted = system_fields.created(
            kind, document, namespace=namespace, name=ref.name, uid=uid, now=self.time
        )
        return self._put(ref, uid, None, admitted, actor=actor, verb="create")

    def adopt(self, adoption: Adoption, *, actor: str) -> Adopted:
        """See `contract.Store.adopt`."""
        count = 0
        for document in adoption.documents():
            kind = self._kind(document)
            namespace = system_fields.namespace_of(kind, document)
            ref = self._free_name(kind, namespace, document)
            uid = str(system_fields.of(document).get("uid") or "") or str(uuid.uuid4())
            other = rows.first(self.connection, _SQL["owner-by-uid"], (uid,))
            if other is not None:
                raise errors.Conflict(f"{ref}: another object here has its uid {uid}: {other[2]}")
            kept = system_fields.adopted(kind, document, ref.namespace, ref.name, uid, self.time)
            self._put(ref, uid, None, kept, actor=actor, verb="create", is_derived=False)
            count += 1
            ADOPTING()
        past = history.adopt(
            self.connection, adoption.past(), records=adoption.records, revision=self.revision
        )
        self.touched = self.touched or bool(past)
        return Adopted(objects=count, past=past)

    def update(self, document: Document, *, actor: str, status: bool) -> Stored:
        """See `contract.Store.update` and `update_status`."""
        kind = self._kind(document)
        if status and not kind.status:
            raise errors.BadRequest(f"{kind.qualified} has no status subresource")
        ref = Ref(
            kind, system_fields.namespace_of(kind, document), system_fields.name_for(kind, document)
        )
        row = self.existing(ref)
        uid = system_fields.of(document).get("uid")
        revision = system_fields.revision_of(document)
        self._require(
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
        row = self.existing(ref)
        self._require(row, preconditions)
        wanted = change(self.shown(row).document)
        self._require_same_name(row, wanted)
        revision = system_fields.revision_of(wanted)
        self._require(row, WritePreconditions(revision=revision))
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
        row = self.existing(ref)
        self._require(row, preconditions)
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
        row = self.existing(ref)
        if row.damage is not None:
            raise row.damage
        self.connection.execute(
            _SQL["append-access"],
            (
                milliseconds(self.time),
                actor,
                reason,
                self.registry.number(ref.kind),
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

    @property
    def has_changed(self) -> bool:
        """Whether anything is to be written."""
        return self.touched or bool(self.written)

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

    def owner_is_present(self, reference: dict[str, Any], namespace: str) -> bool:
        """Whether an owner reference points to an object that exists.

        An owner of a kind that is not in the scheme counts as present: we cannot know. A namespaced owner
        in another namespace counts as absent, as in Kubernetes.
        """
        kind = self.registry.of_reference(reference.get("apiVersion"), reference.get("kind"))
        if kind is None:
            return True
        found = rows.first(self.connection, _SQL["owner-by-uid"], (reference["uid"],))
        if found is None:
            return False
        number, where, name = found
        if self.registry.kind(number) is not kind or name != reference.get("name"):
            return False
        return where in ("", namespace)

    # Rows

    def _replace(
        self, row: Row, wanted: Document, *, actor: str, verb: Verb, is_bounded: bool = True
    ) -> Stored:
        """`is_bounded`: whether its size counts. What is on its way out may be marked so, however large it is."""
        if system_fields.same(row.document, wanted):
            return self.shown(row)
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
        self._refuse_taken(ref, before.document if before else None, wanted)
        revision = self.revision + 1
        document = system_fields.at_revision(wanted, revision)
        plain = self.codec.encode(document)
        if is_bounded:
            _refuse_large(ref, plain, before)
        flag, body = self.codec.pack(ref, uid, plain)
        number = self.registry.number(ref.kind)
        if before is None:
            self.connection.execute(
                _SQL["insert"], (number, ref.namespace, ref.name, uid, revision, flag, body)
            )
            id_ = self.connection.last_insert_rowid()
        else:
            id_ = before.id
            self.connection.execute(_SQL["replace"], (revision, flag, body, id_))
        self._select_by(id_, ref, number, before.document if before else None, document)
        after = self.codec.shown(ref, uid, revision, plain)
        self._record(
            ref, uid, before, document, after, actor=actor, verb=verb, is_derived=is_derived
        )
        return after

    def _remove(self, row: Row, *, actor: str, last: Document | None = None) -> Stored:
        """Remove a row. `last`: what the write that removes it has made of the object."""
        self.connection.execute(_SQL["remove"], (row.id,))
        if rows.value(self.connection, _COLLECT["any-dependent"], (row.uid,)):
            self.collect_for(row.uid)
        if any(True for _ in system_fields.owner_references(row.document)):
            self.collect = True  # an owner may be waiting for this one to go
        self._record(row.ref, row.uid, row, None, None, actor=actor, verb="delete")
        final = system_fields.at_revision(row.document if last is None else last, self.revision)
        return self.codec.shown(row.ref, row.uid, self.revision, self.codec.encode(final))

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
                self.registry.number(ref.kind),
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
        left = self.shown(before) if before else None
        if changes_terms(ref.kind, was, document):
            self.terms.append(TermChange(ref.kind, ref.namespace, ref.name, left, after))
        self.written.append(LoggedWrite(ref, self.revision, left, after))

    def _select_by(
        self, id_: int, ref: Ref, number: int, before: Document | None, after: Document
    ) -> None:
        labels = system_fields.labels_of(after)
        labels_before = system_fields.labels_of(before) if before else {}
        if labels != labels_before:
            had, has = set(labels_before.items()), set(labels.items())
            self._sync("label", had - has, has - had, number=number, ref=ref, id_=id_)
        dropped, added = selection.changed_entries(ref.kind, before, after)
        self._sync("field", dropped, added, number=number, ref=ref, id_=id_)
        owners = list(system_fields.owner_references(after))
        owners_before = list(system_fields.owner_references(before)) if before else []
        if owners != owners_before:
            self.connection.execute(_SQL["drop-owners"], (id_,))
            for reference in owners:
                blocking = int(reference.get("blockOwnerDeletion") is True)
                self.connection.execute(_SQL["add-owner"], (reference["uid"], id_, blocking))
                if not self.owner_is_present(reference, ref.namespace):
                    self.collect_for(reference["uid"])
            # An owner that is to go may wait for this one, or have to be told of it: such are named already.
            self.collect = self.collect or bool(rows.value(self.connection, _COLLECT["any"]))

    def _sync(
        self,
        table: Literal["label", "field"],
        dropped: set[tuple[str, str]],
        added: set[tuple[str, str]],
        *,
        number: int,
        ref: Ref,
        id_: int,
    ) -> None:
        place = (ref.namespace, ref.name)
        if dropped:
            gone = [(number, *entry, *place) for entry in dropped]
            self.connection.executemany(_SQL[f"drop-{table}"], gone)
        if added:
            new = [(number, *entry, *place, id_) for entry in added]
            self.connection.executemany(_SQL[f"add-{table}"], new)

    # Checks

    def _kind(self, document: Document) -> Kind:
        api_version, name = document.get("apiVersion"), document.get("kind")
        kind = self.registry.of_document(api_version, name)
        if kind is None:
            raise errors.BadRequest(
                f'apiVersion, kind: no kind "{name}" in version "{api_version}" is known here'
            )
        return kind

    def _refuse_taken(self, ref: Ref, before: Document | None, wanted: Document) -> None:
        """Raise Conflict for a value of a unique index that another object of the namespace has.

        A value that the object has already stays, whoever else has it: such data is mended by itself.
        """
        number = self.registry.number(ref.kind)
        for index in ref.kind.unique_indexes:
            had = selection.values(before, index.path) if before is not None else []
            for value in selection.values(wanted, index.path):
                if not value or value in had:
                    continue
                place = (number, index.path, value, ref.namespace, ref.name)
                other = rows.first(self.connection, _SQL["other-with-field"], place)
                if other is not None:
                    cause = errors.FieldError(
                        index.path,
                        "FieldValueDuplicate",
                        f'Duplicate value: "{value}": {ref.kind.name} {other[0]} has it',
                    )
                    raise errors.Conflict(f"{ref}: {cause}", [cause])

    def _free_name(self, kind: Kind, namespace: str, document: Document) -> Ref:
        generated = not system_fields.of(document).get("name")
        ref = Ref(kind, namespace, system_fields.name_for(kind, document))
        for _ in range(_GENERATED_NAME_TRIES if generated else 1):
            if self.find(ref) is None:
                return ref
            ref = Ref(kind, namespace, system_fields.name_for(kind, document))
        raise errors.AlreadyExists(f"{kind.resource} {_quoted(ref)} already exists")

    def _require(self, row: Row, preconditions: WritePreconditions | None) -> None:
        if preconditions is None:
            return
        named = f"{row.ref.kind.resource} {_quoted(row.ref)}"
        if preconditions.uid is not None and preconditions.uid != row.uid:
            raise errors.Conflict(
                f"Operation cannot be fulfilled on {named}: uid {preconditions.uid} was expected, "
                f"the object there now has {row.uid}: it was deleted and made again"
            )
        if preconditions.revision is not None and preconditions.revision != row.revision:
            raise errors.Conflict(
                f"Operation cannot be fulfilled on {named}: the object has been modified; "
                "please apply your changes to the latest version and try again"
            )

    def _require_untouched(self, wanted: Untouched | None) -> None:
        if wanted is None:
            return
        floor, _ = rows.first(self.connection, _SQL["log-state"])
        if wanted.since < floor:
            raise Touched(f"the change log does not reach back to revision {wanted.since} any more")
        for each in wanted.objects:
            end = each.end or f"{each.first}\0"
            number = self.registry.number(each.kind)
            terms = (number, wanted.since, each.namespace, each.first, end)
            found = rows.first(self.connection, _SQL["written-since"], terms)
            if found is not None:
                (name,) = found
                raise Touched(
                    f"{each.kind.resource} {each.namespace}/{name} was written since revision {wanted.since}"
                )

    def _require_same_name(self, row: Row, wanted: Document) -> None:
        found = system_fields.of(wanted)
        same = (
            self._kind(wanted) is row.ref.kind
            and found.get("name") == row.ref.name
            and (found.get("namespace") or "") == row.ref.namespace
        )
        if not same:
            raise errors.BadRequest(
                f"a patch must not change apiVersion, kind, name or namespace of {row.ref}"
            )


def _refuse_large(ref: Ref, plain: bytes, before: Row | None) -> None:
    """Raise TooLarge for an object that is larger than may be and than it was."""
    known = len(before.plain) + sizes.SYSTEM_BYTES if before is not None else 0
    if len(plain) > max(sizes.LARGEST_BYTES, known):
        raise errors.TooLarge(
            f"Request entity too large: {ref} would be {len(plain):,} bytes of JSON, and limit is "
            f"{sizes.LARGEST_BYTES}: keep large data elsewhere and refer to it"
        )


def _quoted(ref: Ref) -> str:
    """Return the name as an API server quotes it: without the namespace, which the request names."""
    return f'"{ref.name}"'
