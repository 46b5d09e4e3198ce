"""The system fields of `metadata`: what the store itself decides about a document, as pure functions.

Each function takes documents and returns a new one; none mutates its arguments, though results share
unchanged parts with them. The rules are those of a Kubernetes API server and are stated where the store's
contract states its methods.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from towpath.resources.kinds import Kind
    from towpath.store.contract import Document

FOREGROUND: Final = "foregroundDeletion"
ORPHAN: Final = "orphan"

_SUFFIX_ALPHABET: Final = "bcdfghjklmnpqrstvwxz2456789"
"""Kubernetes' own for generated names: no vowels, so no words; nothing easily misread."""
_SUFFIX_CHARS: Final = 5
_MAX_NAME_CHARS: Final = 253

_OWNED: Final = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
)


def of(document: Document) -> dict[str, Any]:
    """Return the document's `metadata`. Raises BadRequest unless it is an object."""
    metadata = document.get("metadata", {})
    if not isinstance(metadata, dict):
        raise errors.BadRequest("metadata: must be an object")
    return metadata


def name_for(kind: Kind, document: Document) -> str:
    """Return `metadata.name`, or a fresh name from `metadata.generateName`. Raises BadRequest for neither."""
    metadata = of(document)
    name = metadata.get("name") or ""
    prefix = metadata.get("generateName") or ""
    if isinstance(name, str) and name:
        return name
    if isinstance(prefix, str) and prefix:
        suffix = "".join(secrets.choice(_SUFFIX_ALPHABET) for _ in range(_SUFFIX_CHARS))
        return prefix[: _MAX_NAME_CHARS - _SUFFIX_CHARS] + suffix
    raise errors.BadRequest(
        f"metadata.name: {kind.qualified} needs a name: set metadata.name or metadata.generateName"
    )


def namespace_of(kind: Kind, document: Document) -> str:
    """Return the namespace ("" for a cluster-scoped kind). Raises BadRequest where the scope does not fit."""
    namespace = of(document).get("namespace") or ""
    if not isinstance(namespace, str):
        raise errors.BadRequest("metadata.namespace: must be a string")
    if kind.namespaced and not namespace:
        raise errors.BadRequest(
            f"metadata.namespace: {kind.qualified} lives in a namespace: name one"
        )
    if namespace and not kind.namespaced:
        raise errors.BadRequest(
            f'metadata.namespace: {kind.qualified} is cluster-scoped: remove namespace "{namespace}"'
        )
    return namespace


def revision_of(document: Document) -> int | None:
    """Return `metadata.resourceVersion` as a number; None if absent or empty. Raises BadRequest if not ours."""
    text = of(document).get("resourceVersion")
    if text in (None, ""):
        return None
    if not isinstance(text, str) or not (text.isascii() and text.isdigit()) or len(text) > 19:
        raise errors.BadRequest(
            "metadata.resourceVersion: not a version this store gave out: leave it out, or read the object again"
        )
    return int(text)


def created(
    kind: Kind, document: Document, *, namespace: str, name: str, uid: str, now: datetime
) -> Document:
    """Return the document as it is first stored (resourceVersion apart)."""
    metadata = {
        key: value
        for key, value in of(document).items()
        if key not in _OWNED and key != "resourceVersion"
    }
    metadata["name"] = name
    if namespace:
        metadata["namespace"] = namespace
    else:
        metadata.pop("namespace", None)
    metadata["uid"] = uid
    metadata["creationTimestamp"] = timestamp(now)
    if kind.generation:
        metadata["generation"] = 1
    result = {"apiVersion": kind.api_version, "kind": kind.name, **document, "metadata": metadata}
    if kind.status:
        result.pop("status", None)
    if kind.life_cycle:
        result["status"] = {"phase": "Active"}
    return result


def adopted(
    kind: Kind, document: Document, namespace: str, name: str, uid: str, now: datetime
) -> Document:
    """Return the document as it is stored that another instance had: what is the system's there stays, status included."""
    metadata = {key: value for key, value in of(document).items() if key != "resourceVersion"}
    metadata["name"], metadata["uid"] = name, uid
    if namespace:
        metadata["namespace"] = namespace
    else:
        metadata.pop("namespace", None)
    metadata.setdefault("creationTimestamp", timestamp(now))
    if kind.generation:
        metadata.setdefault("generation", 1)
    return {"apiVersion": kind.api_version, "kind": kind.name, **document, "metadata": metadata}


def updated(kind: Kind, stored: Document, wanted: Document) -> Document:
    """Return `wanted` with everything the writer of an object does not decide taken from `stored`."""
    metadata = _with_owned(of(wanted), of(stored))
    if "deletionTimestamp" in metadata:
        _refuse_new_finalizers(kind, of(stored), metadata)
    result = {**wanted, "metadata": metadata}
    if kind.status:
        result.pop("status", None)
        if "status" in stored:
            result["status"] = stored["status"]
    if kind.generation and _spec_changed(kind, stored, result):
        metadata["generation"] = _generation_of(metadata) + 1
    return result


def with_status(stored: Document, wanted: Document) -> Document:
    """Return `stored` with the status of `wanted`, or without one, and with its record of field managers if any."""
    result = {key: value for key, value in stored.items() if key != "status"}
    if "managedFields" in of(wanted):
        result["metadata"] = {**of(stored), "managedFields": of(wanted)["managedFields"]}
    if "status" in wanted:
        result["status"] = wanted["status"]
    return result


def marked_deleted(
    kind: Kind, stored: Document, *, now: datetime, finalizers: tuple[str, ...]
) -> Document:
    """Return `stored` as being deleted since `now` (or since it was marked before), with `finalizers` added."""
    metadata = dict(of(stored))
    if "deletionTimestamp" not in metadata:
        metadata["deletionTimestamp"] = timestamp(now)
        metadata["deletionGracePeriodSeconds"] = 0
        if kind.generation:
            metadata["generation"] = _generation_of(metadata) + 1
    missing = [name for name in finalizers if name not in finalizers_of(stored)]
    if missing:
        metadata["finalizers"] = [*finalizers_of(stored), *missing]
    result = {**stored, "metadata": metadata}
    if kind.life_cycle:
        status = stored.get("status")
        before = status if isinstance(status, dict) else {}
        result["status"] = {**before, "phase": "Terminating"}
    return result


def without_finalizer(stored: Document, finalizer: str) -> Document:
    """Return `stored` without that finalizer."""
    metadata = dict(of(stored))
    left = [name for name in finalizers_of(stored) if name != finalizer]
    if left:
        metadata["finalizers"] = left
    else:
        metadata.pop("finalizers", None)
    return {**stored, "metadata": metadata}


def at_revision(document: Document, revision: int) -> Document:
    """Return the document with that resourceVersion."""
    return {**document, "metadata": {**of(document), "resourceVersion": str(revision)}}


def same(stored: Document, wanted: Document) -> bool:
    """Whether writing `wanted` would change nothing: equal but for resourceVersion and key order.

    Unlike Python's `==`, `1`, `1.0` and `true` are three different values.
    """
    revision = of(stored).get("resourceVersion")
    candidate = {**wanted, "metadata": {**of(wanted), "resourceVersion": revision}}
    return stored == candidate and _canonical(stored) == _canonical(candidate)


def is_terminating(document: Document) -> bool:
    """Whether the object is being deleted."""
    return bool(of(document).get("deletionTimestamp"))


def finalizers_of(document: Document) -> list[str]:
    """Return the finalizers."""
    found = of(document).get("finalizers") or []
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def is_held(kind: Kind, document: Document) -> bool:
    """Whether finalizers keep an object from going: those of its metadata, and of its spec where its kind has some."""
    if finalizers_of(document):
        return True
    spec = document.get("spec") if kind.life_cycle else None
    return bool(spec.get("finalizers")) if isinstance(spec, dict) else False


def labels_of(document: Document) -> dict[str, str]:
    """Return the labels."""
    found = of(document).get("labels") or {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def owner_references(document: Document) -> Iterator[dict[str, Any]]:
    """Yield the owner references that name a uid."""
    found = of(document).get("ownerReferences") or []
    for reference in found if isinstance(found, list) else ():
        if isinstance(reference, dict) and isinstance(reference.get("uid"), str):
            yield reference


def timestamp(moment: datetime) -> str:
    """Return a time as Kubernetes writes it: RFC 3339, whole seconds, `Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _with_owned(wanted: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in wanted.items() if key not in _OWNED}
    metadata.update({key: stored[key] for key in _OWNED if key in stored})
    metadata["name"] = stored.get("name", metadata.get("name"))
    if "namespace" in stored:
        metadata["namespace"] = stored["namespace"]
    if "generateName" in stored:
        metadata.setdefault("generateName", stored["generateName"])
    return metadata


def _refuse_new_finalizers(kind: Kind, stored: dict[str, Any], wanted: dict[str, Any]) -> None:
    before = finalizers_of({"metadata": stored})
    added = [name for name in finalizers_of({"metadata": wanted}) if name not in before]
    if added:
        raise errors.Invalid.of(
            kind.qualified,
            str(stored.get("name")),
            [
                errors.FieldError(
                    "metadata.finalizers",
                    "FieldValueForbidden",
                    "Forbidden: no new finalizers can be added if the object is being deleted, found new "
                    f"finalizers {added}",
                )
            ],
        )


def _generation_of(metadata: dict[str, Any]) -> int:
    found = metadata.get("generation")
    return found if isinstance(found, int) else 0


def _spec_changed(kind: Kind, stored: Document, wanted: Document) -> bool:
    apart = ("metadata", "status") if kind.status else ("metadata",)
    before = {key: value for key, value in stored.items() if key not in apart}
    after = {key: value for key, value in wanted.items() if key not in apart}
    return before != after or _canonical(before) != _canonical(after)


def _canonical(document: Document) -> bytes:
    return msgspec.json.encode(document, order="deterministic")
