"""What may stand in the place of a stored document: of the same object, and with the right status.

Pure functions of documents; `writer` writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from towpath.errors import BadRequest, Conflict, NotFound
from towpath.resources import scheme
from towpath.resources.validation import admit
from towpath.store.system_fields import revision_of

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind, Ref
    from towpath.resources.validation import FieldValidation
    from towpath.store.contract import Document

Subresource = Literal["status"]

SYSTEM_FIELDS: Final = (
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "selfLink",
)
"""Of `metadata`: what the store alone decides."""


def kind_of(document: Any) -> Kind:
    """Return the kind that a document says it is of. Raises BadRequest."""
    if not isinstance(document, dict):
        raise BadRequest("an object is wanted, with apiVersion, kind and metadata")
    api_version, name = document.get("apiVersion"), document.get("kind")
    kind = scheme.find(api_version, name)
    if kind is None:
        raise BadRequest(scheme.missing(api_version, name))
    return kind


def metadata_of(document: Document) -> Document:
    """Return the metadata of a document, to be changed in place; made if there are none. Raises BadRequest."""
    metadata = document.get("metadata")
    if metadata is None:
        metadata = document["metadata"] = {}
    if not isinstance(metadata, dict):
        raise BadRequest("metadata: it must be an object")
    return metadata


def name_of(document: Document) -> str:
    """Return the name of a document, empty if it has none. Raises BadRequest."""
    name = metadata_of(document).get("name")
    return name if isinstance(name, str) else ""


def without_namespace(kind: Kind, name: str) -> BadRequest:
    """Return that an object of a kind that lives in a Project does not say in which."""
    return BadRequest(
        f'{kind.name} "{name}": metadata.namespace is missing: the name of its Project'
    )


def applicable(kind: Kind, configuration: Document, subresource: Subresource | None) -> Document:
    """Return the part of a configuration that may be applied here: status alone, or everything else."""
    if subresource is not None:
        own = ("apiVersion", "kind", "metadata", subresource)
        return {key: value for key, value in configuration.items() if key in own}
    return without(configuration, "status") if kind.status else configuration


def without(document: Document, *fields: str) -> Document:
    """Return a document without some of its fields."""
    return {key: value for key, value in document.items() if key not in fields}


def refuse_another(ref: Ref, wanted: Document, old: Document) -> None:
    """Raise Conflict when what is wanted is meant for another revision or another object of that name.

    BadRequest for another kind, name or namespace, and for a resourceVersion that cannot be one.
    """
    given = metadata_of(wanted)
    revision_of(wanted)
    for field in ("apiVersion", "kind"):
        if wanted.get(field) != old[field]:
            raise BadRequest(
                f"{field}: it cannot be changed from {old[field]} to {wanted.get(field)!r}"
            )
    for field in ("name", "namespace"):
        is_, was = given.get(field) or "", old["metadata"].get(field, "")
        if is_ != was:
            raise BadRequest(
                f"the {field} of the object ({is_}) does not match the {field} on the URL ({was})"
            )
    for field, told in (
        (
            "resourceVersion",
            "the object has been modified; please apply your changes to the latest version and try again",
        ),
        ("uid", "the object of that name has another metadata.uid: it was deleted and made anew"),
    ):
        value = given.get(field)
        if value and value != old["metadata"][field]:
            raise Conflict(
                f'Operation cannot be fulfilled on {ref.kind.resource} "{ref.name}": {told}'
            )


def with_old_status(kind: Kind, wanted: Document, old: Document) -> Document:
    """Return what is wanted with the status as it is, where that is a subresource."""
    if not kind.status:
        return wanted
    left = without(wanted, "status")
    return {**left, "status": old["status"]} if "status" in old else left


def with_new_status(
    kind: Kind, wanted: Document, old: Document, field_validation: FieldValidation
) -> tuple[Document, tuple[str, ...]]:
    """Return the stored object with the wanted status, and warnings.

    Raises Invalid, BadRequest, and NotFound for a kind without status.
    """
    if not kind.status:
        raise NotFound(f"{kind.resource} have no status subresource")
    document = without(old, "status")
    if wanted.get("status") is not None:
        document["status"] = wanted["status"]
    admitted = admit(document, kind, old=old, field_validation=field_validation, part="status")
    found = metadata_of(wanted).get("managedFields")
    if found is not None:
        admitted.document["metadata"]["managedFields"] = found
    return admitted.document, admitted.warnings


def with_old_blanks(metadata: Document, old: Document) -> Document:
    """Return metadata in which a field that says nothing is as it was: `labels: {}` and no labels are the same."""
    said = {key: value for key, value in metadata.items() if value not in _BLANKS}
    blank = {key: value for key, value in old.items() if value in _BLANKS and key not in said}
    return {**said, **blank}


_BLANKS: Final[tuple[Any, ...]] = ({}, [], "", None)
