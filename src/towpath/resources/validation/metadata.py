"""The rules of `metadata`, in an API server's words."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from towpath.resources.meta import ObjectMeta
from towpath.resources.structs import schema_of
from towpath.resources.validation import names, wording
from towpath.resources.validation.soundness import check_of
from towpath.resources.validation.structure import errors_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.errors import FieldError
    from towpath.resources.kinds import Kind

    _Check = Callable[[Kind, dict[str, Any]], Iterator[FieldError]]

ANNOTATION_BYTES: Final = 256 << 10
MOST: Final = {
    "labels": 1_000,
    "annotations": 5_000,
    "finalizers": 1_000,
    "ownerReferences": 1_000,
    "managedFields": 1_000,
}
"""How many there may be. An API server bounds them by the size of a request alone, within which a hundred thousand labels
have room; each label is a row of the index, and each of all these is checked."""
_SCHEMA: Final = schema_of(ObjectMeta)
_is_sound: Final = check_of(ObjectMeta)
_RBAC: Final = "rbac.authorization.k8s.io"
_FOREGROUND: Final = "foregroundDeletion"
_ORPHAN: Final = "orphan"
_STANDARD_FINALIZERS: Final = {_FOREGROUND, _ORPHAN, "kubernetes"}
_LABEL_NAMED: Final = {"Namespace", "Project"}


def metadata_errors(kind: Kind, metadata: Any) -> list[FieldError]:
    """Return what is wrong with an object's metadata; of a great many errors, the first."""
    return list(islice(_errors(kind, metadata), wording.MOST_ERRORS + 1))


def _errors(kind: Kind, metadata: Any) -> Iterator[FieldError]:
    if metadata is None:
        metadata = {}
    too_many = list(_too_many(metadata))
    if too_many:  # none of them is looked at, and what is not looked at costs nothing
        yield from too_many
        return
    wrong = [] if _is_sound(metadata) else errors_of(_SCHEMA, metadata, "metadata")
    yield from wrong
    if not isinstance(metadata, dict):
        return
    broken = {_field(error.path) for error in wrong}
    for fields, rule in _RULES:
        if broken.isdisjoint(fields):
            yield from rule(kind, metadata)


def _too_many(metadata: Any) -> Iterator[FieldError]:
    for field, most in MOST.items():
        found = metadata.get(field) if isinstance(metadata, dict) else None
        if isinstance(found, dict | list) and len(found) > most:
            yield wording.too_many(f"metadata.{field}", len(found), most)


def _field(path: str) -> str:
    return path.removeprefix("metadata.").partition(".")[0].partition("[")[0]


def _name(kind: Kind, metadata: dict[str, Any]) -> Iterator[FieldError]:
    check = names.wrong_with_subdomain
    if kind.group == _RBAC:
        check = names.wrong_with_path_segment
    elif kind.name in _LABEL_NAMED:
        check = names.wrong_with_label
    name, prefix = metadata.get("name") or "", metadata.get("generateName") or ""
    if not name and not prefix:
        yield wording.required("metadata.name", "name or generateName is required")
    for wrong in check(name) if name else []:
        yield wording.invalid("metadata.name", name, wrong)
    if prefix:  # what it ends with is followed by five letters or digits
        for wrong in check(prefix + "a"):
            yield wording.invalid("metadata.generateName", prefix, wrong)


def _namespace(kind: Kind, metadata: dict[str, Any]) -> Iterator[FieldError]:
    namespace = metadata.get("namespace") or ""
    if not kind.namespaced and namespace:
        yield wording.forbidden("metadata.namespace", "not allowed on this type")
    elif kind.namespaced and not namespace:
        yield wording.required("metadata.namespace")
    elif namespace:
        for wrong in names.wrong_with_label(namespace):
            yield wording.invalid("metadata.namespace", namespace, wrong)


def _labels(_: Kind, metadata: dict[str, Any]) -> Iterator[FieldError]:
    for key, value in (metadata.get("labels") or {}).items():
        for wrong in names.wrong_with_qualified(key):
            yield wording.invalid("metadata.labels", key, wrong)
        for wrong in names.wrong_with_label_value(value):
            yield wording.invalid("metadata.labels", value, wrong)


def _annotations(_: Kind, metadata: dict[str, Any]) -> Iterator[FieldError]:
    annotations = metadata.get("annotations") or {}
    for key in annotations:
        for wrong in names.wrong_with_qualified(key.lower()):
            yield wording.invalid("metadata.annotations", key, wrong)
    size = sum(
        len(key.encode("utf-8", "replace")) + len(value.encode("utf-8", "replace"))
        for key, value in annotations.items()
    )
    if size > ANNOTATION_BYTES:
        yield wording.too_long("metadata.annotations", ANNOTATION_BYTES)


def _finalizers(kind: Kind, metadata: dict[str, Any]) -> Iterator[FieldError]:
    finalizers = metadata.get("finalizers") or []
    is_built_in = not kind.group or kind.group.endswith(".k8s.io")
    for place, finalizer in enumerate(finalizers):
        path = f"metadata.finalizers[{place}]"
        for wrong in names.wrong_with_qualified(finalizer):
            yield wording.invalid(path, finalizer, wrong)
        if is_built_in and "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
            yield wording.invalid(
                path,
                finalizer,
                "name is neither a standard finalizer name nor is it fully qualified",
            )
    if _ORPHAN in finalizers and _FOREGROUND in finalizers:
        yield wording.invalid(
            "metadata.finalizers",
            finalizers,
            f"finalizer {_ORPHAN} and {_FOREGROUND} cannot be both set",
        )


def _owners(_: Kind, metadata: dict[str, Any]) -> Iterator[FieldError]:
    owners = metadata.get("ownerReferences") or []
    for place, owner in enumerate(owners):
        path = f"metadata.ownerReferences[{place}]"
        version = owner["apiVersion"]
        if not version.rpartition("/")[2]:
            yield wording.invalid(f"{path}.apiVersion", version, "version must not be empty")
        for field in ("kind", "name", "uid"):
            if not owner[field]:
                yield wording.invalid(f"{path}.{field}", "", "must not be empty")
    controllers = [owner for owner in owners if owner.get("controller") is True]
    if len(controllers) > 1:
        first, second = (
            wording.cut(f"{owner['kind']}/{owner['name']}") for owner in controllers[:2]
        )
        yield wording.invalid(
            "metadata.ownerReferences",
            owners,
            'Only one reference can have Controller set to true. Found "true" in references for '
            f"{first} and {second}",
        )


_RULES: Final[tuple[tuple[tuple[str, ...], _Check], ...]] = (
    (("name", "generateName"), _name),
    (("namespace",), _namespace),
    (("labels",), _labels),
    (("annotations",), _annotations),
    (("finalizers",), _finalizers),
    (("ownerReferences",), _owners),
)
"""Each with the fields it reads: it is left out when one of them is not of its type."""
