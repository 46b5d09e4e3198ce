"""Credentials of repositories, and generic ones: Secrets that are told apart by a label and never shown with their values."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response

from towpath.admission.authority import REST_MANAGER
from towpath.errors import BadRequest
from towpath.resources import annotations as keys
from towpath.resources import scheme
from towpath.resources.labels import CREDENTIAL_TYPE
from towpath.resources.secret import (
    CREDENTIAL_TYPES,
    GENERIC,
    PASSWORD,
    REPO_URL,
    REPO_URL_IS_REGEX,
    USERNAME,
)
from towpath.server import requests, stored_objects, streaming
from towpath.server.api import places, shapes
from towpath.server.auth import caller
from towpath.server.wire import Body, large
from towpath.store.contract import Query, Requirement

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from starlette.requests import Request

    from towpath.server.services import Services
    from towpath.store.contract import Document, Stored

_KIND: Final = scheme.SECRET
REDACTED: Final = "*** REDACTED ***"
_SHOWN: Final = frozenset({keys.DESCRIPTION, keys.REPLICATE_TO, keys.CREATE_ACTOR})
"""Annotations that are answered as they are; in others anything may stand, kubectl's copy of a manifest above all."""
_GENERIC_TYPES: Final = frozenset({GENERIC})


async def _list(types: frozenset[str], request: Request, services: Services) -> Response:
    namespace = await places.namespace(request, services)
    query = Query(kind=_KIND, namespace=namespace, labels=_labelled_as(types))
    parts = _parts(query, services, caller.of(request).user.name)
    outlets = services.watches.outlets
    return await streaming.answer(request, outlets, parts, media_type=stored_objects.JSON)


async def _parts(query: Query, services: Services, actor: str) -> AsyncGenerator[bytes, None]:
    scan = services.store.scan(query)
    yield (
        '{"apiVersion":"v1","kind":"SecretList",'
        f'"metadata":{{"resourceVersion":"{scan.revision}"}},"items":['
    ).encode()
    is_first = True
    async for batch in scan:
        shown = [await _shown(stored, services, actor) for stored in batch]
        part = b",".join(shown)
        if part:
            yield part if is_first else b"," + part
            is_first = False
    yield b"]}"


async def _get(types: frozenset[str], request: Request, services: Services) -> Response:
    return await _answer(await _stored(types, request, services), request, services)


async def _delete(types: frozenset[str], request: Request, services: Services) -> Response:
    stored = await _stored(types, request, services)
    await services.writer.delete(stored.ref, caller.of(request))
    return Response(status_code=204)


async def _create_generic(request: Request, services: Services) -> Response:
    namespace = await places.namespace(request, services)
    body = await requests.large_json_object(request, services.aside)
    values, type_ = requests.texts_of(body, "data"), requests.text_of(body, "type")
    if not values:
        raise BadRequest("data: it is empty: give it a value by name")
    more = {"type": type_} if type_ else {}
    return await _create(request, services, places.metadata(body, namespace), GENERIC, values, more)


async def _create_repo(request: Request, services: Services) -> Response:
    namespace = await places.namespace(request, services)
    body = await requests.json_object(request)
    type_, values = _whole(body)
    return await _create(request, services, places.metadata(body, namespace), type_, values, {})


async def _create(
    request: Request,
    services: Services,
    metadata: dict[str, Any],
    label: str,
    values: dict[str, str],
    more: dict[str, str],
) -> Response:
    document = {
        "apiVersion": _KIND.api_version,
        "kind": _KIND.name,
        "metadata": {**metadata, "labels": {CREDENTIAL_TYPE: label}},
        "stringData": values,
        **more,
    }
    written = await services.writer.create(document, caller.of(request))
    return await _answer(written.stored, request, services, status=201)


async def _replace_generic(request: Request, services: Services) -> Response:
    body = await requests.large_json_object(request, services.aside)
    wanted = places.wants_copies(body, await places.namespace(request, services))
    said, values = requests.text_of(body, "description"), requests.texts_of(body, "data")
    if not values:
        raise BadRequest("data: it is empty: name the values that are to stay")
    change = functools.partial(_generic_replaced, said, values, wanted)
    return await _change(_GENERIC_TYPES, request, services, change, body)


async def _patch_generic(request: Request, services: Services) -> Response:
    body = await requests.large_json_object(request, services.aside)
    said, values = places.said_of(body), requests.texts_of(body, "data")
    change = functools.partial(_patched, said, values, places.removed(body), "")
    return await _change(_GENERIC_TYPES, request, services, change, body)


async def _replace_repo(request: Request, services: Services) -> Response:
    body = await requests.json_object(request)
    type_, values = _whole(body)
    change = functools.partial(_repo_replaced, requests.text_of(body, "description"), values, type_)
    return await _change(CREDENTIAL_TYPES, request, services, change, body)


async def _patch_repo(request: Request, services: Services) -> Response:
    """Change what is named. A `repoUrlIsRegex` on its own means nothing: Kargo's CLI always sends it."""
    body = await requests.json_object(request)
    type_, values, removed = requests.text_of(body, "type"), _given(body), []
    if type_:
        _check_type(type_)
    if REPO_URL in values and REPO_URL_IS_REGEX not in values:
        removed.append(REPO_URL_IS_REGEX)
    change = functools.partial(_patched, places.said_of(body), values, removed, type_)
    return await _change(CREDENTIAL_TYPES, request, services, change, body)


async def _change(
    types: frozenset[str],
    request: Request,
    services: Services,
    change: Callable[[Document], Document],
    given: Any,
) -> Response:
    """Change a Secret. Values that are kept stay sealed; where they would go elsewhere they must be given anew."""
    stored = await _stored(types, request, services)
    checked = functools.partial(_checked, types, change)
    written = await services.writer.change(
        stored.ref, checked, caller.of(request), manager=REST_MANAGER, given=given
    )
    return await _answer(written.stored, request, services)


def _checked(
    types: frozenset[str], change: Callable[[Document], Document], document: Document
) -> Document:
    """Return what a change makes of a Secret that is still of these types. Raises BadRequest."""
    if _label(document) not in types:
        raise BadRequest(f"Secret {document['metadata']['name']} has become one of another type")
    return change(document)


def _generic_replaced(
    said: str,
    values: dict[str, str],
    is_copied: bool,
    document: Document,
) -> Document:
    """Return a Secret with these values and no others; an empty one stands for that which is there."""
    before = document.get("data") or {}
    kept = {key: before[key] for key, value in values.items() if not value and key in before}
    new = {key: value for key, value in values.items() if key not in kept}
    found = places.with_copies(places.described(document, said), wanted=is_copied)
    return {**found, "data": kept, "stringData": new}


def _repo_replaced(said: str, values: dict[str, str], type_: str, document: Document) -> Document:
    found = _labelled(places.described(document, said), type_)
    return {**found, "data": {}, "stringData": values}


def _patched(
    said: str | None,
    values: dict[str, str],
    removed: list[str],
    type_: str,
    document: Document,
) -> Document:
    kept = {key: value for key, value in (document.get("data") or {}).items() if key not in removed}
    found = places.described(document, said)
    return {**(_labelled(found, type_) if type_ else found), "data": kept, "stringData": values}


def _labelled(document: Document, type_: str) -> Document:
    labels = {**(document["metadata"].get("labels") or {}), CREDENTIAL_TYPE: type_}
    return {**document, "metadata": {**document["metadata"], "labels": labels}}


def _whole(body: Document) -> tuple[str, dict[str, str]]:
    """Return type and values of a credential that is described whole. Raises BadRequest."""
    type_, values = requests.text_of(body, "type"), _given(body)
    _check_type(type_)
    for key, name in ((REPO_URL, "repoUrl"), (USERNAME, "username"), (PASSWORD, "password")):
        if key not in values:
            raise BadRequest(f"{name}: it is missing")
    return type_, values


def _check_type(type_: str) -> None:
    if type_ not in CREDENTIAL_TYPES:
        known = ", ".join(sorted(CREDENTIAL_TYPES))
        raise BadRequest(f"type: {type_[:50]!r} must be one of {known}")


def _given(body: Document) -> dict[str, str]:
    """Return the values that a body names, by the keys of Secrets; an empty text is as good as none."""
    named = {REPO_URL: "repoUrl", USERNAME: "username", PASSWORD: "password"}
    found = {key: requests.text_of(body, name) for key, name in named.items()}
    if requests.flag_of(body, "repoUrlIsRegex") and found[REPO_URL]:
        found[REPO_URL_IS_REGEX] = "true"
    return {key: value for key, value in found.items() if value}


async def _stored(types: frozenset[str], request: Request, services: Services) -> Stored:
    """Return the Secret that the path names. Raises Missing, also for one that is no credential of these types."""
    ref = await places.ref(request, services, _KIND)
    among = _labelled_as(types)
    stored = await requests.one(services.store, ref, among)
    if _label(stored.document) not in types:
        raise requests.missing(ref, among)
    return stored


def _labelled_as(types: frozenset[str]) -> tuple[Requirement, ...]:
    return (Requirement(CREDENTIAL_TYPE, "In", types),)


async def _answer(
    stored: Stored, request: Request, services: Services, *, status: int = 200
) -> Response:
    shown = await _shown(stored, services, caller.of(request).user.name)
    return Response(shown, status_code=status, media_type=stored_objects.JSON)


async def _shown(stored: Stored, services: Services, actor: str) -> bytes:
    """Return a Secret as Kargo shows it: what is no secret of a repository's credential, the names of all other values."""
    document = stored.document
    public: dict[str, str] = {}
    if _label(document) in CREDENTIAL_TYPES:
        reason = "to show which repository it is for"
        public = await services.credentials.public(stored, actor=actor, reason=reason)
    values = document.pop("data", None) or {}
    metadata = document["metadata"]
    metadata.pop("managedFields", None)
    noted = metadata.get("annotations") or {}
    if noted:
        metadata["annotations"] = {
            key: value if key in _SHOWN else REDACTED for key, value in noted.items()
        }
    document["stringData"] = {key: public.get(key, REDACTED) for key in values}
    return msgspec.json.encode(document)


def _label(document: Document) -> str:
    return str((document["metadata"].get("labels") or {}).get(CREDENTIAL_TYPE) or "")


_REPO: Final = {base: place for base, place in places.PLACES.items() if base != "/v1beta1/system"}
ENDPOINTS = (
    *places.endpoints(
        "generic-credentials",
        _KIND,
        several={"GET": functools.partial(_list, _GENERIC_TYPES), "POST": _create_generic},
        one={
            "GET": functools.partial(_get, _GENERIC_TYPES),
            "PUT": _replace_generic,
            "PATCH": _patch_generic,
            "DELETE": functools.partial(_delete, _GENERIC_TYPES),
        },
        takes={
            "POST": large(shapes.NewGenericCredentials),
            "PUT": large(shapes.WholeConfigMap),
            "PATCH": large(shapes.Changes),
        },
    ),
    *places.endpoints(
        "repo-credentials",
        _KIND,
        several={"GET": functools.partial(_list, CREDENTIAL_TYPES), "POST": _create_repo},
        one={
            "GET": functools.partial(_get, CREDENTIAL_TYPES),
            "PUT": _replace_repo,
            "PATCH": _patch_repo,
            "DELETE": functools.partial(_delete, CREDENTIAL_TYPES),
        },
        takes={
            "POST": Body(shapes.NewRepoCredentials),
            "PUT": Body(shapes.WholeRepoCredentials),
            "PATCH": Body(shapes.RepoCredentialsChanges),
        },
        places=_REPO,
    ),
)
