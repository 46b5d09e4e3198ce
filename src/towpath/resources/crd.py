"""CustomResourceDefinitions from the scheme: structural schemas, without `$ref`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources.schema import ABSENT, Schema
from towpath.resources.structs import schema_of

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind

_AGE = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}


def definition(kind: Kind) -> dict[str, Any]:
    """Return the CustomResourceDefinition of a kind, for YAML or JSON."""
    names: dict[str, Any] = {
        "kind": kind.name,
        "listKind": f"{kind.name}List",
        "plural": kind.plural,
    }
    if kind.short_names:
        names["shortNames"] = list(kind.short_names)
    names["singular"] = kind.singular
    if kind.categories:
        names["categories"] = list(kind.categories)
    version: dict[str, Any] = {
        "name": kind.version,
        "served": True,
        "storage": True,
        "additionalPrinterColumns": [*(_column(column) for column in kind.columns), _AGE],
        "schema": {"openAPIV3Schema": render(root(kind))},
        "subresources": {"status": {}} if kind.status else {},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{kind.group}"},
        "spec": {
            "group": kind.group,
            "names": names,
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "versions": [version],
        },
    }


def root(kind: Kind) -> Schema:
    """Return a kind's schema as an API server takes it: of metadata it says only that it is an object, and no word more."""
    schema = schema_of(kind.type)
    properties = dict(schema.properties)
    properties["metadata"] = Schema(type="object")
    return Schema(
        type="object",
        description=schema.description,
        properties=properties,
        required=schema.required,
        rules=schema.rules,
    )


def render(schema: Schema) -> dict[str, Any]:
    """Return a schema as OpenAPI v3 with Kubernetes' extensions, in one fixed order of keys."""
    found: dict[str, Any] = {}
    if schema.description:
        found["description"] = schema.description
    plain = {
        "type": schema.type,
        "format": schema.format,
        "pattern": schema.pattern,
        "enum": list(schema.enum) or None,
        "minLength": schema.min_length,
        "maxLength": schema.max_length,
        "minimum": schema.minimum,
        "maximum": schema.maximum,
        "minItems": schema.min_items,
        "maxItems": schema.max_items,
        "minProperties": schema.min_properties,
        "nullable": schema.nullable or None,
    }
    found.update((key, value) for key, value in plain.items() if value is not None)
    if schema.default is not ABSENT:
        found["default"] = schema.default
    if schema.required:
        found["required"] = sorted(schema.required)
    if schema.properties:
        found["properties"] = {
            name: render(schema.properties[name]) for name in sorted(schema.properties)
        }
    if schema.values is not None:
        found["additionalProperties"] = render(schema.values)
    if schema.items is not None:
        found["items"] = render(schema.items)
    found.update(_extensions(schema))
    return found


def _extensions(schema: Schema) -> dict[str, Any]:
    extensions = {
        "embedded-resource": schema.embedded_resource or None,
        "int-or-string": schema.int_or_string or None,
        "list-map-keys": list(schema.list_map_keys) or None,
        "list-type": schema.list_type,
        "map-type": schema.map_type,
        "preserve-unknown-fields": schema.preserve_unknown or None,
        "validations": [
            {"rule": rule.expression} | ({"message": rule.message} if rule.message else {})
            for rule in schema.rules
        ]
        or None,
    }
    return {f"x-kubernetes-{key}": value for key, value in extensions.items() if value is not None}


def _column(column: Any) -> dict[str, Any]:
    found = {"name": column.name, "type": column.type, "jsonPath": column.path}
    return found | ({"priority": 1} if column.wide else {})
