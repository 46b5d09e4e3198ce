"""The table of objects, and those beside it by which they are selected: labels, declared fields, owners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from towpath import errors
from towpath.resources.kinds import Kind, Ref
from towpath.store import damage, selection, system_fields
from towpath.store.sqlite import rows, statements

if TYPE_CHECKING:
    import apsw

    from towpath.store.contract import Document, Stored
    from towpath.store.sqlite.codec import Codec
    from towpath.store.sqlite.kind_registry import KindRegistry

_SQL = statements.load("objects")
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


@dataclass(frozen=True, slots=True)
class ObjectTable:
    """Finds objects and keeps their rows, inside the transaction that is open on the connection."""

    connection: apsw.Connection
    registry: KindRegistry
    codec: Codec

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
            raise errors.NotFound(f"{ref.kind.resource} {quoted(ref)} not found")
        return row

    def shown(self, row: Row) -> Stored:
        """Return a row as readers see it."""
        return self.codec.shown(row.ref, row.uid, row.revision, row.plain)

    def kind_of(self, document: Document) -> Kind:
        """Return the kind that a document names. Raises BadRequest."""
        api_version, name = document.get("apiVersion"), document.get("kind")
        kind = self.registry.of_document(api_version, name)
        if kind is None:
            raise errors.BadRequest(
                f'apiVersion, kind: no kind "{name}" in version "{api_version}" is known here'
            )
        return kind

    def free_ref(self, kind: Kind, namespace: str, document: Document) -> Ref:
        """Return what a new object is called, by its name or one that is made for it. Raises AlreadyExists."""
        generated = not system_fields.of(document).get("name")
        ref = Ref(kind, namespace, system_fields.name_for(kind, document))
        for _ in range(_GENERATED_NAME_TRIES if generated else 1):
            if self.find(ref) is None:
                return ref
            ref = Ref(kind, namespace, system_fields.name_for(kind, document))
        raise errors.AlreadyExists(f"{kind.resource} {quoted(ref)} already exists")

    def with_uid(self, uid: str) -> tuple[int, str, str] | None:
        """Return kind (by its number), namespace and name of the object with that uid."""
        found: tuple[int, str, str] | None = rows.first(
            self.connection, _SQL["owner-by-uid"], (uid,)
        )
        return found

    def owner_is_present(self, reference: dict[str, Any], namespace: str) -> bool:
        """Whether an owner reference points to an object that exists.

        An owner of a kind that is not in the scheme counts as present: we cannot know. A namespaced owner
        in another namespace counts as absent, as in Kubernetes.
        """
        kind = self.registry.of_reference(reference.get("apiVersion"), reference.get("kind"))
        if kind is None:
            return True
        found = self.with_uid(reference["uid"])
        if found is None:
            return False
        number, where, name = found
        if self.registry.kind(number) is not kind or name != reference.get("name"):
            return False
        return where in ("", namespace)

    def put(
        self,
        ref: Ref,
        uid: str,
        before: Row | None,
        document: Document,
        plain: bytes,
        revision: int,
    ) -> int:
        """Write an object's row, and what it is selected by but its owners; return the row's number.

        `plain` is the document as JSON.
        """
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
        return id_

    def remove(self, row: Row) -> None:
        """Remove an object's row, and with it what it was selected by."""
        self.connection.execute(_SQL["remove"], (row.id,))

    def set_owners(self, id_: int, owners: list[dict[str, Any]]) -> None:
        """Note who owns the object of a row."""
        self.connection.execute(_SQL["drop-owners"], (id_,))
        for reference in owners:
            blocking = int(reference.get("blockOwnerDeletion") is True)
            self.connection.execute(_SQL["add-owner"], (reference["uid"], id_, blocking))

    def _row(self, ref: Ref, id_: int, uid: str, revision: int, flag: int, body: bytes) -> Row:
        plain = self.codec.opened(ref, uid, flag, body)
        try:
            found, wrong = damage.document(ref, plain), None
        except damage.Damaged as error:
            found, wrong = damage.seen(ref, plain), error
        return Row(id_, ref, uid, revision, flag, body, plain, found, wrong)

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


def quoted(ref: Ref) -> str:
    """Return the name as an API server quotes it: without the namespace, which the request names."""
    return f'"{ref.name}"'
