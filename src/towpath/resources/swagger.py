"""OpenAPI v2 (Swagger) made from v3, as JSON and in the protobuf form that Kubernetes clients ask for.

kubectl since 1.29 reads v3. Older ones, and Argo CD before it compares anything, read `/openapi/v2`, and only as
protobuf: the messages of gnostic's OpenAPIv2.proto, of which the tables here have the part that schemas and the
parameters of an operation need.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from towpath.resources.document import Document

PROTOBUF: Final = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
"""The media type of `encoded`."""
ACCEPTED: Final = (PROTOBUF, "application/com.github.proto-openapi.spec.v2@v1.0+protobuf")
"""What it is called where it is asked for. The older name, which kubectl uses, is no media type (RFC 9110 §8.3.1)."""


_V3: Final = "#/components/schemas/"
_V2: Final = "#/definitions/"
_LEFT_OUT: Final = ("nullable", "oneOf", "anyOf", "not")
"""Words of a v3 schema that v2 does not have."""
_PATCH: Final = ("get", "put", "post", "delete", "patch")


def document(documents: Iterable[Mapping[str, Any]], *, version: str) -> Document:
    """Return one Swagger document with the schemas and operations of v3 documents. `version` is the program's."""
    definitions: Document = {}
    paths: Document = {}
    for each in documents:
        for name, schema in each["components"]["schemas"].items():
            definitions[name] = _schema(schema)
        for path, item in each["paths"].items():
            paths[path] = _path(item)
    return {
        "swagger": "2.0",
        "info": {"title": "Towpath", "version": version},
        "paths": dict(sorted(paths.items())),
        "definitions": dict(sorted(definitions.items())),
    }


def encoded(swagger: Mapping[str, Any]) -> bytes:
    """Return a Swagger document as protobuf."""
    return _message("Document", swagger)


# --- from v3 to v2 ------------------------------------------------------------------------------------


def _schema(schema: Any) -> Any:
    """Return a v3 schema in the words of v2. What may be null or has no one type is left without a type."""
    if isinstance(schema, list):
        return [_schema(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {}
    for key, value in schema.items():
        match key:
            case "$ref":
                found[key] = value.replace(_V3, _V2)
            case "properties":
                found[key] = {name: _schema(each) for name, each in value.items()}
            case "items" | "additionalProperties" | "allOf":
                found[key] = _schema(value)
            case _ if key not in _LEFT_OUT:
                found[key] = value
    reference = found.get("allOf")
    if isinstance(reference, list) and len(reference) == 1 and "$ref" in reference[0]:
        found |= found.pop("allOf")[0]  # v3 wraps a reference to describe it
    if schema.get("nullable"):
        found.pop("type", None)
    return found


def _path(item: Mapping[str, Any]) -> Document:
    found: Document = {}
    for method in _PATCH:
        if method in item:
            found[method] = _operation(item[method])
    found["parameters"] = _parameters(item.get("parameters", ()))
    return found


def _operation(operation: Mapping[str, Any]) -> Document:
    told = {key: value for key, value in operation.items() if key.startswith("x-")}
    for key in ("description", "operationId", "tags"):
        if key in operation:
            told[key] = operation[key]
    told["parameters"] = _parameters(operation.get("parameters", ()))
    body = operation.get("requestBody", {}).get("content", {})
    if body:
        told["consumes"] = sorted(body)
        [schema, *_] = (each.get("schema", {}) for each in body.values())
        told["parameters"].append(
            {"name": "body", "in": "body", "required": True, "schema": _schema(schema)}
        )
    told["responses"] = {
        code: {"description": answer.get("description") or "OK"}
        for code, answer in operation.get("responses", {}).items()
    }
    return told


def _parameters(given: Iterable[Mapping[str, Any]]) -> list[Document]:
    return [
        {
            key: value
            for key, value in each.items()
            if key in ("name", "in", "description", "required")
        }
        | {key: value for key, value in each.get("schema", {}).items() if key in ("type", "format")}
        for each in given
    ]


# --- protobuf -----------------------------------------------------------------------------------------

_MESSAGES: Final[dict[str, dict[str, tuple[int, str]]]] = {
    "Document": {
        "swagger": (1, "string"),
        "info": (2, "Info"),
        "paths": (8, "paths"),
        "definitions": (9, "schemas"),
    },
    "Info": {"title": (1, "string"), "version": (2, "string")},
    "PathItem": {
        "get": (2, "Operation"),
        "put": (3, "Operation"),
        "post": (4, "Operation"),
        "delete": (5, "Operation"),
        "patch": (8, "Operation"),
        "parameters": (9, "parameters"),
        "x-": (10, "extension"),
    },
    "Operation": {
        "tags": (1, "strings"),
        "description": (3, "string"),
        "operationId": (5, "string"),
        "consumes": (7, "strings"),
        "parameters": (8, "parameters"),
        "responses": (9, "responses"),
        "x-": (13, "extension"),
    },
    "BodyParameter": {
        "description": (1, "string"),
        "name": (2, "string"),
        "in": (3, "string"),
        "required": (4, "bool"),
        "schema": (5, "Schema"),
    },
    "QueryParameter": {
        "required": (1, "bool"),
        "in": (2, "string"),
        "description": (3, "string"),
        "name": (4, "string"),
        "type": (6, "string"),
        "format": (7, "string"),
    },
    "PathParameter": {
        "required": (1, "bool"),
        "in": (2, "string"),
        "description": (3, "string"),
        "name": (4, "string"),
        "type": (5, "string"),
        "format": (6, "string"),
    },
    "Response": {"description": (1, "string")},
    "Schema": {
        "$ref": (1, "string"),
        "format": (2, "string"),
        "title": (3, "string"),
        "description": (4, "string"),
        "default": (5, "any"),
        "maximum": (7, "double"),
        "minimum": (9, "double"),
        "maxLength": (11, "int"),
        "minLength": (12, "int"),
        "pattern": (13, "string"),
        "maxItems": (14, "int"),
        "minItems": (15, "int"),
        "maxProperties": (17, "int"),
        "minProperties": (18, "int"),
        "required": (19, "strings"),
        "enum": (20, "anys"),
        "additionalProperties": (21, "additional"),
        "type": (22, "type"),
        "items": (23, "items"),
        "allOf": (24, "Schemas"),
        "properties": (25, "schemas"),
        "x-": (31, "extension"),
    },
}
"""Messages by name: for each key its field number and how its value is written; `x-` stands for all such keys."""


def _message(name: str, value: Mapping[str, Any]) -> bytes:
    fields = _MESSAGES[name]
    parts = []
    for key, item in value.items():
        number, how = fields.get("x-" if key.startswith("x-") else key, (0, ""))
        if number:
            parts.append(_field(number, how, key, item))
    return b"".join(parts)


def _field(number: int, how: str, key: str, value: Any) -> bytes:
    match how:
        case "string":
            return _bytes(number, str(value).encode())
        case "strings":
            return b"".join(_bytes(number, str(each).encode()) for each in value)
        case "bool" | "int":
            return _tag(number, 0) + _varint(int(value))
        case "double":
            return _tag(number, 1) + struct.pack("<d", value)
        case "any":
            return _bytes(number, _any(value))
        case "anys":
            return b"".join(_bytes(number, _any(each)) for each in value)
        case "extension":
            return _bytes(number, _named(key, _any(value)))
        case "type":
            return _bytes(number, _bytes(1, str(value).encode()))
        case "items":
            return _bytes(number, _bytes(1, _message("Schema", value)))
        case "additional" if isinstance(value, bool):
            return _bytes(number, _tag(2, 0) + _varint(value))
        case "additional":
            return _bytes(number, _bytes(1, _message("Schema", value)))
        case "Schemas":
            return b"".join(_bytes(number, _message("Schema", each)) for each in value)
        case "schemas":
            return _bytes(number, _map(1, "Schema", value))
        case "paths":
            return _bytes(number, _map(2, "PathItem", value))
        case "parameters":
            return b"".join(_bytes(number, _bytes(1, _parameter(each))) for each in value)
        case "responses":
            answers = (
                (code, _bytes(1, _message("Response", each))) for code, each in value.items()
            )
            return _bytes(number, b"".join(_bytes(1, _named(*each)) for each in answers))
        case _:
            return _bytes(number, _message(how, value))


def _map(number: int, name: str, values: Mapping[str, Any]) -> bytes:
    """Return a map as the protobuf has it: a list of pairs."""
    return b"".join(
        _bytes(number, _named(key, _message(name, value))) for key, value in values.items()
    )


def _parameter(value: Mapping[str, Any]) -> bytes:
    if value.get("in") == "body":
        return _bytes(1, _message("BodyParameter", value))
    if value.get("in") == "path":
        return _bytes(2, _bytes(4, _message("PathParameter", value)))
    return _bytes(2, _bytes(3, _message("QueryParameter", value)))


def _named(name: str, value: bytes) -> bytes:
    return _bytes(1, name.encode()) + _bytes(2, value)


def _any(value: Any) -> bytes:
    """Return any value: the protobuf carries it as YAML, which JSON is."""
    return _bytes(2, json.dumps(value).encode())


def _bytes(number: int, value: bytes) -> bytes:
    return _tag(number, 2) + _varint(len(value)) + value


def _tag(number: int, wire_type: int) -> bytes:
    return _varint(number << 3 | wire_type)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
