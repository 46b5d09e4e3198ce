"""The OpenAPI document of our routes, made from the table of endpoints and the types that its rows name."""

from __future__ import annotations

import asyncio
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response

from towpath import __version__
from towpath.resources import components
from towpath.resources.kinds import Kind
from towpath.resources.scheme import SCHEME
from towpath.server.endpoint import Endpoint, Who
from towpath.server.wire import EVENTS, JSON, ListOf, OneOf, Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from starlette.requests import Request

    from towpath.resources.document import Document
    from towpath.server.services import Services
    from towpath.server.wire import Parameter

PATH: Final = "/towpath/v1/openapi.json"
_TEMPLATE: Final = "#/components/schemas/{name}"
_PLACES: Final = re.compile(r"\{(\w+)(?::\w+)?\}")
_WORDS: Final = re.compile(r"[A-Za-z0-9]+")
_ERROR: Final = "Error"
_ERRORS: Final = {
    "type": "object",
    "description": "What went wrong, in words.",
    "required": ["error"],
    "properties": {"error": {"type": "string"}},
}
_FAILED: Final = {
    "description": "It was refused, or it failed.",
    "content": {JSON: {"schema": components.reference(_ERROR)}},
}


def document(endpoints: Iterable[Endpoint]) -> Document:
    """Return the document of a table."""
    rows = tuple(endpoints)
    named = [each for row in rows for each in _types(row)]
    kinds = {each.kind if isinstance(each, ListOf) else each for each in named if _is_kind(each)}
    plain = [each for each in named if not _is_kind(each)]
    shown, found = msgspec.json.schema_components(plain, ref_template=_TEMPLATE)
    schemas = {id(each): schema for each, schema in zip(plain, shown, strict=True)}
    kinds |= {
        kind for kind in SCHEME if components.reference(components.name(kind)) in _references(found)
    }
    paths: dict[str, Document] = {}
    for row in rows:
        path = _PLACES.sub(r"{\1}", row.path)
        paths.setdefault(path, {})[row.method.lower()] = _operation(row, schemas)
    ordered = sorted(kinds, key=components.name)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Towpath",
            "version": __version__,
            "description": "Kargo's API under `/v1beta1`, our own under `/towpath/v1`.",
        },
        "security": [{"bearer": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": dict(
                sorted(
                    {
                        **_modern(components.schemas(ordered)),
                        **found,
                        _ERROR: _ERRORS,
                    }.items()
                )
            ),
        },
    }


def with_document(endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    """Return a table with the route that answers its document."""

    @cache
    def made() -> bytes:
        return json.dumps(document(whole)).encode()

    async def answer(_: Request, __: Services) -> Response:
        """Answer with this document."""
        return Response(await asyncio.to_thread(made), media_type=JSON)

    whole = (
        *endpoints,
        Endpoint("GET", PATH, answer, Who.AUTHENTICATED, answers=Reply(dict[str, Any])),
    )
    return whole


def _types(row: Endpoint) -> Iterator[Any]:
    """Yield the types of bodies and answers."""
    if row.takes is not None:
        yield row.takes.type
    for type_ in (row.answers.type, *(each for _, each in row.answers.also)):
        if isinstance(type_, OneOf):
            yield from type_.types
        elif type_ is not None:
            yield type_


def _references(schema: Any) -> list[Document]:
    """Return every reference in a schema."""
    if isinstance(schema, list):
        return [found for each in schema for found in _references(each)]
    if not isinstance(schema, dict):
        return []
    own = [{"$ref": schema["$ref"]}] if isinstance(schema.get("$ref"), str) else []
    return [*own, *_references(list(schema.values()))]


def _is_kind(type_: Any) -> bool:
    return isinstance(type_, Kind | ListOf)


def _operation(row: Endpoint, schemas: dict[int, Document]) -> Document:
    """Return what is said of a method of a path."""
    made: Document = {"operationId": _id(row), "tags": [_tag(row.path)]}
    told = (getattr(row.handler, "__doc__", None) or "").strip()
    if told and type(row.handler).__name__ == "function":
        made["summary"] = told.partition("\n")[0]
    made["x-towpath-who"] = who(row)
    if row.is_open:
        made["security"] = []
    places = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PLACES.findall(row.path)
    ]
    parameters = [*places, *(_parameter(each) for each in row.query)]
    if parameters:
        made["parameters"] = parameters
    if row.takes is not None:
        made["requestBody"] = {
            "required": row.takes.required,
            "content": {row.takes.media: {"schema": _schema(row.takes.type, schemas)}},
            "x-towpath-most-bytes": row.takes.largest,
        }
    made["responses"] = _responses(row, row.answers, schemas)
    return made


def _responses(row: Endpoint, answers: Reply, schemas: dict[int, Document]) -> Document:
    found: Document = {}
    for status, type_ in ((answers.status, answers.type), *answers.also):
        said: Document = {"description": "It was done." if type_ is None else "The answer."}
        if type_ is not None:
            content = {answers.media: {"schema": _schema(type_, schemas)}}
            if any(each.name == "watch" for each in row.query):
                content[EVENTS] = {"schema": {"type": "string"}}
            if status == answers.status:
                content |= {media: {"schema": {"type": "string"}} for media in answers.texts}
            said["content"] = content
        found[str(status)] = said
    return {**dict(sorted(found.items())), "default": _FAILED}


def _schema(type_: Any, schemas: dict[int, Document]) -> Document:
    if isinstance(type_, OneOf):
        # Not `oneOf`: keys that nobody names are allowed in our schemas, so that an answer may well fit several.
        return {"anyOf": [_schema(each, schemas) for each in type_.types]}
    if isinstance(type_, ListOf):
        return components.reference(f"{components.name(type_.kind)}List")
    if isinstance(type_, Kind):
        return components.reference(components.name(type_))
    return schemas[id(type_)]


def _parameter(each: Parameter) -> Document:
    schema: Document = {"type": each.type}
    if each.words:
        schema["enum"] = list(each.words)
    if each.several:
        schema = {"type": "array", "items": schema}
    found: Document = {
        "name": each.name,
        "in": "query",
        "description": each.about,
        "schema": schema,
    }
    return found | ({"required": True} if each.required else {})


def who(row: Endpoint) -> str:
    """Return in words who may call an endpoint."""
    if isinstance(row.who, Who):
        said = _WHO[row.who]
    else:
        said = ", ".join(
            f"`{right.verb}` {right.kind.plural}"
            + (right.subresource and f"/{right.subresource}")
            + (right.namespace and f" in `{right.namespace}`")
            for right in row.rights
        )
    return f"{said}; {row.also}" if row.also else said


_WHO: Final = {
    Who.ANYBODY: "anybody",
    Who.SIGNING_IN: "anybody, to sign in",
    Who.DELIVERING: "whoever knows the secret of a receiver of webhooks",
    Who.AUTHENTICATED: "whoever has a token",
    Who.ADMIN: "the administrator",
}


def _id(row: Endpoint) -> str:
    """Return the name of an operation, such as `getV1beta1ProjectsByProjectStages`."""
    path = _PLACES.sub(lambda found: f"By {found.group(1)}", row.path)
    words = _WORDS.findall(path)
    return row.method.lower() + "".join(word[:1].upper() + word[1:] for word in words)


def _tag(path: str) -> str:
    return "Kargo" if path.startswith("/v1beta1/") else "Towpath"


def _modern(schema: Any) -> Any:
    """Return a schema of OpenAPI 3.0 in the words of 3.1: what may be null says so by its type."""
    if isinstance(schema, list):
        return [_modern(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _modern(value) for key, value in schema.items()}
    if found.get("nullable") is True:
        del found["nullable"]
        if isinstance(found.get("type"), str):
            found["type"] = [found["type"], "null"]
    return found
