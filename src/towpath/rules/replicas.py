"""Copies of shared ConfigMaps and credentials in Projects: of what there are some, and what a copy is."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import moments
from towpath.resources.annotations import (
    DESCRIPTION,
    GITHUB_TOKEN_SCOPES,
    REPLICATE_TO,
    REPLICATED_AT,
)
from towpath.resources.labels import CREDENTIAL_TYPE, REPLICATED_FROM, REPLICATED_SHA
from towpath.resources.shortening import label_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from towpath.resources.document import Document

ALL: Final = "*"
"""What `replicate-to` says."""
TOUCHED: Final = "changed"
"""In place of the digest: somebody else has written the copy, which is made anew."""
_COPIED: Final = (DESCRIPTION, GITHUB_TOKEN_SCOPES)
"""Annotations that are of use in a Project; kubectl's copy of a manifest holds the values."""
_VALUES: Final = ("type", "data", "binaryData")
_SHA_CHARS: Final = 16


def is_wanted(document: Document) -> bool:
    """Whether there are to be copies of a shared object: of any ConfigMap, and of a Secret that is a credential."""
    metadata = document["metadata"]
    if metadata.get("deletionTimestamp") or _annotations(document).get(REPLICATE_TO) != ALL:
        return False
    return document["kind"] == "ConfigMap" or CREDENTIAL_TYPE in (metadata.get("labels") or {})


def is_copy(document: Mapping[str, Any]) -> bool:
    """Whether an object is one that is kept like another."""
    return REPLICATED_FROM in ((document.get("metadata") or {}).get("labels") or {})


def digest(document: Document) -> str:
    """Return what changes with all that copies have of an object.

    That of a Secret is made of its revision: a digest of the values would let others try out whether they guess them.
    """
    metadata = document["metadata"]
    told: list[Any] = [_labels(document), _told(document)]
    if document["kind"] == "Secret":
        told.append({"uid": metadata["uid"], "revision": metadata["resourceVersion"]})
    else:
        told += [document.get(key) for key in _VALUES]
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_SHA_CHARS]


def is_current(copy: Document, wanted: str) -> bool:
    """Whether a copy is one of what has this digest."""
    return ((copy["metadata"].get("labels") or {}).get(REPLICATED_SHA)) == wanted


def copied(document: Document, namespace: str, *, now: datetime) -> Document:
    """Return the copy of an object, which shows its values, for a namespace."""
    name = document["metadata"]["name"]
    marks = {REPLICATED_FROM: label_value(name), REPLICATED_SHA: digest(document)}
    return {
        "apiVersion": document["apiVersion"],
        "kind": document["kind"],
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {**_labels(document), **marks},
            "annotations": {**_told(document), REPLICATED_AT: moments.whole_seconds(now)},
        },
        **{key: document[key] for key in _VALUES if key in document},
    }


def _labels(document: Document) -> dict[str, Any]:
    found = dict(document["metadata"].get("labels") or {})
    for mark in (REPLICATED_FROM, REPLICATED_SHA):
        found.pop(mark, None)
    return found


def _told(document: Document) -> dict[str, Any]:
    noted = _annotations(document)
    return {key: noted[key] for key in _COPIED if key in noted}


def _annotations(document: Document) -> Mapping[str, Any]:
    return document["metadata"].get("annotations") or {}
