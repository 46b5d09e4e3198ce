"""What admission does for one kind beyond its schema: the modules beside this one have a class for each kind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.admission.requester import Requester
    from towpath.errors import FieldError
    from towpath.store.contract import Document, Stored


class KindRules:
    """Rules of a kind that has none; the others override what they need.

    Documents are the caller's to change. `old` is the stored object on an update, None on a create.
    """

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Return the document with what the kind fills in, before its schema is checked.

        It may be of any shape yet. Raises what makes the request impossible, such as NotFound.
        """
        del old, requester
        return document

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with a document whose structure is right."""
        del document, old
        return []

    async def check(self, document: Document, old: Document | None, requester: Requester) -> None:
        """Raise what else forbids the write, once the document itself is right."""

    async def warnings(self, document: Document) -> list[str]:
        """Return what the writer should know of the document by itself, though nothing is wrong."""
        del document
        return []

    async def dangling(self, document: Document, requester: Requester) -> list[str]:
        """Return what the document names that is not there, of what the requester may look for.

        It may be there when all that is written together is written: then it is asked anew.
        """
        del document, requester
        return []

    async def written(self, stored: Stored, old: Document | None, requester: Requester) -> None:
        """Do what belongs to the write, after it."""

    async def check_deletion(self, stored: Stored, requester: Requester) -> None:
        """Raise Forbidden when the object must stay."""


async def in_turns(parts: Iterable[list[str]]) -> list[str]:
    """Return what several parts say; whoever else has work has a turn after each."""
    said: list[str] = []
    for part in parts:
        said += part
        await asyncio.sleep(0)
    return said


def labels_of(document: Document) -> dict[str, Any]:
    """Return the labels of a document, to be changed in place; made if there are none."""
    return _map(document, "labels")


def annotations_of(document: Document) -> dict[str, Any]:
    """Return the annotations of a document, to be changed in place; made if there are none."""
    return _map(document, "annotations")


def _map(document: Document, key: str) -> dict[str, Any]:
    metadata = document.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        return {}
    found = metadata.get(key)
    if found is None:
        found = metadata[key] = {}
    return found if isinstance(found, dict) else {}


def set_or_drop(values: dict[str, Any], key: str, value: str) -> None:
    """Set a label or annotation, or drop it when the value is empty."""
    if value:
        values[key] = value
    else:
        values.pop(key, None)


def text_at(document: Document, *path: str) -> str:
    """Return the text at a path of a document of any shape; empty if there is none."""
    here: Any = document
    for part in path:
        here = here.get(part) if isinstance(here, dict) else None
    return here if isinstance(here, str) else ""
