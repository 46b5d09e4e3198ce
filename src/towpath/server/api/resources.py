"""Raw manifests: create, replace and delete objects of any kind."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response

from towpath.admission.replacement import kind_of, without_namespace
from towpath.errors import BadRequest, NotFound, TowpathError
from towpath.resources import manifests, scheme
from towpath.resources.kinds import Ref
from towpath.resources.validation import FieldValidation
from towpath.rules.rbac import Attributes
from towpath.runtime import aside
from towpath.server import announcing, requests
from towpath.server.api import shapes
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Who
from towpath.server.wire import TEXT, Body, Parameter, Reply, created

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from towpath.admission.written import Written
    from towpath.server.services import Services
    from towpath.store.contract import Document

_LARGEST: Final = 4 << 20
_PATH: Final = "/v1beta1/resources"
_SOURCE: Final = "request body"


class _Told:
    """What is warned of in a request: of what is not there, only when all of the request is written."""

    def __init__(self, request: Request, services: Services) -> None:
        self._requester = caller.of(request)
        self._services = services
        self._dangling: list[tuple[dict[str, Any], Written]] = []

    def item(self, key: str, written: Written) -> dict[str, Any]:
        """Return what is answered of one document."""
        item = _item(key, written)
        if written.said.dangling:
            self._dangling.append((item, written))
        return item

    async def again(self) -> None:
        """Leave out the warnings about what is there by now."""
        for item, written in self._dangling:
            warnings = await self._services.writer.retold(written, self._requester)
            item["warnings"] = list(warnings)
            if not warnings:
                del item["warnings"]


async def _create(request: Request, services: Services) -> Response:
    validation, told = _validation(request), _Told(request, services)

    async def create(document: Document) -> dict[str, Any]:
        await _authorize(request, services, "create", document)
        written = await services.writer.create(
            document, caller.of(request), field_validation=validation
        )
        await announcing.created(written, services, caller.of(request))
        return told.item("createdResourceManifest", written)

    documents = await _documents(request, services, "create")
    return await _each(documents, create, status=201, after=told.again)


async def _update(request: Request, services: Services) -> Response:
    validation, upsert = _validation(request), requests.flag(request, "upsert")
    told = _Told(request, services)

    async def update(document: Document) -> dict[str, Any]:
        await _authorize(request, services, "update", document)
        requester = caller.of(request)
        try:
            written = await services.writer.update(document, requester, field_validation=validation)
        except NotFound:
            if await _is_there(document, services):
                raise
            if not upsert:
                raise NotFound("resource does not exist") from None
            await _authorize(request, services, "create", document)
            written = await services.writer.create(document, requester, field_validation=validation)
            await announcing.created(written, services, caller.of(request))
            return told.item("createdResourceManifest", written)
        return told.item("updatedResourceManifest", written)

    verbs = ("update", "create") if upsert else ("update",)
    documents = await _documents(request, services, *verbs)
    return await _each(documents, update, status=200, after=told.again)


async def _delete(request: Request, services: Services) -> Response:
    async def delete(document: Document) -> dict[str, Any]:
        await _authorize(request, services, "delete", document)
        ref = _ref(document)
        stored = await services.writer.delete(ref, caller.of(request))
        return {"deletedResourceManifest": msgspec.Raw(stored.legible)}

    documents = await _documents(request, services, "delete")
    is_project = [document.get("kind") == scheme.PROJECT.name for document in documents]
    last = [each for each, found in zip(documents, is_project, strict=True) if found]
    first = [each for each, found in zip(documents, is_project, strict=True) if not found]
    return await _each([*first, *last], delete, status=200)


async def _documents(request: Request, services: Services, *verbs: str) -> list[Document]:
    """Return the documents of a body, Projects first.

    Nothing is read for whoever may do none of the verbs to anything. Raises Forbidden then, BadRequest when there are no
    documents or when they cannot be read, TooLarge.
    """
    await services.authorizer.authorize_somewhere(caller.of(request).user, verbs)
    text = await requests.body(request)
    found = None
    if len(text) <= aside.LIGHT * aside.JSON_BYTES:
        found = manifests.read_json(text, _SOURCE, bounds=manifests.OF_REQUEST)
    if found is None:
        found = await services.aside.run(
            partial(manifests.read, bounds=manifests.OF_REQUEST),
            text,
            _SOURCE,
            weight=manifests.weight(text),
            what=_SOURCE,
            caller=caller.of(request).user.name,
        )
    if not found:
        raise BadRequest("no resources found in request body")
    documents = [manifest.document for manifest in found]
    return sorted(documents, key=lambda document: document.get("kind") != scheme.PROJECT.name)


async def _each(
    documents: list[Document],
    act: Callable[[Document], Awaitable[dict[str, Any]]],
    *,
    status: int,
    after: Callable[[], Awaitable[None]] | None = None,
) -> Response:
    """Do it for each, then what comes after all; where there is one document only, its error is that of the request."""
    results: list[dict[str, Any]] = []
    for document in documents:
        await asyncio.sleep(0)  # others have their turn, also where all are refused at once
        try:
            results.append(await act(document))
        except TowpathError as error:
            if len(documents) == 1:
                raise
            results.append({"error": error.message})
    if after is not None and len(documents) > 1:
        await after()
    return Response(
        msgspec.json.encode({"results": results}),
        status_code=status,
        media_type="application/json",
    )


def _item(key: str, written: Written) -> dict[str, Any]:
    item: dict[str, Any] = {key: msgspec.Raw(written.stored.legible)}
    if written.unchanged:
        item["unchanged"] = True
    if written.warnings:
        item["warnings"] = list(written.warnings)
    return item


async def _is_there(document: Document, services: Services) -> bool:
    """Whether the object exists: then what was not found is something that it names."""
    try:
        await services.store.get(_ref(document), fresh=True)
    except (NotFound, BadRequest):
        return False
    return True


def _ref(document: Document) -> Ref:
    kind = kind_of(document)
    metadata = document.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    name, namespace = metadata.get("name"), metadata.get("namespace") or ""
    if not isinstance(name, str) or not name:
        raise BadRequest(f"{kind.name}: metadata.name is missing")
    if kind.namespaced and not namespace:
        raise without_namespace(kind, name)
    return Ref(kind, str(namespace) if kind.namespaced else "", name)


async def _authorize(request: Request, services: Services, verb: str, document: Document) -> None:
    """Return if the caller may do that to an object. Raises Forbidden, BadRequest for a kind that does not exist."""
    kind = kind_of(document)
    metadata = document.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    namespace = str(metadata.get("namespace") or "") if kind.namespaced else ""
    name = "" if verb == "create" else str(metadata.get("name") or "")
    await services.authorizer.authorize(
        caller.of(request).user, verb, Attributes(kind.group, kind.plural, namespace, name)
    )


def _validation(request: Request) -> FieldValidation:
    given = request.query_params.get("fieldValidation") or FieldValidation.WARN
    try:
        return FieldValidation(given)
    except ValueError:
        raise BadRequest(f"fieldValidation: {given!r} is none of Strict, Warn, Ignore") from None


_ALSO: Final = "for each document, the verb on what it is"
_MANIFEST: Final = Body(shapes.MANIFEST, _LARGEST, TEXT)
_FIELDS: Final = Parameter(
    "fieldValidation", "What becomes of unknown fields.", words=tuple(FieldValidation)
)
_UPSERT: Final = Parameter("upsert", "Whether what is not there is created.", "boolean")
ENDPOINTS = (
    Endpoint(
        "POST",
        _PATH,
        _create,
        Who.AUTHENTICATED,
        also=_ALSO,
        query=(_FIELDS,),
        takes=_MANIFEST,
        answers=created(shapes.ResourceResults),
    ),
    Endpoint(
        "PUT",
        _PATH,
        _update,
        Who.AUTHENTICATED,
        also=_ALSO,
        query=(_UPSERT, _FIELDS),
        takes=_MANIFEST,
        answers=Reply(shapes.ResourceResults),
    ),
    Endpoint(
        "DELETE",
        _PATH,
        _delete,
        Who.AUTHENTICATED,
        also=_ALSO,
        takes=_MANIFEST,
        answers=Reply(shapes.ResourceResults),
    ),
)
