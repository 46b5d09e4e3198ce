"""Creating, replacing, patching and applying objects, and their status subresource."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest, FieldError, Invalid, NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.patches import json_patch, merge_patch, strategic_merge
from towpath.resources.structs import schema_of
from towpath.rules.rbac import Attributes
from towpath.server import announcing
from towpath.server.auth import caller
from towpath.server.kube import accept, bodies, forms, notation, options, tables
from towpath.server.kube.forms import Rendering
from towpath.server.kube.status import MethodNotAllowed
from towpath.store.system_fields import revision_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.admission.replacement import Subresource
    from towpath.admission.written import Written
    from towpath.resources.kinds import Kind
    from towpath.server.kube.options import WriteOptions
    from towpath.server.kube.paths import ResourcePath
    from towpath.server.services import Services
    from towpath.store.contract import Document

STATUS: Final = "status"
FINALIZE: Final = "finalize"
_PATCHES: Final = (bodies.JSON_PATCH, bodies.MERGE_PATCH, bodies.APPLY_PATCH)
_CORE_PATCHES: Final = (*_PATCHES, bodies.STRATEGIC_PATCH)
_CONDITIONAL: Final = (scheme.LEASE, scheme.SERVICE_ACCOUNT)
"""Kinds of Kubernetes' own that are replaced at a named revision only, as custom ones are."""


async def create(request: Request, services: Services, target: ResourcePath) -> Response:
    """Make an object. Raises AlreadyExists, Invalid, BadRequest, NotFound, Forbidden."""
    if target.subresource:
        raise MethodNotAllowed
    how, rendering = options.of_write(request), _rendering(request, services, target)
    document = await _document(request, services, target)
    if document["metadata"].get("resourceVersion"):
        raise BadRequest("resourceVersion should not be set on objects to be created")
    made = await services.writer.create(
        document,
        caller.of(request),
        field_validation=how.validation,
        dry_run=how.is_dry_run,
        manager=how.manager,
    )
    if not how.is_dry_run:
        await announcing.created(made, services, caller.of(request))
    return await _answer(request, services, rendering, made, status=201)


async def replace(request: Request, services: Services, target: ResourcePath) -> Response:
    """Replace an object, or its status. Raises NotFound, Conflict, Invalid, BadRequest, Forbidden."""
    how, rendering = options.of_write(request), _rendering(request, services, target)
    document = await _document(request, services, target)
    metadata = document["metadata"]
    if not metadata.get("name"):
        raise BadRequest(
            "metadata.name: it is missing; the object that is replaced must name itself"
        )
    if not metadata.get("resourceVersion") and _is_conditional(target.kind):
        wrong = FieldError(
            "metadata.resourceVersion",
            "FieldValueInvalid",
            "Invalid value: 0x0: must be specified for an update",
        )
        raise Invalid.of(target.kind.resource, target.name, [wrong])
    if target.subresource == FINALIZE:
        return await _finalize(request, services, target, rendering, document)
    return await _changed(services, request, target, how, rendering, partial(_replaced, document))


async def _finalize(
    request: Request,
    services: Services,
    target: ResourcePath,
    rendering: Rendering,
    document: Document,
) -> Response:
    """Replace what holds a Namespace."""
    finalizers = (document.get("spec") or {}).get("finalizers") or []
    if not isinstance(finalizers, list) or not all(isinstance(each, str) for each in finalizers):
        raise BadRequest("spec.finalizers: a list of texts is wanted")
    stored = await services.writer.finalize(
        target.ref, finalizers, caller.of(request), revision=revision_of(document)
    )
    return await notation.response(request, services, rendering, rendering.one(stored))


async def patch(request: Request, services: Services, target: ResourcePath) -> Response:
    """Patch or apply an object, or its status. Raises NotFound, Conflict, Invalid, BadRequest, Unsupported."""
    if target.subresource == FINALIZE:
        raise MethodNotAllowed
    kind = target.kind
    accepted = _CORE_PATCHES if kind.group in scheme.BUILT_IN else _PATCHES
    media_type, given = await bodies.patch(request, services, accepted)
    how = options.of_patch(request, is_apply=media_type == bodies.APPLY_PATCH)
    rendering = _rendering(request, services, target)
    if media_type == bodies.APPLY_PATCH:
        return await _apply(request, services, target, how, rendering, given)
    change = partial(_patched, kind, media_type, given)
    return await _changed(services, request, target, how, rendering, change, given)


async def _apply(
    request: Request,
    services: Services,
    target: ResourcePath,
    how: WriteOptions,
    rendering: Rendering,
    given: Any,
) -> Response:
    if not isinstance(given, dict):
        raise BadRequest("an object is wanted, with apiVersion, kind and metadata")
    version, expected = given.get("apiVersion") or "", target.kind.api_version
    if version != expected or not given.get("kind"):
        raise BadRequest(
            f"Incorrect version specified in apply patch. Specified patch version: {version}, expected: {expected}"
            if version != expected
            else f"the configuration that is applied must name its kind, {target.kind.name}"
        )
    configuration = _fitting(given, target)
    configuration["metadata"].setdefault("name", target.name)
    requester = caller.of(request)

    async def may_create() -> None:
        kind = target.kind
        await services.authorizer.authorize(
            requester.user,
            "create",
            Attributes(kind.group, kind.plural, target.namespace, target.name),
        )

    made = await services.writer.apply(
        Ref(target.kind, target.namespace, target.name),
        configuration,
        requester,
        manager=how.manager,
        force=how.force,
        subresource=_subresource(target),
        field_validation=how.validation,
        dry_run=how.is_dry_run,
        may_create=may_create,
    )
    if made.created and not how.is_dry_run:
        await announcing.created(made, services, caller.of(request))
    status = 201 if made.created else 200
    return await _answer(request, services, rendering, made, status=status)


async def _changed(
    services: Services,
    request: Request,
    target: ResourcePath,
    how: WriteOptions,
    rendering: Rendering,
    change: Any,
    given: Any = None,
) -> Response:
    made = await services.writer.change(
        target.ref,
        change,
        caller.of(request),
        manager=how.manager,
        subresource=_subresource(target),
        field_validation=how.validation,
        dry_run=how.is_dry_run,
        given=given,
    )
    return await _answer(request, services, rendering, made, status=200)


def _replaced(new: Document, _: Document) -> Document:
    return new


def _patched(kind: Kind, media_type: str, given: Any, old: Document) -> Document:
    """Return an object as a patch leaves it. Raises BadRequest, Invalid, TooLarge."""
    found = _as_patched(kind, media_type, given, old)
    if not isinstance(found, dict) or not isinstance(found.get("metadata"), dict):
        raise BadRequest("the patch leaves no object with metadata")
    return found


def _as_patched(kind: Kind, media_type: str, given: Any, old: Document) -> Any:
    match media_type:
        case bodies.JSON_PATCH:
            return json_patch.apply(old, given)
        case bodies.STRATEGIC_PATCH:
            return strategic_merge.apply(schema_of(kind.type), old, given)
        case _:
            if not isinstance(given, dict):
                raise BadRequest("a merge patch of an object is an object")
            return merge_patch.apply(old, given)


async def _document(request: Request, services: Services, target: ResourcePath) -> Document:
    """Return the object of a body, which fits the path. Raises BadRequest."""
    found = await bodies.document(request, services)
    if found is None:
        raise BadRequest("the request has no body; an object is wanted")
    fitting = _fitting(found, target)
    request.state.name = str(fitting["metadata"].get("name") or "")
    return fitting


def _fitting(given: Document, target: ResourcePath) -> Document:
    """Return a document with what the path says where it says nothing. Raises BadRequest where they disagree."""
    kind = target.kind
    api_version, name = given.get("apiVersion"), given.get("kind")
    if kind.group not in scheme.BUILT_IN and not (api_version and name):
        raise BadRequest(
            f"the object names no apiVersion or no kind; {kind.api_version} and {kind.name} are wanted"
        )
    if (api_version or kind.api_version) != kind.api_version or (name or kind.name) != kind.name:
        raise BadRequest(
            f"the object is a {name} of {api_version}; the path is that of a {kind.name} of {kind.api_version}"
        )
    metadata = given.get("metadata")
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict):
        raise BadRequest("metadata: it must be an object")
    named, namespace = metadata.get("name"), metadata.get("namespace")
    if target.name and named and named != target.name:
        raise BadRequest(
            f"the name of the object ({named}) does not match the name on the URL ({target.name})"
        )
    if kind.namespaced and namespace and namespace != target.namespace:
        raise BadRequest(
            f"the namespace of the provided object ({namespace}) does not match the namespace sent on the "
            f"request ({target.namespace})"
        )
    metadata = dict(metadata)
    if kind.namespaced:
        metadata["namespace"] = target.namespace
    return {**given, "apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata}


def _is_conditional(kind: Kind) -> bool:
    return kind.group not in scheme.BUILT_IN or kind in _CONDITIONAL


def _subresource(target: ResourcePath) -> Subresource | None:
    return "status" if target.subresource == STATUS else None


def _rendering(request: Request, services: Services, target: ResourcePath) -> Rendering:
    accepted = accept.negotiated(request.headers.get("accept", ""), forms=forms.OF_OBJECTS)
    asked = tables.include(request.query_params.get("includeObject", ""))
    if target.subresource not in ("", STATUS, FINALIZE):
        raise NotFound("the server could not find the requested resource")
    return Rendering(kind=target.kind, accepted=accepted, now=services.clock.now(), include=asked)


async def _answer(
    request: Request, services: Services, rendering: Rendering, made: Written, *, status: int
) -> Response:
    text = rendering.one(made.stored)
    answer = await notation.response(request, services, rendering, text, status=status)
    for warning in made.warnings:
        answer.headers.append("Warning", _warning(warning))
    return answer


def _warning(text: str) -> str:
    """Return a warning as a header holds it (RFC 7234 §5.5, code 299)."""
    plain = "".join(here if " " <= here <= "~" else "?" for here in text)
    return '299 - "' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
