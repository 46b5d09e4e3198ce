"""The schemas that OpenAPI documents refer to: of kinds, of their lists, and of what all kinds share."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from towpath.resources import envelopes, reviews, scheme
from towpath.resources.crd import render
from towpath.resources.meta import ObjectMeta
from towpath.resources.structs import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.document import Document
    from towpath.resources.kinds import Kind


_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1"
OBJECT_META: Final = f"{_META}.ObjectMeta"
_LIST_META: Final = f"{_META}.ListMeta"
STATUS: Final = f"{_META}.Status"
DELETE_OPTIONS: Final = f"{_META}.DeleteOptions"
PATCH: Final = f"{_META}.Patch"


def schemas(kinds: Iterable[Kind]) -> Document:
    """Return by name the schemas that the document of these kinds needs, in order."""
    found: Document = dict(_shared())
    for kind in kinds:
        found[name(kind)] = _of_object(kind)
        if kind not in reviews.REVIEWS:
            found[f"{name(kind)}List"] = _of_list(kind)
        if kind is scheme.SERVICE_ACCOUNT:
            found[name(reviews.TOKEN_REQUEST)] = _of_object(reviews.TOKEN_REQUEST)
    return dict(sorted(found.items()))


def name(kind: Kind) -> str:
    """Return the name of a kind's schema, as Kubernetes names those of its own kinds and of custom ones."""
    if kind.group.endswith(".k8s.io") or not kind.group:
        return f"io.k8s.api.{kind.group.partition('.')[0] or 'core'}.{kind.version}.{kind.name}"
    return f"{'.'.join(reversed(kind.group.split('.')))}.{kind.version}.{kind.name}"


def reference(named: str) -> Document:
    """Return what refers to a schema by its name."""
    return {"$ref": f"#/components/schemas/{named}"}


@cache
def _shared() -> Document:
    return {
        DELETE_OPTIONS: render(schema_of(envelopes.DeleteOptions)),
        _LIST_META: render(schema_of(envelopes.ListMeta)),
        OBJECT_META: render(schema_of(ObjectMeta)),
        PATCH: {"description": "A change of an object, in one of several forms.", "type": "object"},
        STATUS: render(schema_of(envelopes.Status)),
    }


def _of_object(kind: Kind) -> Document:
    made = render(schema_of(kind.type))
    about = made["properties"]["metadata"]["description"]
    made["properties"]["metadata"] = {"allOf": [reference(OBJECT_META)], "description": about}
    return made | _names(kind, kind.name)


def _of_list(kind: Kind) -> Document:
    return {
        "description": f"A list of {kind.name} objects.",
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": {"type": "string", "description": "API group and version."},
            "items": {
                "type": "array",
                "description": "The objects.",
                "items": reference(name(kind)),
            },
            "kind": {"type": "string", "description": "Kind of list."},
            "metadata": {
                "allOf": [reference(_LIST_META)],
                "description": "Position in the change log, and where a long list goes on.",
            },
        },
    } | _names(kind, f"{kind.name}List")


def _names(kind: Kind, named: str) -> Document:
    told = {"group": kind.group, "kind": named, "version": kind.version}
    return {"x-kubernetes-group-version-kind": [told]}
