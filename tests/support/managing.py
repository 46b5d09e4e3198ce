"""Writes by field managers to a document of the kind that has every shape, and what they come to own."""

from __future__ import annotations

from typing import Any, Final

from tests.support.things import SCHEMA
from towpath.resources.managed_fields import FieldManager, applied, updated

NOW: Final = "2026-01-01T00:00:00Z"
LATER: Final = "2026-01-02T00:00:00Z"
Document = dict[str, Any]


def thing(**spec: Any) -> Document:
    """Return a configuration, or a document."""
    return {
        "apiVersion": "example.com/v1",
        "kind": "Thing",
        "metadata": {"name": "t"},
        "spec": spec,
    }


def bare(**metadata: Any) -> Document:
    """Return a configuration of metadata alone."""
    return {
        "apiVersion": "example.com/v1",
        "kind": "Thing",
        "metadata": {"name": "t", **metadata},
    }


def by(name: str, subresource: str = "") -> FieldManager:
    """Return a manager."""
    return FieldManager(name, "example.com/v1", subresource)


def apply(
    old: Document | None, config: Document, name: str, *, force: bool = False, now: str = NOW
) -> Document:
    """Apply a configuration."""
    return applied(SCHEMA, old, config, by(name), force=force, now=now)


def update(old: Document | None, new: Document, name: str, *, now: str = NOW) -> Document:
    """Write a document."""
    return updated(SCHEMA, old, new, by(name), now=now)


def with_spec(document: Document, **spec: Any) -> Document:
    """Return a document with another spec, as a client sends it that has read it."""
    return {**document, "spec": spec}


def with_entries(document: Document, entries: Any) -> Document:
    """Return a document with other entries in its `managedFields`."""
    return {**document, "metadata": {**document["metadata"], "managedFields": entries}}


def entries_of(document: Document) -> list[Document]:
    """Return the entries of `managedFields`."""
    found: list[Document] = document["metadata"].get("managedFields", [])
    return found


def owned(document: Document) -> dict[str, Any]:
    """Return the fields by manager and operation; those below `spec` where there are no others."""
    found = {}
    for entry in entries_of(document):
        fields = entry["fieldsV1"]
        name = f"{entry['manager']} {entry['operation']}"
        found[name] = fields["f:spec"] if list(fields) == ["f:spec"] else fields
    return found
