"""From client-side apply to server-side: kubectl goes on owning what it applied before.

Client-side apply keeps what it applied in an annotation. When `kubectl` applies server-side, fields that still are as it
had applied them are no conflict, and the annotation is kept in step, so that older kubectls can go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.errors import BadRequest
from towpath.resources.managed_fields import sets, walking

if TYPE_CHECKING:
    from towpath.resources.managed_fields.sets import FieldSet
    from towpath.resources.schema import Schema

Document = dict[str, Any]

KUBECTL: Final = "kubectl"
LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_LARGEST: Final = 256 << 10
"""Bytes of all annotations."""


def fields(schema: Schema, live: Document) -> FieldSet:
    """Return the fields that are as client-side apply had applied them; none where there is no annotation."""
    text = _annotations(live).get(LAST_APPLIED)
    if not isinstance(text, str):
        return {}
    try:
        last = msgspec.json.decode(text)
        if not isinstance(last, dict):
            return {}
        named = walking.applied_fields(schema, last)
    except (msgspec.DecodeError, BadRequest, RecursionError):
        return {}
    difference = walking.compared(schema, last, live)
    changed = sets.union(difference.modified, difference.removed)
    return sets.minus(named, sets.union(changed, difference.added))


def kept(document: Document, config: Document, manager: str) -> Document:
    """Return a document in which the annotation says what kubectl has applied now, if there was one."""
    annotations = _annotations(document)
    if manager != KUBECTL or LAST_APPLIED not in annotations:
        return document
    metadata = config.get("metadata") or {}
    own = {key: value for key, value in _annotations(config).items() if key != LAST_APPLIED}
    applied = {**config, "metadata": {**metadata, "annotations": own}}
    text = msgspec.json.encode(applied, order="sorted").decode() + "\n"
    if len(text.encode()) > _LARGEST:
        text = ""
    found = {**annotations, LAST_APPLIED: text}
    return {**document, "metadata": {**document["metadata"], "annotations": found}}


def _annotations(document: Document) -> dict[str, Any]:
    metadata = document.get("metadata")
    found = metadata.get("annotations") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}
