"""Deleting one object, or all of a collection."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response

from towpath.errors import BadRequest, FieldError, Invalid, NotFound
from towpath.resources import scheme
from towpath.resources.validation import wording
from towpath.runtime.several import several
from towpath.server import requests
from towpath.server.auth import caller
from towpath.server.kube import accept, bodies, forms, notation, options, status, tables
from towpath.server.kube.forms import Rendering
from towpath.server.kube.status import MethodNotAllowed
from towpath.store.contract import Propagation, WritePreconditions

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.kube.paths import ResourcePath
    from towpath.server.services import Services
    from towpath.store.contract import Document, Stored

_KIND: Final = "DeleteOptions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """How something is deleted."""

    propagation: Propagation = Propagation.BACKGROUND
    preconditions: WritePreconditions | None = None
    is_dry_run: bool = False


async def delete(request: Request, services: Services, target: ResourcePath) -> Response:
    """Delete an object. Answers with it while it waits for finalizers, with a `Status` when it is gone.

    Raises NotFound, Conflict, Forbidden, BadRequest, Invalid.
    """
    if target.subresource:
        raise MethodNotAllowed
    how = await delete_options(request, services)
    rendering = _rendering(request, services, target, forms.OF_OBJECTS)
    stored = await services.writer.delete(
        target.ref,
        caller.of(request),
        propagation=how.propagation,
        preconditions=how.preconditions,
        dry_run=how.is_dry_run,
    )
    if stored.document["metadata"].get("deletionTimestamp"):
        return await notation.response(request, services, rendering, rendering.one(stored))
    return Response(msgspec.json.encode(_gone(target, stored)), media_type=accept.JSON)


async def delete_collection(request: Request, services: Services, target: ResourcePath) -> Response:
    """Delete what a list with the same selectors shows. Answers with that list, as it was before.

    Raises Forbidden, BadRequest, Invalid; what was deleted until then stays so.
    """
    if target.kind is scheme.NAMESPACE:
        raise MethodNotAllowed
    how = await delete_options(request, services)
    rendering = _rendering(request, services, target, forms.OF_LISTS)
    wanted = options.of_list(request, target.kind, target.namespace)
    page = await services.store.list(
        wanted.query, limit=wanted.limit, cursor=wanted.cursor, fresh=True
    )

    async def remove(item: Stored) -> None:
        with contextlib.suppress(NotFound):  # somebody else was quicker
            await services.writer.delete(
                item.ref,
                caller.of(request),
                propagation=how.propagation,
                preconditions=WritePreconditions(uid=item.uid),
                dry_run=how.is_dry_run,
            )

    await several(page.items, remove)
    metadata = {"resourceVersion": str(page.revision), "continue": page.cursor}
    text = rendering.whole(page.items, metadata)
    return await notation.response(request, services, rendering, text)


async def delete_options(request: Request, services: Services) -> Deletion:
    """Return what the body says, and what the query says where the body is silent. Raises BadRequest, Invalid."""
    body = await bodies.document(request, services, largest=requests.SMALL_BODY) or {}
    if body.get("kind") not in (None, _KIND):
        raise BadRequest(f"the body is a {body.get('kind')}; {_KIND} are wanted")
    query = request.query_params
    policy = body.get("propagationPolicy") or query.get("propagationPolicy") or None
    orphans = body.get("orphanDependents")
    if orphans is None and query.get("orphanDependents"):
        orphans = requests.flag(request, "orphanDependents")
    dry = body.get("dryRun") or query.getlist("dryRun")
    if not isinstance(dry, list) or not all(isinstance(each, str) for each in dry):
        raise BadRequest("dryRun: a list of texts is wanted")
    return Deletion(
        propagation=_propagation(policy, orphans),
        preconditions=_preconditions(body.get("preconditions")),
        is_dry_run=options.dry_run(dry, _KIND),
    )


def _propagation(policy: Any, orphans: Any) -> Propagation:
    if policy is not None and orphans is not None:
        raise _invalid(
            "propagationPolicy",
            policy,
            "orphanDependents and deletionPropagation cannot be both set",
        )
    if policy is None:
        return Propagation.ORPHAN if orphans is True else Propagation.BACKGROUND
    try:
        return Propagation(policy)
    except ValueError:
        wrong = wording.unsupported("propagationPolicy", policy, tuple(sorted(Propagation)))
        raise Invalid.of(f"{_KIND}.meta.k8s.io", "", [wrong]) from None


def _preconditions(given: Any) -> WritePreconditions | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise BadRequest("preconditions: an object with uid or resourceVersion is wanted")
    uid, revision = given.get("uid"), given.get("resourceVersion")
    if not isinstance(uid, str | None) or not isinstance(revision, str | None):
        raise BadRequest("preconditions: uid and resourceVersion are texts")
    if revision and not (revision.isascii() and revision.isdecimal() and len(revision) < 19):
        raise _invalid("preconditions.resourceVersion", revision, "it is no version of this server")
    return WritePreconditions(uid=uid or None, revision=int(revision) if revision else None)


def _invalid(field: str, value: Any, why: str) -> Invalid:
    wrong = FieldError(field, "FieldValueInvalid", f'Invalid value: "{str(value)[:100]}": {why}')
    return Invalid.of(f"{_KIND}.meta.k8s.io", "", [wrong])


def _gone(target: ResourcePath, stored: Stored) -> Document:
    kind = target.kind
    details = {"name": target.name, "group": kind.group, "kind": kind.plural, "uid": stored.uid}
    return status.success({key: value for key, value in details.items() if value})


def _rendering(
    request: Request, services: Services, target: ResourcePath, offered: tuple[str, ...]
) -> Rendering:
    return Rendering(
        kind=target.kind,
        accepted=accept.negotiated(request.headers.get("accept", ""), forms=offered),
        now=services.clock.now(),
        include=tables.include(request.query_params.get("includeObject", "")),
    )
