"""OpenAPI v3 from the scheme: the schemas of a group and version, as `/openapi/v3/…` serves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources.crd import render
from towpath.resources.structs import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.resources.kinds import Kind


def document(kinds: Iterable[Kind], *, version: str) -> dict[str, Any]:
    """Return the OpenAPI document with the schemas of kinds of one group and version, and of their lists.

    `version` is the program's.
    """
    schemas: dict[str, Any] = {}
    for kind in kinds:
        name = schema_name(kind)
        schemas[name] = render(schema_of(kind.type)) | _names(kind, kind.name)
        schemas[f"{name}List"] = {
            "description": f"A list of {kind.name} objects.",
            "type": "object",
            "required": ["items"],
            "properties": {
                "apiVersion": {"type": "string", "description": "API group and version."},
                "items": {
                    "type": "array",
                    "description": "The objects.",
                    "items": {"$ref": f"#/components/schemas/{name}"},
                },
                "kind": {"type": "string", "description": "Kind of list."},
                "metadata": {
                    "type": "object",
                    "description": "Position in the change log, and where a long list goes on.",
                    "properties": {
                        "continue": {"type": "string"},
                        "remainingItemCount": {"type": "integer", "format": "int64"},
                        "resourceVersion": {"type": "string"},
                    },
                },
            },
        } | _names(kind, f"{kind.name}List")
    return {
        "openapi": "3.0.0",
        "info": {"title": "Towpath", "version": version},
        "paths": {},
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def schema_name(kind: Kind) -> str:
    """Return the name of a kind's schema: the group's parts in reverse, version, kind."""
    group = ".".join(reversed(kind.group.split("."))) if kind.group else "io.k8s.api.core"
    return f"{group}.{kind.version}.{kind.name}"


def _names(kind: Kind, name: str) -> dict[str, Any]:
    named = {"group": kind.group, "kind": name, "version": kind.version}
    return {"x-kubernetes-group-version-kind": [named]}
