"""Tables: objects as rows of cells, which `kubectl get` prints (`meta.k8s.io` Table).

Custom kinds have the columns of their CRD. Kubernetes' own kinds are shown as an API server shows them, some of it
counted or put together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from towpath.errors import BadRequest
from towpath.resources import ages, scheme
from towpath.resources.columns import Cell
from towpath.resources.document import at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from towpath.resources.document import Document
    from towpath.resources.kinds import Kind, PrinterColumn


Include = Literal["None", "Metadata", "Object"]

_NAME: Final = "Unique among objects of the kind in the namespace."
_AGE: Final = "How long ago it was created."


@dataclass(frozen=True, slots=True)
class Shown:
    """A column: what it is called, and what its cell is for a document at a moment."""

    name: str
    cell: Callable[[Document, datetime], Any]
    type: str = "string"
    format: str = ""
    description: str = ""
    wide: bool = False

    def definition(self) -> Document:
        """Return it as a `TableColumnDefinition`."""
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": self.description or self.name,
            "priority": int(self.wide),
        }


def table(
    kind: Kind,
    documents: Iterable[Document],
    *,
    now: datetime,
    include: Include,
    version: str,
    metadata: Mapping[str, Any],
    with_columns: bool = True,
) -> Document:
    """Return a Table of objects. `include`: what of each object its row holds; `version` is that of `meta.k8s.io`."""
    columns = columns_of(kind)
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": dict(metadata),
        "columnDefinitions": [column.definition() for column in columns] if with_columns else None,
        "rows": [_row(columns, each, now, include, version) for each in documents],
    }


def partial_metadata(document: Document, *, version: str) -> Document:
    """Return an object of which only the metadata is told (`PartialObjectMetadata`)."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": document["metadata"],
    }


@cache
def columns_of(kind: Kind) -> Sequence[Shown]:
    """Return the columns that objects of a kind are shown in."""
    own = _CORE.get(kind)  # their ages are texts, as an API server has them
    if own is not None:
        return own
    return (
        _name,
        *map(_from_path, kind.columns),
        _age,
    )


def _row(
    columns: Sequence[Shown], document: Document, now: datetime, include: Include, version: str
) -> Document:
    row: Document = {"cells": [column.cell(document, now) for column in columns]}
    match include:
        case "Object":
            row["object"] = document
        case "Metadata":
            row["object"] = partial_metadata(document, version=version)
        case _:
            row["object"] = None
    return row


def _from_path(column: PrinterColumn) -> Shown:
    cell = Cell.of(column.path, column.type)
    return Shown(column.name, cell, type=column.type, description=column.path, wide=column.wide)


def _from_text(name: str, *path: str, wide: bool = False) -> Shown:
    return Shown(name, lambda document, _: _text(at(document, *path)), wide=wide)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(*fields: str) -> Callable[[Document, datetime], Any]:
    return lambda document, _: sum(len(document.get(field) or ()) for field in fields)


def _last_seen(document: Document, now: datetime) -> str:
    if at(document, "series"):
        return ages.age(at(document, "series", "lastObservedTime"), now)
    last = document.get("lastTimestamp")
    return ages.age(last, now) if last else _first_seen(document, now)


def _first_seen(document: Document, now: datetime) -> str:
    return ages.age(document.get("firstTimestamp") or document.get("eventTime"), now)


def _times(document: Document, _: datetime) -> int:
    """Return how often it happened; an Event that does not say so tells of one time."""
    if at(document, "series"):
        return at(document, "series", "count") or 0
    return document.get("count") or 1


def _about(document: Document, _: datetime) -> str:
    kind, name = at(document, "involvedObject", "kind"), at(document, "involvedObject", "name")
    return f"{_text(kind).lower()}/{_text(name)}" if name else _text(kind).lower()


def _source(document: Document, _: datetime) -> str:
    component = at(document, "source", "component") or document.get("reportingComponent")
    instance = at(document, "source", "host") or document.get("reportingInstance")
    return f"{_text(component)}, {_text(instance)}" if instance else _text(component)


def _role(document: Document, _: datetime) -> str:
    return f"{_text(at(document, 'roleRef', 'kind'))}/{_text(at(document, 'roleRef', 'name'))}"


def _subjects(kind: str) -> Callable[[Document, datetime], str]:
    def cell(document: Document, _: datetime) -> str:
        names = []
        for subject in document.get("subjects") or ():
            if subject.get("kind") == kind:
                where, name = subject.get("namespace"), _text(subject.get("name"))
                names.append(f"{where}/{name}" if where else name)
        return ", ".join(names)

    return cell


_name = Shown(
    "Name",
    lambda document, _: document["metadata"].get("name", ""),
    format="name",
    description=_NAME,
)
_age = Shown(
    "Age",
    lambda document, now: ages.age(document["metadata"].get("creationTimestamp"), now),
    type="date",
    description=_AGE,
)
_text_age = Shown("Age", _age.cell, description=_AGE)
_made = Shown(
    "Created At",
    lambda document, _: _text(document["metadata"].get("creationTimestamp")),
    type="date",
)
_BINDING: Final = (
    _name,
    Shown("Role", _role),
    _text_age,
    Shown("Users", _subjects("User"), wide=True),
    Shown("Groups", _subjects("Group"), wide=True),
    Shown("ServiceAccounts", _subjects("ServiceAccount"), wide=True),
)
_CORE: Final[Mapping[Kind, Sequence[Shown]]] = {
    scheme.NAMESPACE: (_name, _from_text("Status", "status", "phase"), _text_age),
    scheme.SECRET: (_name, _from_text("Type", "type"), Shown("Data", _count("data")), _text_age),
    scheme.CONFIG_MAP: (_name, Shown("Data", _count("data", "binaryData")), _text_age),
    scheme.SERVICE_ACCOUNT: (_name, Shown("Secrets", _count("secrets")), _text_age),
    scheme.EVENT: (
        Shown("Last Seen", _last_seen),
        _from_text("Type", "type"),
        _from_text("Reason", "reason"),
        Shown("Object", _about),
        _from_text("Subobject", "involvedObject", "fieldPath", wide=True),
        Shown("Source", _source, wide=True),
        Shown("Message", lambda document, _: _text(document.get("message")).strip()),
        Shown("First Seen", _first_seen, wide=True),
        Shown("Count", _times, wide=True),
        Shown("Name", _name.cell, format="name", wide=True),
    ),
    scheme.ROLE: (_name, _made),
    scheme.CLUSTER_ROLE: (_name, _made),
    scheme.ROLE_BINDING: _BINDING,
    scheme.CLUSTER_ROLE_BINDING: _BINDING,
    scheme.LEASE: (_name, _from_text("Holder", "spec", "holderIdentity"), _text_age),
}
"""Kubernetes' own kinds."""


def include(given: str) -> Include:
    """Return what `includeObject` asks the rows of a Table to hold. Raises BadRequest."""
    match given:
        case "":
            return "Metadata"
        case "None" | "Metadata" | "Object":
            return given
    raise BadRequest(
        f"includeObject: Unsupported value: {given[:50]!r}: supported values: None, Metadata, Object"
    )
