"""API tokens of roles: each is a Secret that stands for a token, which is shown once and kept nowhere."""

from __future__ import annotations

import base64
import functools
import json
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response

from towpath.admission import escalation
from towpath.errors import BadRequest
from towpath.resources import moments, scheme
from towpath.resources.annotations import (
    CREATE_ACTOR,
    DESCRIPTION,
    EXPIRES,
    LAST_USED,
    MANAGED,
    SERVICE_ACCOUNT,
)
from towpath.resources.kinds import Ref
from towpath.resources.labels import API_TOKEN
from towpath.resources.shared_namespaces import SYSTEM
from towpath.server import requests, stored_objects, streaming
from towpath.server.api import roles, shapes
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.wire import GONE, Body, ListOf, Parameter, Reply, created
from towpath.store.contract import MASK, Query, Requirement

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request

    from towpath.server.services import Services
    from towpath.store.contract import Stored

_KIND: Final = scheme.SECRET
_TYPE: Final = "kubernetes.io/service-account-token"
_LABELLED: Final = (Requirement(API_TOKEN, "In", frozenset({"true"})),)
_SHOWN: Final = frozenset({CREATE_ACTOR, DESCRIPTION, EXPIRES, MANAGED, SERVICE_ACCOUNT})
"""Annotations that are answered as they are."""
_LEAST_SECONDS: Final = 60


async def _create(request: Request, services: Services, *, of_system: bool) -> Response:
    """Make a token of a role, and answer with it, this once."""
    if of_system:
        account = await roles.system_account(request, services)
    else:
        account = await requests.named(request, services.store, scheme.SERVICE_ACCOUNT)
    body = await requests.json_object(request)
    name, said = requests.text_of(body, "name"), requests.text_of(body, "description")
    if not name:
        raise BadRequest("name: it is missing: say what the token is to be called")
    expires = _expires(requests.text_of(body, "expiresAt"), services.clock.now())
    place, asking = account.ref.namespace, caller.of(request)
    told = f'a token of ServiceAccount "{account.ref.name}"'
    await escalation.refuse_account(services.authorizer, asking, place, account.ref.name, told)
    noted = {
        SERVICE_ACCOUNT: account.ref.name,
        MANAGED: "true",
        CREATE_ACTOR: asking.actor,
        **({DESCRIPTION: said} if said else {}),
        **({EXPIRES: moments.whole_seconds(expires)} if expires else {}),
    }
    owner = {
        "apiVersion": account.ref.kind.api_version,
        "kind": account.ref.kind.name,
        "name": account.ref.name,
        "uid": account.uid,
    }
    document = {
        "apiVersion": _KIND.api_version,
        "kind": _KIND.name,
        "metadata": {
            "name": name,
            "namespace": place,
            "labels": {API_TOKEN: "true"},
            "annotations": noted,
            "ownerReferences": [owner],
        },
        "type": _TYPE,
    }
    secret = (await services.writer.create(document, asking)).stored
    seconds = None
    if expires is not None:
        seconds = max(1, int((expires - services.clock.now()).total_seconds()))
    token = services.access.api_tokens.issue(
        account.ref, account.uid, secret=secret.ref.name, secret_uid=secret.uid, seconds=seconds
    )
    shown = _shown(secret, base64.b64encode(token.encode()).decode(), None)
    return Response(msgspec.json.encode(shown), status_code=201, media_type=stored_objects.JSON)


async def _list(request: Request, services: Services, *, of_system: bool) -> Response:
    """Answer with the tokens of all roles, or of one, by name and without what they are."""
    place = await _namespace(request, services, of_system=of_system)
    role = request.query_params.get("role", "")
    page = await services.store.list(Query(kind=_KIND, namespace=place, labels=_LABELLED))
    used = await services.access.api_tokens.last_uses([each.uid for each in page.items])
    items = (
        msgspec.json.encode(_shown(each, MASK, used.get(each.uid)))
        for each in page.items
        if not role or _role(each) == role
    )
    head = (
        '{"apiVersion":"v1","kind":"SecretList",'
        f'"metadata":{{"resourceVersion":"{page.revision}"}},"items":['
    )
    parts = stored_objects.in_parts(head.encode(), items, b"]}")
    outlets = services.watches.outlets
    return await streaming.answer(request, outlets, parts, media_type=stored_objects.JSON)


async def _get(request: Request, services: Services, *, of_system: bool) -> Response:
    """Answer with a token without what it is."""
    found = await _found(request, services, of_system=of_system)
    used = await services.access.api_tokens.last_uses([found.uid])
    return Response(
        json.dumps(_shown(found, MASK, used.get(found.uid))), media_type=stored_objects.JSON
    )


async def _delete(request: Request, services: Services, *, of_system: bool) -> Response:
    """Revoke a token."""
    found = await _found(request, services, of_system=of_system)
    await services.writer.delete(found.ref, caller.of(request))
    await services.access.api_tokens.forget(found.uid)
    return Response(status_code=204)


async def _namespace(request: Request, services: Services, *, of_system: bool) -> str:
    return SYSTEM if of_system else await requests.project(request, services.store)


async def _found(request: Request, services: Services, *, of_system: bool) -> Stored:
    """Return the Secret of the token that the path names. Raises Missing, also for another Secret."""
    place = await _namespace(request, services, of_system=of_system)
    ref = Ref(_KIND, place, str(request.path_params["name"]))
    stored = await requests.one(services.store, ref, _LABELLED)
    if (stored.document["metadata"].get("labels") or {}).get(API_TOKEN) != "true":
        raise requests.missing(ref, _LABELLED)
    return stored


def _role(secret: Stored) -> str:
    noted = secret.document["metadata"].get("annotations") or {}
    return str(noted.get(SERVICE_ACCOUNT) or "")


def _shown(secret: Stored, token: str, used: datetime | None) -> dict[str, Any]:
    """Return a token's Secret as it is answered; `used`: when it was shown last."""
    document = secret.document
    metadata = document["metadata"]
    metadata.pop("managedFields", None)
    noted = metadata.get("annotations") or {}
    metadata["annotations"] = {key: value for key, value in noted.items() if key in _SHOWN}
    if used is not None:
        metadata["annotations"][LAST_USED] = moments.whole_seconds(used)
    return {**document, "data": {"token": token}}


def _expires(text: str, now: datetime) -> datetime | None:
    """Return when a token is to end. Raises BadRequest."""
    if not text:
        return None
    found = moments.read(text)
    if found is None:
        raise BadRequest(f"expiresAt: {text[:50]!r} is no time: write it as 2030-01-31T12:00:00Z")
    if (found - now).total_seconds() < _LEAST_SECONDS:
        raise BadRequest("expiresAt: it must lie at least a minute ahead")
    return found


_PLACES: Final = (("/v1beta1/projects/{project}", False, ""), ("/v1beta1/system", True, SYSTEM))
_ROLE: Final = (Parameter("role", "Only those of this role."),)

ENDPOINTS = tuple(
    Endpoint(
        method,
        f"{base}/{end}",
        functools.partial(handler, of_system=of_system),
        tuple(Right(verb, kind, namespace=place) for verb, kind in asked),
        also=also,
        query=query,
        takes=takes,
        answers=answers,
    )
    for base, of_system, place in _PLACES
    for method, end, handler, asked, also, query, takes, answers in (
        (
            "POST",
            "roles/{name}/api-tokens",
            _create,
            (("get", scheme.SERVICE_ACCOUNT), ("create", _KIND)),
            "all that the role may do, or `create` on `serviceaccounts/token`",
            (),
            Body(shapes.NewApiToken),
            created(_KIND),
        ),
        ("GET", "api-tokens", _list, (("list", _KIND),), "", _ROLE, None, Reply(ListOf(_KIND))),
        ("GET", "api-tokens/{name}", _get, (("get", _KIND),), "", (), None, Reply(_KIND)),
        ("DELETE", "api-tokens/{name}", _delete, (("delete", _KIND),), "", (), None, GONE),
    )
)
