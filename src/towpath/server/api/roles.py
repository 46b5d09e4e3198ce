"""Roles of Projects, and those of the system, as Kargo has them: claims are mapped to a ServiceAccount, which has a Role."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from towpath.admission.authority import REST_MANAGER
from towpath.errors import AlreadyExists, Forbidden, NotFound, TowpathError
from towpath.resources import claims, scheme
from towpath.resources.annotations import DESCRIPTION, MANAGED
from towpath.resources.kinds import Ref
from towpath.resources.labels import SYSTEM_ROLE
from towpath.resources.role import PolicyRule, Role
from towpath.resources.shared_namespaces import SYSTEM
from towpath.resources.structs import to_document, view
from towpath.rules import role_rules
from towpath.server import requests, rights, stored_objects, streaming
from towpath.server.api import role_answers, role_bodies, role_parts, shapes
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.wire import GONE, Body, Parameter, Reply, created
from towpath.store.contract import Query, Requirement

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from starlette.requests import Request

    from towpath.server.api.role_bodies import RoleChange, WantedRole
    from towpath.server.api.role_parts import RoleParts
    from towpath.server.services import Services
    from towpath.store.contract import Document, Stored

_ACCOUNT: Final = scheme.SERVICE_ACCOUNT
_OF_SYSTEM: Final = (Requirement(SYSTEM_ROLE, "In", frozenset({"true"})),)


async def _list(request: Request, services: Services) -> Response:
    """Answer with the roles of a Project, by name."""
    project = await requests.project(request, services.store)
    query = Query(kind=_ACCOUNT, namespace=project)
    found = (
        await _readable(request, services, await role_parts.of(services.store, item))
        async for batch in services.store.scan(query)
        for item in batch
    )
    return await _several(request, services, found)


async def _get(request: Request, services: Services) -> Response:
    """Answer with a role of a Project."""
    return await _one(request, services, await _found(request, services))


async def _list_system(request: Request, services: Services) -> Response:
    """Answer with the roles of the system, by name."""
    page = await services.store.list(Query(kind=_ACCOUNT, namespace=SYSTEM, labels=_OF_SYSTEM))
    found = _of_system(request, services, page.items)
    return await _several(request, services, found)


async def _get_system(request: Request, services: Services) -> Response:
    """Answer with a role of the system."""
    account = await system_account(request, services)
    parts = await role_parts.of_system(services.store, account)
    return await _one(request, services, await _readable(request, services, parts))


async def _of_system(
    request: Request, services: Services, accounts: Sequence[Stored]
) -> AsyncGenerator[RoleParts, None]:
    """Yield the roles of the system that accounts stand for."""
    for each in accounts:
        parts = await role_parts.of_system(services.store, each)
        yield await _readable(request, services, parts)


async def system_account(request: Request, services: Services) -> Stored:
    """Return the account of the system's role that the path names. Raises Missing."""
    ref = Ref(_ACCOUNT, SYSTEM, str(request.path_params["name"]))
    stored = await requests.one(services.store, ref)
    if (stored.document["metadata"].get("labels") or {}).get(SYSTEM_ROLE) != "true":
        raise requests.missing(ref)
    return stored


async def _create(request: Request, services: Services) -> Response:
    """Make a role: a Role, a RoleBinding and a ServiceAccount of its name, all or none."""
    project = await requests.project(request, services.store)
    wanted = role_bodies.role(await requests.json_object(request), project)
    for kind in (_ACCOUNT, scheme.ROLE, scheme.ROLE_BINDING):
        if await _is_there(services, Ref(kind, project, wanted.name)):
            raise AlreadyExists(
                f'{kind.name} "{wanted.name}" exists already in Project {project}: give the role another name'
            )
    account = _account(wanted, project)
    await services.writer.create(account, caller.of(request), dry_run=True)  # as for its name
    # The account last: nobody is mapped to what is not whole.
    await _make(request, services, [*_role(wanted, project), account])
    return _answer(await _parts(services, project, wanted.name), status=201)


async def _replace(request: Request, services: Services) -> Response:
    """Have a role hold these claims and rules and no others: both, or neither where one of them is refused."""
    parts = await _found(request, services)
    parts.require_managed()
    project, name = parts.account.ref.namespace, parts.account.ref.name
    body = await requests.json_object(request)
    wanted = role_bodies.role({**body, "metadata": _named(body, name)}, project)
    described = functools.partial(_described, wanted)
    await _set(request, services, parts.account.ref, described, dry_run=True)
    await _set_rules(request, services, parts, lambda _: wanted.rules)
    await _set(request, services, parts.account.ref, described)
    return _answer(await _parts(services, project, name))


async def _delete(request: Request, services: Services) -> Response:
    """Delete a role: the account first, so that nobody is mapped to it any more; its tokens go with it."""
    parts = await _found(request, services)
    parts.require_managed()
    made_of = (parts.account, *parts.bindings, *parts.roles)
    for each in made_of:  # which may be called otherwise than the role
        ref = each.ref
        await rights.ask(request, services, "delete", ref.kind, ref.namespace, ref.name)
    for each in made_of:
        try:
            await services.writer.delete(each.ref, caller.of(request))
        except NotFound:
            continue
    return Response(status_code=204)


async def _grant(request: Request, services: Services) -> Response:
    """Give a role to people, or rights to a role."""
    return await _change(request, services, adds=True)


async def _revoke(request: Request, services: Services) -> Response:
    """Take a role from people, or rights from a role."""
    return await _change(request, services, adds=False)


async def _change(request: Request, services: Services, *, adds: bool) -> Response:
    project = await requests.project(request, services.store)
    asked = role_bodies.change(await requests.json_object(request))
    ref = Ref(_ACCOUNT, project, asked.role)
    parts = await _of(request, services, ref)
    parts.require_managed()
    if asked.claims:
        with_claims = functools.partial(_with_claims, asked, adds)
        await _set(request, services, ref, with_claims)
    else:
        change = role_rules.granted if adds else role_rules.revoked
        given = (asked.resource, asked.name, asked.verbs)
        await _set_rules(request, services, parts, lambda rules: change(rules, *given))
    return _answer(await _parts(services, project, asked.role))


def _with_claims(asked: RoleChange, adds: bool, document: Document) -> Document:
    held = claims.of(document)
    for name, values in asked.claims.items():
        kept = [value for value in held.get(name, ()) if value not in values]
        held[name] = [*kept, *values] if adds else kept
    return claims.noted(document, {name: values for name, values in held.items() if values})


def _described(wanted: WantedRole, document: Document) -> Document:
    found = claims.noted(document, wanted.claims)
    kept = dict(found["metadata"].get("annotations") or {})
    kept.pop(DESCRIPTION, None)
    if wanted.description:
        kept[DESCRIPTION] = wanted.description
    return {**found, "metadata": {**found["metadata"], "annotations": kept}}


async def _set_rules(
    request: Request,
    services: Services,
    parts: RoleParts,
    change: Callable[[Sequence[PolicyRule]], list[PolicyRule]],
) -> None:
    """Have the Role of a role hold what `change` makes of its rules; it is made where there is none."""
    project, name = parts.account.ref.namespace, parts.account.ref.name
    if not parts.roles:
        wanted = role_bodies.WantedRole(name, "", {}, change([]))
        missing = [each for each in _role(wanted, project) if not _has(parts, each)]
        for each in missing:
            kind = scheme.ROLE if each["kind"] == scheme.ROLE.name else scheme.ROLE_BINDING
            await rights.ask(request, services, "create", kind, project)
        await _make(request, services, missing)
        return

    def changed(document: Document) -> Document:
        rules = role_rules.normalized(view(Role, document).rules)
        return {**document, "rules": [to_document(rule) for rule in change(rules)]}

    await _set(request, services, parts.roles[0].ref, changed)


def _has(parts: RoleParts, document: Document) -> bool:
    return document["kind"] == scheme.ROLE_BINDING.name and bool(parts.bindings)


async def _set(
    request: Request,
    services: Services,
    ref: Ref,
    change: Callable[[Document], Document],
    *,
    dry_run: bool = False,
) -> None:
    await rights.ask(request, services, "update", ref.kind, ref.namespace, ref.name)
    await services.writer.change(
        ref, change, caller.of(request), manager=REST_MANAGER, dry_run=dry_run
    )


async def _make(request: Request, services: Services, documents: Sequence[Document]) -> None:
    """Create objects; where one is refused, those that were made go again."""
    made: list[Ref] = []
    try:
        for document in documents:
            written = await services.writer.create(document, caller.of(request))
            made.append(written.stored.ref)
    except TowpathError:
        for ref in reversed(made):
            await services.writer.delete(ref, caller.of(request))
        raise


def _role(wanted: WantedRole, project: str) -> list[Document]:
    """Return the Role and the RoleBinding of a role."""
    metadata = {"name": wanted.name, "namespace": project, "annotations": {MANAGED: "true"}}
    reference = {"apiGroup": scheme.RBAC, "kind": scheme.ROLE.name, "name": wanted.name}
    subject = {"kind": _ACCOUNT.name, "name": wanted.name, "namespace": project}
    return [
        {
            "apiVersion": scheme.ROLE.api_version,
            "kind": scheme.ROLE.name,
            "metadata": metadata,
            "rules": [to_document(rule) for rule in wanted.rules],
        },
        {
            "apiVersion": scheme.ROLE_BINDING.api_version,
            "kind": scheme.ROLE_BINDING.name,
            "metadata": metadata,
            "roleRef": reference,
            "subjects": [subject],
        },
    ]


def _account(wanted: WantedRole, project: str) -> Document:
    said = {DESCRIPTION: wanted.description} if wanted.description else {}
    metadata = {
        "name": wanted.name,
        "namespace": project,
        "annotations": {MANAGED: "true", **said},
    }
    document = {"apiVersion": _ACCOUNT.api_version, "kind": _ACCOUNT.name, "metadata": metadata}
    return claims.noted(document, wanted.claims)


def _named(body: Document, name: str) -> Document:
    """Return the metadata of a body, which may leave the name of the path out."""
    metadata = body.get("metadata")
    return {**metadata, "name": name} if isinstance(metadata, dict) else {"name": name}


async def _is_there(services: Services, ref: Ref) -> bool:
    try:
        await services.store.get(ref, fresh=True)
    except NotFound:
        return False
    return True


async def _found(request: Request, services: Services) -> RoleParts:
    """Return the role that the path names. Raises Missing."""
    project = await requests.project(request, services.store)
    return await _of(request, services, Ref(_ACCOUNT, project, str(request.path_params["name"])))


async def _of(request: Request, services: Services, ref: Ref) -> RoleParts:
    account = await requests.one(services.store, ref)
    return await _readable(request, services, await role_parts.of(services.store, account))


async def _parts(services: Services, project: str, name: str) -> RoleParts:
    account = await services.store.get(Ref(_ACCOUNT, project, name), fresh=True)
    return await role_parts.of(services.store, account)


async def _readable(request: Request, services: Services, parts: RoleParts) -> RoleParts:
    """Return a role with those ClusterRoles emptied that the caller may not read."""
    for each in tuple(parts.cluster_roles):
        try:
            await rights.ask(request, services, "get", each.ref.kind, "", each.ref.name)
        except Forbidden:
            parts.hidden.append(each.ref.name)
            parts.cluster_roles.remove(each)
    return parts


def _answer(found: RoleParts, *, status: int = 200) -> Response:
    """Return the answer of a role that was written: it has one Role at most."""
    return Response(json.dumps(found.shown()), status_code=status, media_type=stored_objects.JSON)


async def _one(request: Request, services: Services, found: RoleParts) -> Response:
    as_resources = requests.flag(request, "as-resources")
    pieces = role_answers.one(found, as_resources=as_resources)
    outlets = services.watches.outlets
    return await streaming.answer(request, outlets, pieces, media_type=stored_objects.JSON)


async def _several(
    request: Request, services: Services, found: AsyncGenerator[RoleParts, None]
) -> Response:
    as_resources = requests.flag(request, "as-resources")
    pieces = role_answers.several(found, as_resources=as_resources)
    outlets = services.watches.outlets
    return await streaming.answer(request, outlets, pieces, media_type=stored_objects.JSON)


_BASE: Final = "/v1beta1/projects/{project}/roles"
_OF_KINDS: Final = (_ACCOUNT, scheme.ROLE, scheme.ROLE_BINDING)
_FORM: Final = (
    Parameter("as-resources", "Whether the objects are wanted that it is made of.", "boolean"),
)
_CHANGE: Final = "`update` on the ServiceAccount for claims, else on the Role"


def _rights(verb: str, namespace: str = "") -> tuple[Right, ...]:
    return tuple(Right(verb, kind, namespace=namespace) for kind in _OF_KINDS)


ENDPOINTS = (
    Endpoint("GET", _BASE, _list, _rights("list"), query=_FORM, answers=Reply(shapes.ROLES)),
    Endpoint(
        "POST",
        _BASE,
        _create,
        _rights("create"),
        takes=Body(shapes.KargoRole),
        answers=created(shapes.KargoRole),
    ),
    *(
        Endpoint(
            "POST",
            f"{_BASE}/{end}",
            handler,
            _rights("list"),
            also=_CHANGE,
            takes=Body(shapes.Grant),
            answers=Reply(shapes.KargoRole),
        )
        for end, handler in (("grants", _grant), ("revocations", _revoke))
    ),
    Endpoint(
        "GET", f"{_BASE}/{{name}}", _get, _rights("get"), query=_FORM, answers=Reply(shapes.ROLE)
    ),
    Endpoint(
        "PUT",
        f"{_BASE}/{{name}}",
        _replace,
        _rights("update"),
        takes=Body(shapes.KargoRole),
        answers=Reply(shapes.KargoRole),
    ),
    Endpoint("DELETE", f"{_BASE}/{{name}}", _delete, _rights("delete"), answers=GONE),
    Endpoint(
        "GET",
        "/v1beta1/system/roles",
        _list_system,
        Right("list", _ACCOUNT, namespace=SYSTEM),
        query=_FORM,
        answers=Reply(shapes.ROLES),
    ),
    Endpoint(
        "GET",
        "/v1beta1/system/roles/{name}",
        _get_system,
        Right("get", _ACCOUNT, namespace=SYSTEM),
        query=_FORM,
        answers=Reply(shapes.ROLE),
    ),
)
