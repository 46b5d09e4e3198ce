"""Every route of REST and of the Kubernetes API, as everybody who might call: what the table of rights says is what is answered.

Who may is worked out here anew, from the rules of the stored Roles as plain data, not by the code that decides.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.pipeline import (
    PROJECT,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.raw_requests import ask
from towpath.admission import default_roles, namespaces
from towpath.resources import scheme
from towpath.resources.scheme import SCHEME
from towpath.server.application import ENDPOINTS
from towpath.server.endpoint import Right, Who
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.types import ASGIApp

    from towpath.resources.kinds import Kind
    from towpath.server.endpoint import Endpoint

OTHER = "other"
CALLERS = {
    "stranger": (OTHER, "nobody"),
    "viewer": (PROJECT, "kargo-viewer"),
    "promoter": (PROJECT, "kargo-promoter"),
    "project admin": (PROJECT, "kargo-admin"),
    "system viewer": ("kargo", "kargo-viewer"),
}
"""The account of each."""
NAME = "no-such-thing"
_VERBS = {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete", "POST": "create"}


@asynccontextmanager
async def _world(folder: Path) -> AsyncIterator[tuple[Pipeline, ASGIApp]]:
    async with running(folder) as world:
        await namespaces.ensure_system(world.store, actor="test")
        await default_roles.ensure(world.store, actor="test")
        nobody = {"name": "nobody", "namespace": OTHER}
        await world.apply(
            project_document(),
            {**project_document(), "metadata": {"name": OTHER}},
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": nobody},
            warehouse_document(),
            stage_document("dev"),
        )
        await world.settled()
        yield world, serving.served(world)


Held = list[tuple[str, dict[str, Any]]]


async def _held(world: Pipeline, namespace: str, name: str) -> Held:
    """Return the rules that bindings give to an account, each with where it holds ("": everywhere)."""
    user = f"system:serviceaccount:{namespace}:{name}"
    groups = {
        "system:authenticated",
        "system:serviceaccounts",
        f"system:serviceaccounts:{namespace}",
    }
    roles = {
        (each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"]): each
        for kind in (scheme.ROLE, scheme.CLUSTER_ROLE)
        for each in await _all(world, kind)
    }
    found: Held = []
    for kind in (scheme.ROLE_BINDING, scheme.CLUSTER_ROLE_BINDING):
        for binding in await _all(world, kind):
            where = binding["metadata"].get("namespace", "")
            meant = any(
                (each["kind"] == "User" and each["name"] == user)
                or (each["kind"] == "Group" and each["name"] in groups)
                or (
                    each["kind"] == "ServiceAccount"
                    and (each.get("namespace") or where, each["name"]) == (namespace, name)
                )
                for each in binding.get("subjects") or ()
            )
            reference = binding["roleRef"]
            place = where if reference["kind"] == "Role" else ""
            role = roles.get((reference["kind"], place, reference["name"]))
            if meant and role is not None:
                found += [(where, rule) for rule in role.get("rules") or ()]
    return found


async def _all(world: Pipeline, kind: Kind) -> list[dict[str, Any]]:
    return [each.document for each in (await world.store.list(Query(kind=kind))).items]


def _may(
    held: Held, verb: str, kind: Kind, namespace: str, name: str, subresource: str = ""
) -> bool:
    resource = f"{kind.plural}/{subresource}" if subresource else kind.plural
    return any(
        where in ("", namespace if kind.namespaced else "")
        and {verb, "*"} & set(rule["verbs"])
        and {kind.group, "*"} & set(rule.get("apiGroups") or ())
        and {resource, "*", *({f"*/{subresource}"} if subresource else ())}
        & set(rule.get("resources") or ())
        and (not rule.get("resourceNames") or name in rule["resourceNames"])
        for where, rule in held
    )


def _right(held: Held, right: Right) -> bool:
    namespace = (right.namespace or PROJECT) if right.kind.namespaced else ""
    name = NAME
    if right.kind in (scheme.PROJECT, scheme.PROJECT_CONFIG):
        name = PROJECT
    if right.verb in ("list", "create") or not right.is_named:
        name = ""
    return _may(held, right.verb, right.kind, namespace, name, right.subresource)


def _expected(endpoint: Endpoint, held: Held | None) -> bool | None:
    """Whether a caller gets past the table's rights; None of the administrator."""
    if held is None or isinstance(endpoint.who, Who):
        return held is None or endpoint.who is not Who.ADMIN
    return all(_right(held, right) for right in endpoint.rights)


def _is_last(endpoint: Endpoint) -> bool:
    """Whether it takes away what the others are about."""
    return (endpoint.method, endpoint.path) == ("DELETE", "/v1beta1/projects/{project}")


def _paths(endpoint: Endpoint) -> str:
    path = endpoint.path.replace("{project}", PROJECT)
    for part in ("name", "id", "file", "object"):
        path = path.replace(f"{{{part}}}", NAME)
    return path if "{" not in path else ""


def _kubernetes() -> list[tuple[str, str, str, Kind, str, str]]:
    """Return requests, each with the verb, kind, namespace and name that it is about."""
    found = []
    for kind in SCHEME:
        base = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
        place = PROJECT if kind.namespaced else ""
        here = f"{base}/namespaces/{PROJECT}/{kind.plural}" if place else f"{base}/{kind.plural}"
        found += [
            ("GET", here, "list", kind, place, ""),
            ("GET", f"{here}?watch=1&timeoutSeconds=0", "watch", kind, place, ""),
            ("DELETE", f"{here}?dryRun=All", "deletecollection", kind, place, ""),
            ("POST", f"{here}?dryRun=All", "create", kind, place, ""),
            *(
                (method, f"{here}/{NAME}?dryRun=All", _VERBS[method], kind, place, NAME)
                for method in ("GET", "PUT", "PATCH", "DELETE")
            ),
        ]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("who", ["anonymous", "wrong token", "admin", *CALLERS])
async def test_the_table_says_who_may(tmp_path: Path, who: str) -> None:
    """401 for who is nobody; 403 for who may not; something else for who may."""
    async with _world(tmp_path) as (world, application):
        token, held = "", None
        if who in CALLERS:
            token = await serving.account_token(world, *CALLERS[who])
            held = await _held(world, *CALLERS[who])
        elif who != "anonymous":
            token = serving.TOKEN if who == "admin" else "wrong"
        is_nobody = who in ("anonymous", "wrong token")
        wrong = []
        for method, path, verb, kind, namespace, name in _kubernetes():
            document = {
                "apiVersion": kind.api_version,
                "kind": kind.name,
                "metadata": {"name": NAME},
            }
            headers = {"content-type": "application/json"}
            if method == "PATCH":
                headers = {"content-type": "application/merge-patch+json"}
            answer = await ask(
                application,
                method,
                path,
                body=json.dumps(document).encode() if method in ("POST", "PUT", "PATCH") else b"",
                token=token,
                headers=headers,
            )
            if is_nobody:
                right = answer.status == 401
            else:
                may = held is None or _may(held, verb, kind, namespace, name)
                is_refused = answer.status == 403 and "cannot" in answer.text
                right = is_refused != may
            if not right or answer.status >= 500:
                wrong.append((method, path, answer.status, answer.text[:200]))
        for endpoint in sorted(ENDPOINTS, key=_is_last):
            if not (path := _paths(endpoint)):
                continue
            body = b"{}" if endpoint.takes is not None else b""
            answer = await ask(application, endpoint.method, path, body=body, token=token)
            if endpoint.who is Who.SIGNING_IN:
                right = (
                    True  # anybody may try; what they are told is about the password that they show
                )
            elif endpoint.who is Who.DELIVERING:
                right = answer.status == 404  # it is the secret that counts, and nobody shows one
            elif is_nobody:
                right = (
                    answer.status != 401 if endpoint.who is Who.ANYBODY else answer.status == 401
                )
            else:
                expected = _expected(endpoint, held)
                # What a handler asks for besides (`also`) may refuse whoever got that far.
                right = (answer.status != 403) == expected or (
                    bool(expected) and bool(endpoint.also)
                )
                right = right or (endpoint.who is Who.AUTHENTICATED and answer.status == 403)
            if not right or answer.status >= 500:
                wrong.append((endpoint.method, path, answer.status, answer.text[:200]))
        assert wrong == []


async def test_somebody_gets_somewhere_and_nobody_everywhere(tmp_path: Path) -> None:
    """Or the test above would hold where everybody is refused, or nobody."""
    async with _world(tmp_path) as (world, _):
        counts = {}
        for who, account in CALLERS.items():
            held = await _held(world, *account)
            counts[who] = sum(bool(_expected(each, held)) for each in ENDPOINTS)
        assert counts["stranger"] < counts["viewer"] < counts["promoter"] < counts["project admin"]
        assert counts["project admin"] < len(ENDPOINTS)
