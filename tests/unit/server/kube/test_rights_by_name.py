"""Rights to objects by name: a list or watch that selects one name is about that name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import serving
from tests.support.pipeline import PROJECT, project_document, running

if TYPE_CHECKING:
    from pathlib import Path

RBAC = "rbac.authorization.k8s.io"
PATH = f"/api/v1/namespaces/{PROJECT}/configmaps"


async def test_who_may_see_one_object_lists_it_by_its_name(tmp_path: Path) -> None:
    """And neither another nor all of them."""
    async with running(tmp_path) as world:
        await world.apply(
            project_document(),
            {
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": "one", "namespace": PROJECT},
            },
            {
                "apiVersion": f"{RBAC}/v1",
                "kind": "Role",
                "metadata": {"name": "one", "namespace": PROJECT},
                "rules": [
                    {
                        "apiGroups": [""],
                        "resources": ["configmaps"],
                        "resourceNames": ["a"],
                        "verbs": ["get", "list"],
                    }
                ],
            },
            {
                "apiVersion": f"{RBAC}/v1",
                "kind": "RoleBinding",
                "metadata": {"name": "one", "namespace": PROJECT},
                "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "one"},
                "subjects": [{"kind": "ServiceAccount", "name": "one", "namespace": PROJECT}],
            },
            *(
                {
                    "apiVersion": "v1",
                    "kind": "ConfigMap",
                    "metadata": {"name": name, "namespace": PROJECT},
                }
                for name in ("a", "b")
            ),
        )
        token = await serving.account_token(world, PROJECT, "one")
        async with serving.client(world, token) as caller:

            async def listed(query: str) -> tuple[int, list[str]]:
                answer = await caller.get(f"{PATH}{query}")
                items = answer.json().get("items") or []
                return answer.status_code, [each["metadata"]["name"] for each in items]

            assert await listed("?fieldSelector=metadata.name=a") == (200, ["a"])
            assert await listed("?fieldSelector=metadata.name=b") == (403, [])
            assert await listed("?fieldSelector=metadata.name!=b") == (403, [])
            assert await listed("") == (403, [])
            assert (await caller.get(f"{PATH}/a")).status_code == 200
            assert (await caller.get(f"{PATH}/b")).status_code == 403
