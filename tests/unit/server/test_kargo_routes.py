"""What Kargo's CLI and UI ask for besides objects: heartbeats, whose Projects, paths with a slash."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support import kargo_api, serving
from tests.support.pipeline import PROJECT, project_document, running
from tests.support.raw_requests import ask
from tests.support.serving import TOKEN, account_token, client
from towpath.server.application import Readiness, application
from towpath.server.auth.admin_token import AdminToken

if TYPE_CHECKING:
    from pathlib import Path

HEARTBEATS = "/v1beta1/system/controller-heartbeats"


@pytest.mark.parametrize(("why", "status"), [(None, "Alive"), ("stuck", "Dead")])
async def test_controllers_live_or_do_not(tmp_path: Path, why: str | None, status: str) -> None:
    """The entry without a name is that of every Stage that names no shard."""
    async with running(tmp_path) as world:
        services = replace(serving.services(world), ill=lambda: why)
        served = application(services, AdminToken(TOKEN), Readiness(reason=None))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(served),
            base_url="http://test",
            headers={"Authorization": f"Bearer {TOKEN}"},
        ) as asking:
            found = (await asking.get(HEARTBEATS)).json()
        assert found["defaultController"] == ""
        assert found["heartbeats"][""]["controller"] == ""
        assert found["heartbeats"][""]["status"] == status
        assert kargo_api.faults("GET", HEARTBEATS, 200, found) == []


async def test_projects_are_mine_where_a_binding_means_me(tmp_path: Path) -> None:
    """And, of an account, where it lies; the administrator's are all."""
    other = {**project_document(), "metadata": {"name": "other"}}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "reads"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "sees"},
        "subjects": [{"kind": "ServiceAccount", "name": "kargo-viewer", "namespace": PROJECT}],
    }
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "sees"},
        "rules": [{"apiGroups": ["kargo.akuity.io"], "resources": ["projects"], "verbs": ["list"]}],
    }
    async with running(tmp_path) as world:
        await world.apply(project_document(), other, role, binding)
        await world.settled()
        token = await account_token(world, PROJECT, "kargo-viewer")
        async with client(world, token) as asking:
            assert set(await _names(asking, "")) == {PROJECT, "other"}
            assert await _names(asking, "?mine=true") == [PROJECT]
        async with client(world) as asking:
            assert set(await _names(asking, "?mine=true")) == {PROJECT, "other"}


async def _names(asking: httpx.AsyncClient, query: str) -> list[str]:
    found = (await asking.get(f"/v1beta1/projects{query}")).json()
    assert found["total"] == len(found["items"])
    return [item["metadata"]["name"] for item in found["items"]]


@pytest.mark.parametrize(
    "path",
    ["/v1beta1/projects/", "/v1beta1/system/server-config/", "/v1beta1/nothing", "/towpath/v1/"],
)
async def test_what_is_no_route_is_said_to_be_none(tmp_path: Path, path: str) -> None:
    """And redirects nowhere."""
    async with running(tmp_path) as world:
        answer = await ask(serving.served(world), "GET", path, token=TOKEN)
    assert answer.status == 404
    assert "location" not in answer.headers
    assert f"there is no route {path}" in answer.text


async def test_the_configuration_is_where_the_cli_watches_it(tmp_path: Path) -> None:
    """As well as where it lies."""
    config = {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "ClusterConfig",
        "metadata": {"name": "cluster"},
        "spec": {},
    }
    async with running(tmp_path) as world:
        await world.apply(config)
        async with client(world) as asking:
            one, other = [
                await asking.get(f"/v1beta1/{path}")
                for path in ("cluster-config", "system/cluster-config")
            ]
        assert one.status_code == other.status_code == 200
        assert one.text == other.text
        watched = await ask(
            serving.served(world), "GET", "/v1beta1/cluster-config?watch=true", token=TOKEN
        )
        assert watched.headers["content-type"].startswith("text/event-stream")
