"""What a reader sees of a sealed document, and what writing that back means.

Values under `data` and `stringData` are replaced by `MASK`, and so is the annotation in which client-side
`kubectl apply` keeps a copy of the whole manifest, values included.

A masked value that is written back stands for the stored one, except where the same write changes where the values go
(`Kind.destination`): who knows only the mask of a password must not have it sent to a server of their own.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import errors
from towpath.store.contract import MASK

if TYPE_CHECKING:
    from towpath.resources.kinds import Destination, Kind
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


def unmask(kind: Kind, wanted: Document, stored: Document) -> Document:
    """Return `wanted` with every masked value taken from `stored`; a mask over nothing is dropped.

    Raises Invalid where values are to be kept and to go elsewhere.
    """
    result = _unmasked(wanted, stored)
    if kind.destination is not None and stored:
        moved = _moved(kind.destination, stored, result)
        kept = _kept(kind.destination, wanted, stored) if moved else []
        if kept:
            name = str((wanted.get("metadata") or {}).get("name") or "")
            said = (
                f"{' and '.join(moved)} changed, so the values go elsewhere, and this one was given only as its mask: "
                "give it anew in this request, or leave that as it is"
            )
            raise errors.Invalid.of(
                kind.qualified,
                name,
                [
                    errors.FieldError(path, "FieldValueRequired", f"Required value: {said}")
                    for path in kept
                ],
            )
    return result


def _moved(destination: Destination, before: Document, after: Document) -> list[str]:
    """Return the fields that changed where the values of an object go, none if they go nowhere."""
    was, is_ = (_labels(document).get(destination.label) for document in (before, after))
    if not is_:
        return []
    moved = [] if was == is_ else [f"metadata.labels[{destination.label}]"]
    if is_ in destination.keyless:
        return moved
    for key in sorted(destination.keys):
        old, new = _value(before, key), _value(after, key)
        if key in destination.flags:
            old, new = str(old == b"true"), str(new == b"true")
        if old != new:
            moved.append(f"data[{key}]")
    return moved


def _kept(destination: Destination, wanted: Document, stored: Document) -> list[str]:
    """Return the fields of secret values that a write keeps by their mask."""
    paths = []
    for field in _VALUES:
        values, known = wanted.get(field), stored.get(field)
        if not isinstance(known, dict):
            continue
        keys = list(known) if values == MASK else []
        if isinstance(values, dict):
            keys = [key for key, value in values.items() if value == MASK and key in known]
        paths += [f"{field}[{key}]" for key in sorted(keys) if key not in destination.public]
    return paths


def _value(document: Document, key: str) -> object:
    """Return the value that a key has, None if none."""
    plain, encoded = document.get("stringData"), document.get("data")
    if isinstance(plain, dict) and key in plain:
        return str(plain[key]).encode("utf-8", "surrogatepass")
    if not isinstance(encoded, dict) or key not in encoded:
        return None
    try:
        return base64.b64decode(str(encoded[key]), validate=True)
    except ValueError:
        return str(encoded[key])


def _labels(document: Document) -> dict[str, Any]:
    metadata = document.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    return labels if isinstance(labels, dict) else {}


def _unmasked(wanted: Document, stored: Document) -> Document:
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
