"""Applications as a table, which is what kubectl asks for: with the columns that Argo CD's CRD has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.demo.argocd.keys import Document

_COLUMNS: Final[tuple[tuple[str, tuple[str, ...], int], ...]] = (
    ("Name", ("metadata", "name"), 0),
    ("Sync Status", ("status", "sync", "status"), 0),
    ("Health Status", ("status", "health", "status"), 0),
    ("Revision", ("status", "sync", "revision"), 10),
    ("Project", ("spec", "project"), 10),
)


def is_wanted(accept: str) -> bool:
    """Whether a caller would rather have a table."""
    return "as=Table" in accept


def table(documents: Sequence[Document], metadata: Document) -> Document:
    """Return Applications as a table. `metadata`: of the list that they are."""
    definitions = [
        {"name": name, "type": "string", "priority": priority, "format": "", "description": name}
        for name, _, priority in _COLUMNS
    ]
    rows = [
        {
            "cells": [_at(each, path) for _, path, _ in _COLUMNS],
            "object": {
                "kind": "PartialObjectMetadata",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": each["metadata"],
            },
        }
        for each in documents
    ]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": definitions,
        "rows": rows,
    }


def _at(document: Document, path: Sequence[str]) -> str:
    found: Any = document
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
