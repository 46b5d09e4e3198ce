"""From client-side apply to server-side: kubectl goes on owning what it applied before.

Client-side apply keeps what it applied in an annotation. When `kubectl` applies server-side, fields that still are as it
had applied them are no conflict, and the annotation is kept in step, so that older kubectls can go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.errors import BadRequest
from towpath.resources.managed_fields import configurations, gojson, sets, walking

if TYPE_CHECKING:
    from towpath.resources.document import Document
    from towpath.resources.managed_fields.sets import FieldSet
    from towpath.resources.schema import Schema


KUBECTL: Final = "kubectl"
LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_LARGEST: Final = 256 << 10
"""Bytes of all annotations."""


def fields(schema: Schema, live: Document, api_version: str) -> FieldSet:
    """Return the fields that are as client-side apply had applied them; none where that is not known in this version."""
    text = _annotations(live).get(LAST_APPLIED)
    if not isinstance(text, str):
        return {}
    try:
        last = msgspec.json.decode(text)
        if not isinstance(last, dict) or last.get("apiVersion") != api_version:
            return {}
        configurations.check(schema, last)
        named = walking.fields(schema, last)
        difference = walking.compared(schema, last, live)
    except (msgspec.DecodeError, BadRequest, RecursionError):
        return {}
    return sets.minus(named, sets.union(difference.changed, difference.removed))


def kept(document: Document, config: Document, manager: str) -> Document:
    """Return a document in which the annotation says what kubectl has applied now, if it said anything.

    In kubectl's own form, which has annotations even where there are none: to the next client-side apply of the same
    it is unchanged. (An API server leaves them out.)
    """
    annotations = _annotations(document)
    if manager != KUBECTL or not annotations.get(LAST_APPLIED):
        return document
    own = {key: value for key, value in _annotations(config).items() if key != LAST_APPLIED}
    applied = {**config, "metadata": {**(config.get("metadata") or {}), "annotations": own}}
    text = gojson.encoded(applied) + "\n"
    found = {**annotations, LAST_APPLIED: text}
    if sum(len(f"{key}{value}".encode()) for key, value in found.items()) > _LARGEST:
        found[LAST_APPLIED] = ""
    return {**document, "metadata": {**document["metadata"], "annotations": found}}


def _annotations(document: Document) -> dict[str, Any]:
    metadata = document.get("metadata")
    found = metadata.get("annotations") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}
