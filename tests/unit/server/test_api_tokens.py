"""API tokens of roles: shown once, known by, revoked; whose nobody may make."""

from __future__ import annotations

import base64
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.pipeline import PROJECT, Pipeline, project_document, running
from towpath.admission import default_roles, namespaces
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.store.contract import MASK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

BASE = f"/v1beta1/projects/{PROJECT}"


@asynccontextmanager
async def _world(folder: Path) -> AsyncIterator[tuple[Pipeline, httpx.AsyncClient]]:
    async with running(folder) as world, serving.client(world) as client:
        await namespaces.ensure_system(world.store, actor="test")
        await default_roles.ensure(world.store, actor="test")
        await world.apply(project_document())
        await world.settled()
        yield world, client


def _token(made: httpx.Response) -> str:
    assert made.status_code == 201, made.text
    return base64.b64decode(made.json()["data"]["token"]).decode()


@pytest.mark.parametrize(
    ("base", "role", "read", "namespace"),
    [
        (BASE, "kargo-viewer", f"{BASE}/stages", PROJECT),
        ("/v1beta1/system", "kargo-user", "/v1beta1/projects", "kargo"),
    ],
)
async def test_a_token_is_shown_once_and_ends_when_it_is_revoked(
    tmp_path: Path, base: str, role: str, read: str, namespace: str
) -> None:
    """Who shows it may do what the role may; its Secret holds nothing of it."""
    async with _world(tmp_path) as (world, client):
        made = await client.post(f"{base}/roles/{role}/api-tokens", json={"name": "ci"})
        token, shown = _token(made), made.json()["metadata"]
        assert shown["labels"]["rbac.kargo.akuity.io/api-token"] == "true"
        assert shown["annotations"]["kubernetes.io/service-account.name"] == role
        assert shown["annotations"]["rbac.kargo.akuity.io/managed"] == "true"
        stored = await world.store.get(Ref(scheme.SECRET, namespace, "ci"))
        assert not stored.document.get("data")
        async with serving.client(world, token) as bot:
            assert (await bot.get(read)).status_code == 200
            refused = await bot.post("/v1beta1/resources", json=project_document())
            assert refused.status_code == 403
        one = (await client.get(f"{base}/api-tokens/ci")).json()
        assert one["data"] == {"token": MASK}
        listed = (await client.get(f"{base}/api-tokens?role={role}")).json()["items"]
        assert [each["metadata"]["name"] for each in listed] == ["ci"]
        assert token not in json.dumps([one, listed])
        assert (await client.get(f"{base}/api-tokens?role=other")).json()["items"] == []
        assert (await client.delete(f"{base}/api-tokens/ci")).status_code == 204
        async with serving.client(world, token) as bot:
            assert (await bot.get(read)).status_code == 401
        assert (await client.get(f"{base}/api-tokens/ci")).status_code == 404


async def test_a_token_may_end_by_itself(tmp_path: Path) -> None:
    """When its maker said."""
    async with _world(tmp_path) as (world, client):
        path = f"{BASE}/roles/kargo-viewer/api-tokens"
        now = world.clock.now()
        ends = now.replace(microsecond=0, year=now.year + 1).isoformat().replace("+00:00", "Z")
        made = await client.post(path, json={"name": "ci", "expiresAt": ends, "description": "CI"})
        noted = made.json()["metadata"]["annotations"]
        assert noted["towpath.dev/expires"] == ends
        assert noted["kargo.akuity.io/description"] == "CI"
        async with serving.client(world, _token(made)) as bot:
            assert (await bot.get(f"{BASE}/stages")).status_code == 200
            await world.clock.advance(366 * 86400)
            assert (await bot.get(f"{BASE}/stages")).status_code == 401


async def test_a_token_ends_with_its_role(tmp_path: Path) -> None:
    """And so does its Secret."""
    async with _world(tmp_path) as (world, client):
        role = {
            "metadata": {"name": "bots"},
            "rules": [{"verbs": ["list"], "resources": ["stages"]}],
        }
        await client.post(f"{BASE}/roles", json=role)
        token = _token(await client.post(f"{BASE}/roles/bots/api-tokens", json={"name": "ci"}))
        async with serving.client(world, token) as bot:
            assert (await bot.get(f"{BASE}/stages")).status_code == 200
            await client.delete(f"{BASE}/roles/bots")
            assert (await bot.get(f"{BASE}/stages")).status_code == 401


@pytest.mark.parametrize(
    ("role", "body", "status", "said"),
    [
        ("kargo-viewer", {}, 400, "name: it is missing"),
        ("kargo-viewer", {"name": 1}, 400, "name: it must be a string"),
        ("kargo-viewer", {"name": "Not A Name"}, 422, "metadata.name"),
        ("kargo-viewer", {"name": "x", "expiresAt": "tomorrow"}, 400, "is no time"),
        ("kargo-viewer", {"name": "x", "expiresAt": "2001-01-01T00:00:00Z"}, 400, "ahead"),
        ("nobody", {"name": "x"}, 404, "nobody"),
    ],
)
async def test_what_is_no_token_is_refused(
    tmp_path: Path, role: str, body: dict[str, Any], status: int, said: str
) -> None:
    """With what is wrong, and nothing is made."""
    async with _world(tmp_path) as (world, client):
        revision = world.store.revision()
        answer = await client.post(f"{BASE}/roles/{role}/api-tokens", json=body)
        assert (answer.status_code, said in answer.json()["error"]) == (status, True), answer.text
        assert world.store.revision() == revision


async def test_one_name_is_one_token(tmp_path: Path) -> None:
    """Also beside a Secret that is none, which the routes do not show."""
    async with _world(tmp_path) as (world, client):
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "creds", "namespace": PROJECT},
        }
        await world.apply(secret)
        path = f"{BASE}/roles/kargo-viewer/api-tokens"
        assert (await client.post(path, json={"name": "creds"})).status_code == 409
        assert (await client.get(f"{BASE}/api-tokens/creds")).status_code == 404
        assert (await client.delete(f"{BASE}/api-tokens/creds")).status_code == 404
        assert (await client.get(f"{BASE}/api-tokens")).json()["items"] == []


async def test_nobody_makes_a_token_of_rights_they_do_not_have(tmp_path: Path) -> None:
    """Though they may make Secrets; a Secret that is made by hand is no token either."""
    async with _world(tmp_path) as (world, client):
        rules = [
            {"verbs": ["create", "get"], "resources": ["secrets"]},
            {"verbs": ["get"], "resources": ["serviceaccounts"]},
        ]
        await client.post(f"{BASE}/roles", json={"metadata": {"name": "clerk"}, "rules": rules})
        token = await serving.account_token(world, PROJECT, "clerk")
        async with serving.client(world, token) as clerk:
            refused = await clerk.post(f"{BASE}/roles/kargo-admin/api-tokens", json={"name": "x"})
            assert refused.status_code == 403
            assert "not currently held" in refused.json()["error"]
            own = await clerk.post(f"{BASE}/roles/clerk/api-tokens", json={"name": "x"})
            assert own.status_code == 201


async def test_a_token_reaches_no_further_than_its_maker(tmp_path: Path) -> None:
    """What its role may do everywhere must be held everywhere, not in the Project alone; administrators make those of their roles."""
    rbac = {"apiVersion": "rbac.authorization.k8s.io/v1"}
    reads = {"verbs": ["list"], "resources": ["stages"]}
    rules = [{**reads, "apiGroups": ["kargo.akuity.io"]}]
    metadata = {"name": "reader"}
    binding = {
        **rbac,
        "kind": "ClusterRoleBinding",
        "metadata": metadata,
        "roleRef": {"kind": "ClusterRole", "name": "reader"},
    }
    reader = {"kind": "ServiceAccount", "name": "reader", "namespace": PROJECT}
    async with _world(tmp_path) as (world, client):
        makes = [
            reads,
            {"verbs": ["create"], "resources": ["secrets"]},
            {"verbs": ["get"], "resources": ["serviceaccounts"]},
        ]
        await client.post(f"{BASE}/roles", json={"metadata": {"name": "clerk"}, "rules": makes})
        await client.post(f"{BASE}/roles", json={"metadata": metadata, "rules": [reads]})
        clerks = await serving.account_token(world, PROJECT, "clerk")
        administrators = await serving.account_token(world, PROJECT, "kargo-admin")
        path = f"{BASE}/roles/reader/api-tokens"
        async with serving.client(world, clerks) as clerk:
            assert (await clerk.post(path, json={"name": "a"})).status_code == 201
            await world.apply(
                {**rbac, "kind": "ClusterRole", "metadata": metadata, "rules": rules},
                {**binding, "subjects": [reader]},
            )
            refused = await clerk.post(path, json={"name": "b"})
            assert refused.status_code == 403
            assert "not currently held: list stages" in refused.json()["error"]
        async with serving.client(world, administrators) as administrator:
            for role in ("kargo-admin", "kargo-promoter", "kargo-viewer"):
                made = await administrator.post(
                    f"{BASE}/roles/{role}/api-tokens", json={"name": role}
                )
                assert made.status_code == 201, made.text
