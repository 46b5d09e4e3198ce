"""What a reader sees of a sealed document, and what writing that back means.

Values under `data` and `stringData` are replaced by `MASK`, and so is the annotation in which client-side
`kubectl apply` keeps a copy of the whole manifest, values included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.store.contract import MASK

if TYPE_CHECKING:
    from towpath.store.contract import Document

_VALUES: Final = ("data", "stringData")
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"


def mask(document: Document) -> Document:
    """Return the document with its values masked; the argument is left alone."""
    masked = dict(document)
    for field in _VALUES:
        values = document.get(field)
        if isinstance(values, dict):
            masked[field] = dict.fromkeys(values, MASK)
        elif values is not None:
            masked[field] = MASK
    annotations = _annotations(document)
    if _LAST_APPLIED in annotations:
        masked["metadata"] = {
            **document["metadata"],
            "annotations": {**annotations, _LAST_APPLIED: _manifest(annotations[_LAST_APPLIED])},
        }
    return masked


def unmask(wanted: Document, stored: Document) -> Document:
    """Return `wanted` with every masked value taken from `stored`; a mask over nothing is dropped."""
    result = dict(wanted)
    for field in _VALUES:
        values = wanted.get(field)
        known = stored.get(field)
        if values == MASK and known is not None:
            result[field] = known
        elif isinstance(values, dict) and MASK in values.values():
            result[field] = _restored(values, known if isinstance(known, dict) else {})
    annotations = _annotations(wanted)
    kept = _annotations(stored).get(_LAST_APPLIED)
    if _LAST_APPLIED in annotations and annotations[_LAST_APPLIED] in (MASK, _manifest(kept)):
        known = {} if kept is None else {_LAST_APPLIED: kept}
        restored = {
            key: value for key, value in annotations.items() if key != _LAST_APPLIED
        } | known
        result["metadata"] = {**wanted["metadata"], "annotations": restored}
    return result


def _manifest(text: Any) -> str:
    """Return the copy of a manifest with its values masked: `kubectl apply` goes on reading it as JSON."""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, TypeError, RecursionError):
        return MASK
    if not isinstance(document, dict):
        return MASK
    return msgspec.json.encode(mask(document)).decode()


def _restored(values: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    return {
        key: known[key] if value == MASK else value
        for key, value in values.items()
        if value != MASK or key in known
    }


def _annotations(document: Document) -> dict[str, Any]:
    metadata = document.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return annotations if isinstance(annotations, dict) else {}
