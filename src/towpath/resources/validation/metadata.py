"""The rules of `metadata`, in an API server's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.meta import ObjectMeta
from towpath.resources.structs import schema_of
from towpath.resources.validation import names, wording
from towpath.resources.validation.structure import errors_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.errors import FieldError
    from towpath.resources.kinds import Kind

ANNOTATION_BYTES: Final = 256 << 10
_SCHEMA: Final = schema_of(ObjectMeta)
_RBAC: Final = "rbac.authorization.k8s.io"
_STANDARD_FINALIZERS: Final = {"foregroundDeletion", "orphan", "kubernetes"}
_LABEL_NAMED: Final = {"Namespace", "Project"}


def metadata_errors(kind: Kind, metadata: Any) -> list[FieldError]:
    """Return what is wrong with an object's metadata."""
    if metadata is None:
        metadata = {}
    wrong = errors_of(_SCHEMA, metadata, "metadata")
    if wrong or not isinstance(metadata, dict):
        return wrong
    return [
        *_name(kind, metadata),
        *_namespace(kind, metadata),
        *_labels(metadata.get("labels") or {}),
        *_annotations(metadata.get("annotations") or {}),
        *_finalizers(metadata.get("finalizers") or []),
        *_owners(metadata.get("ownerReferences") or []),
    ]


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


def _labels(labels: dict[str, str]) -> Iterator[FieldError]:
    for key, value in labels.items():
        for wrong in names.wrong_with_qualified(key):
            yield wording.invalid("metadata.labels", key, wrong)
        for wrong in names.wrong_with_label_value(value):
            yield wording.invalid("metadata.labels", value, wrong)


def _annotations(annotations: dict[str, str]) -> Iterator[FieldError]:
    for key in annotations:
        for wrong in names.wrong_with_qualified(key.lower()):
            yield wording.invalid("metadata.annotations", key, wrong)
    size = sum(
        len(key.encode("utf-8", "replace")) + len(value.encode("utf-8", "replace"))
        for key, value in annotations.items()
    )
    if size > ANNOTATION_BYTES:
        yield wording.too_long("metadata.annotations", ANNOTATION_BYTES)


def _finalizers(finalizers: list[str]) -> Iterator[FieldError]:
    for place, finalizer in enumerate(finalizers):
        path = f"metadata.finalizers[{place}]"
        for wrong in names.wrong_with_qualified(finalizer):
            yield wording.invalid(path, finalizer, wrong)
        if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
            yield wording.invalid(
                path,
                finalizer,
                "name is neither a standard finalizer name nor is it fully qualified",
            )


def _owners(owners: list[dict[str, Any]]) -> Iterator[FieldError]:
    for place, owner in enumerate(owners):
        for field in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(field):
                path = f"metadata.ownerReferences[{place}].{field}"
                yield wording.invalid(path, owner.get(field), f"{field} must not be empty")
    controllers = [owner.get("name", "") for owner in owners if owner.get("controller") is True]
    if len(controllers) > 1:
        yield wording.invalid(
            "metadata.ownerReferences",
            controllers,
            'Only one reference can have Controller set to true. Found "true" in references for '
            + " and ".join(controllers[:2]),
        )
