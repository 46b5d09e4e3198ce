"""How stored objects are written into an answer: as they are, as rows of a Table, or as their metadata alone.

An object's JSON goes into answers as it is stored; only the other forms decode it. All is JSON here: who answers in
YAML writes it from that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.server.kube import tables

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from datetime import datetime

    from towpath.resources.kinds import Kind
    from towpath.server.kube.accept import Accepted
    from towpath.server.kube.tables import Include
    from towpath.store.contract import Stored

OF_OBJECTS: Final = ("Table", "PartialObjectMetadata")
"""The other forms that one object can take."""
OF_LISTS: Final = ("Table", "PartialObjectMetadataList")
_INITIAL_END: Final = "k8s.io/initial-events-end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """Writes objects of one kind for one answer."""

    kind: Kind
    accepted: Accepted
    now: datetime
    """Ages are counted up to here."""
    include: Include = "Metadata"

    @property
    def media_type(self) -> str:
        """Of the answer."""
        return self.accepted.media_type

    @property
    def looks(self) -> Hashable:
        """The same for renderings that write the same of an object."""
        if self.accepted.form != "Table":
            return self.accepted.form, self.accepted.version
        return self.accepted.form, self.accepted.version, self.include, self.now

    def at(self, now: datetime) -> Rendering:
        """Return one that counts ages up to another moment, to the second."""
        if self.accepted.form != "Table":
            return self  # nothing else tells ages
        return replace(self, now=now.replace(microsecond=0))

    def one(self, stored: Stored) -> bytes:
        """Return one object."""
        match self.accepted.form:
            case "":
                return stored.legible
            case "Table":
                return _encoded(self._row(stored, with_columns=True))
            case _:
                return _encoded(self._metadata_of(stored))

    def before(self, metadata: Mapping[str, Any] | None) -> bytes:
        """Return what stands before the items of a list; `metadata` is the list's, None: it comes last."""
        told = {} if metadata is None else {"metadata": _told(metadata)}
        match self.accepted.form:
            case "":
                head = {"kind": f"{self.kind.name}List", "apiVersion": self.kind.api_version}
                return _open({**head, **told}, "items")
            case "Table":
                table = self._table([], {}, with_columns=True)
                del table["rows"], table["metadata"]
                return _open({**table, **told}, "rows")
            case form:
                head = {"kind": form, "apiVersion": f"meta.k8s.io/{self.accepted.version}"}
                return _open({**head, **told}, "items")

    def after(self, metadata: Mapping[str, Any]) -> bytes:
        """Return what stands behind the items of a list that has yet to say this of itself."""
        return b'],"metadata":%s}' % _encoded(_told(metadata))

    def items(self, batch: Sequence[Stored]) -> bytes:
        """Return some items of a list, commas between them."""
        match self.accepted.form:
            case "":
                return b",".join(item.legible for item in batch)
            case "Table":
                return b",".join(map(_encoded, self._table(batch, {})["rows"]))
            case _:
                return b",".join(_encoded(self._metadata_of(item)) for item in batch)

    def whole(self, batch: Sequence[Stored], metadata: Mapping[str, Any]) -> bytes:
        """Return a list whose items are all at hand."""
        return b"".join((self.before(metadata), self.items(batch), AFTER))

    def event(self, type_: str, stored: Stored, *, with_columns: bool) -> bytes:
        """Return an event of a watch, a line of JSON."""
        match self.accepted.form:
            case "":
                shown = stored.legible
            case "Table":
                shown = _encoded(self._row(stored, with_columns=with_columns))
            case _:
                shown = _encoded(self._metadata_of(stored))
        return b'{"type":"%s","object":%s}\n' % (type_.encode(), shown)

    def bookmark(self, revision: int, *, initial_end: bool) -> bytes:
        """Return the event that tells that everything up to a revision was delivered, a line of JSON."""
        metadata: dict[str, Any] = {"resourceVersion": str(revision), "creationTimestamp": None}
        if initial_end:
            metadata["annotations"] = {_INITIAL_END: "true"}
        shown: dict[str, Any] = {"kind": self.kind.name, "apiVersion": self.kind.api_version}
        if self.accepted.form == "Table":
            shown = {"kind": "Table", "apiVersion": f"meta.k8s.io/{self.accepted.version}"}
            shown |= {"columnDefinitions": None, "rows": []}
        elif self.accepted.form:
            shown = {
                "kind": "PartialObjectMetadata",
                "apiVersion": f"meta.k8s.io/{self.accepted.version}",
            }
        return b'{"type":"BOOKMARK","object":%s}\n' % _encoded({**shown, "metadata": metadata})

    def _row(self, stored: Stored, *, with_columns: bool) -> dict[str, Any]:
        """Return the Table of one object."""
        metadata = {"resourceVersion": str(stored.revision)}
        return self._table([stored], metadata, with_columns=with_columns)

    def _table(
        self, batch: Iterable[Stored], metadata: Mapping[str, Any], *, with_columns: bool = False
    ) -> dict[str, Any]:
        return tables.table(
            self.kind,
            [item.legible_document for item in batch],
            include=self.include,
            version=self.accepted.version,
            metadata=metadata,
            now=self.now,
            with_columns=with_columns,
        )

    def _metadata_of(self, stored: Stored) -> dict[str, Any]:
        return tables.partial_metadata(stored.legible_document, version=self.accepted.version)


AFTER: Final = b"]}"
"""What stands behind the items of a list."""


def _told(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if value not in ("", None)}


def _open(head: Mapping[str, Any], items: str) -> bytes:
    return _encoded(head)[:-1] + b',"%s":[' % items.encode()


def _encoded(document: Any) -> bytes:
    return msgspec.json.encode(document)
