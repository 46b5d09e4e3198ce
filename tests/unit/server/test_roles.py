"""The routes of roles: what they show, what they change, whose they may not touch."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import kargo_api, serving
from tests.support.per_turn import PerTurn
from tests.support.pipeline import PROJECT, USER, Pipeline, project_document, running
from towpath.admission import default_roles, namespaces
from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules import role_rules
from towpath.rules.rbac import AUTHENTICATED, Attributes, User
from towpath.server.api import role_parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

BASE = f"/v1beta1/projects/{PROJECT}/roles"
PATTERN = "/v1beta1/projects/{project}/roles"
WANTED: dict[str, Any] = {
    "metadata": {
        "name": "leads",
        "annotations": {"kargo.akuity.io/description": "who may promote to prod"},
    },
    "claims": [{"name": "groups", "values": ["leads"]}, {"name": "groups", "values": ["cto"]}],
    "rules": [{"verbs": ["promote", "get"], "resources": ["stages"], "resourceNames": ["prod"]}],
}
RULE = {
    "verbs": ["get", "promote"],
    "apiGroups": ["kargo.akuity.io"],
    "resources": ["stages"],
    "resourceNames": ["prod"],
}
LEAD = User("sub:lead", (AUTHENTICATED,), claims={"groups": ("leads",)})


@asynccontextmanager
async def _world(folder: Path) -> AsyncIterator[tuple[Pipeline, httpx.AsyncClient]]:
    async with running(folder) as world, serving.client(world) as client:
        await namespaces.ensure_system(world.store, actor="test")
        await default_roles.ensure(world.store, actor="test")
        await world.apply(project_document())
        await world.settled()
        yield world, client


def _decoded(method: str, end: str, answer: httpx.Response) -> Any:
    """Return an answer that a strict decoder takes."""
    assert answer.is_success, answer.text
    assert kargo_api.faults(method, f"{PATTERN}{end}", answer.status_code, answer.json()) == []
    return answer.json()


async def test_a_role_is_made_shown_changed_and_deleted(tmp_path: Path) -> None:
    """What it says counts from then on, and no more when it is gone."""
    async with _world(tmp_path) as (world, client):
        made = _decoded("POST", "", await client.post(BASE, json=WANTED))
        assert made["kargoManaged"] is True
        assert made["claims"] == [{"name": "groups", "values": ["leads", "cto"]}]
        assert made["rules"] == [RULE]
        assert made["metadata"]["annotations"]["kargo.akuity.io/description"].startswith("who may")
        assert _decoded("GET", "/{role}", await client.get(f"{BASE}/leads")) == made
        decides = serving.services(world).authorizer
        prod = Attributes("kargo.akuity.io", "stages", PROJECT, "prod")
        assert (await decides.allowed(LEAD, "promote", prod)).allowed
        put = {"claims": [{"name": "sub", "values": ["x"]}], "rules": []}
        changed = _decoded("PUT", "/{role}", await client.put(f"{BASE}/leads", json=put))
        assert changed["claims"] == [{"name": "sub", "values": ["x"]}]
        assert not changed.get("rules")
        assert "annotations" not in changed["metadata"] or (
            "kargo.akuity.io/description" not in changed["metadata"]["annotations"]
        )
        assert not (await decides.allowed(LEAD, "promote", prod)).allowed
        assert (await client.delete(f"{BASE}/leads")).status_code == 204
        assert (await client.get(f"{BASE}/leads")).status_code == 404
        for kind in (scheme.SERVICE_ACCOUNT, scheme.ROLE, scheme.ROLE_BINDING):
            with pytest.raises(NotFound):
                await world.store.get(Ref(kind, PROJECT, "leads"))


async def test_all_roles_are_a_bare_list(tmp_path: Path) -> None:
    """By name, the Project's own and others; as resources where that is asked for."""
    async with _world(tmp_path) as (world, client):
        await world.apply(
            {
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": "bot", "namespace": PROJECT},
            }
        )
        found = _decoded("GET", "", await client.get(BASE))
        assert [(each["metadata"]["name"], each["kargoManaged"]) for each in found] == [
            ("bot", False),
            ("default", False),
            ("kargo-admin", True),
            ("kargo-promoter", True),
            ("kargo-viewer", True),
        ]
        promoter = next(each for each in found if each["metadata"]["name"] == "kargo-promoter")
        assert all(len(each["resources"]) == 1 for each in promoter["rules"])
        assert not any("secrets" in each["resources"] for each in promoter["rules"])
        whole = (await client.get(f"{BASE}/kargo-viewer?as-resources=true")).json()
        assert sorted(whole) == [
            "clusterRoles", "metadata", "roleBindings", "roles", "serviceAccount",
        ]  # fmt: skip
        assert whole["serviceAccount"]["metadata"]["name"] == "kargo-viewer"
        assert [each["kind"] for each in whole["roles"] + whole["roleBindings"]] == [
            "Role",
            "RoleBinding",
        ]


async def test_very_many_rules_are_written_out_in_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As they stand in the Roles, where they are too many for the one form; nobody else waits for it."""
    account = {"kind": "ServiceAccount", "name": "many", "namespace": PROJECT}
    rbac = {"apiVersion": "rbac.authorization.k8s.io/v1"}
    async with _world(tmp_path) as (world, client):
        await world.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "many", "namespace": PROJECT}})  # fmt: skip
        for number in range(2):
            metadata = {"name": f"r-{number}", "namespace": PROJECT}
            rules = [
                {**RULE, "verbs": ["get"], "resourceNames": [f"s-{number}-{place}"]}
                for place in range(600)
            ]
            reference = {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "Role",
                "name": f"r-{number}",
            }
            await world.writer.create(
                {**rbac, "kind": "Role", "metadata": metadata, "rules": rules}, USER
            )
            await world.writer.create(
                {
                    **rbac,
                    "kind": "RoleBinding",
                    "metadata": metadata,
                    "roleRef": reference,
                    "subjects": [account],
                },
                USER,
            )
        monkeypatch.setattr(role_rules, "MOST_EXTENT", 1_000)
        written = PerTurn()
        monkeypatch.setattr(role_parts, "_given", written.counted(role_parts._given))
        async with written.counting():
            one = (await client.get(f"{BASE}/many")).json()
            found = (await client.get(BASE)).json()
        assert len(one["rules"]) == 1_200
        assert one["rules"][7]["resourceNames"] == ["s-0-7"]
        assert one["kargoManaged"] is False
        assert next(each for each in found if each["metadata"]["name"] == "many") == one
        assert written.most <= 400
        whole = (await client.get(f"{BASE}/many?as-resources=true")).json()
        assert len(whole["roles"]) == len(whole["roleBindings"]) == 2


async def test_the_roles_of_the_system_are_shown_and_not_changed(tmp_path: Path) -> None:
    """There is no route that would."""
    async with _world(tmp_path) as (_, client):
        found = (await client.get("/v1beta1/system/roles")).json()
        assert [each["metadata"]["name"] for each in found] == [
            "kargo-admin", "kargo-project-creator", "kargo-user", "kargo-viewer",
        ]  # fmt: skip
        assert not any(each["kargoManaged"] for each in found)
        one = (await client.get("/v1beta1/system/roles/kargo-project-creator")).json()
        assert any("create" in rule["verbs"] for rule in one["rules"])
        assert (await client.get("/v1beta1/system/roles/nobody")).status_code == 404
        refused = await client.put("/v1beta1/system/roles/kargo-user", json=WANTED)
        assert refused.status_code == 405


async def test_people_and_rights_are_granted_and_revoked(tmp_path: Path) -> None:
    """As Kargo's CLI sends it: `resourceName` is there, and empty."""
    async with _world(tmp_path) as (_, client):
        await client.post(BASE, json={"metadata": {"name": "leads"}})

        async def change(end: str, **given: Any) -> Any:
            answer = await client.post(f"{BASE}/{end}", json={"role": "leads", **given})
            return _decoded("POST", f"/{end}", answer)

        claims = {
            "claims": [{"name": "groups", "values": ["a"]}, {"name": "groups", "values": ["b"]}]
        }
        assert (await change("grants", userClaims=claims))["claims"] == [
            {"name": "groups", "values": ["a", "b"]}
        ]
        one = {"claims": [{"name": "groups", "values": ["a", "never"]}]}
        assert (await change("revocations", userClaims=one))["claims"] == [
            {"name": "groups", "values": ["b"]}
        ]
        details = {"resourceType": "stages", "resourceName": "", "verbs": ["get", "list"]}
        found = await change("grants", resourceDetails=details)
        assert found["rules"] == [
            {"verbs": ["get", "list"], "apiGroups": ["kargo.akuity.io"], "resources": ["stages"]}
        ]
        details["verbs"] = ["list", "watch"]
        assert (await change("revocations", resourceDetails=details))["rules"][0]["verbs"] == [
            "get"
        ]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 400, "metadata.name: it is missing"),
        ({"metadata": []}, 400, "metadata: it must be an object"),
        ({"metadata": {"name": 1}}, 400, "metadata.name: it must be a string"),
        ({"metadata": {"name": "Not A Name"}}, 422, "metadata.name"),
        ({"metadata": {"name": "x", "namespace": "other"}}, 409, "is not the Project of the path"),
        ({"metadata": {"name": "kargo-viewer"}}, 409, "exists already"),
        ({"metadata": {"name": "x"}, "claims": [{"name": "sub"}]}, 400, "claims[0]: it needs"),
        ({"metadata": {"name": "x"}, "claims": {}}, 400, "claims: it must be a list"),
        ({"metadata": {"name": "x"}, "rules": [1]}, 400, "rules[0]: it must be an object"),
        (
            {"metadata": {"name": "x"}, "rules": [{"verbs": ["get"], "resources": ["stage"]}]},
            400,
            'did you mean "stages"?',
        ),
    ],
)
async def test_what_is_no_role_is_refused(
    tmp_path: Path, body: dict[str, Any], status: int, said: str
) -> None:
    """And nothing of it is made."""
    async with _world(tmp_path) as (world, client):
        revision = world.store.revision()
        answer = await client.post(BASE, json=body)
        assert (answer.status_code, said in answer.json()["error"]) == (status, True), answer.text
        assert world.store.revision() == revision


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"userClaims": {"claims": []}}, "role: it is missing"),
        ({"role": "kargo-viewer"}, "exactly one of"),
        ({"role": "kargo-viewer", "userClaims": {}, "resourceDetails": {}}, "exactly one of"),
        ({"role": "kargo-viewer", "userClaims": {}}, "userClaims.claims: it is empty"),
        (
            {
                "role": "kargo-viewer",
                "resourceDetails": {"resourceType": "stage", "verbs": ["get"]},
            },
            'did you mean "stages"',
        ),
        (
            {"role": "kargo-viewer", "resourceDetails": {"resourceType": "stages", "verbs": []}},
            "verbs: at least one is wanted",
        ),
    ],
)
@pytest.mark.parametrize("end", ["grants", "revocations"])
async def test_what_is_no_grant_is_refused(
    tmp_path: Path, end: str, body: dict[str, Any], said: str
) -> None:
    """With what is wrong with it."""
    async with _world(tmp_path) as (_, client):
        answer = await client.post(f"{BASE}/{end}", json=body)
        assert answer.status_code == 400
        assert said in answer.json()["error"]


async def test_what_is_not_managed_is_left_alone(tmp_path: Path) -> None:
    """By any route: a ServiceAccount that somebody made, one with a ClusterRole, one with two bindings."""
    async with _world(tmp_path) as (world, client):
        rbac = "rbac.authorization.k8s.io"
        await world.apply(
            {
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": "bot", "namespace": PROJECT},
            },
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "RoleBinding",
                "metadata": {
                    "name": "view",
                    "namespace": PROJECT,
                    "annotations": {"rbac.kargo.akuity.io/managed": "true"},
                },
                "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "view"},
                "subjects": [{"kind": "ServiceAccount", "name": "kargo-viewer"}],
            },
        )
        grant = {"userClaims": {"claims": [{"name": "sub", "values": ["x"]}]}}
        for name, why in (("bot", "lacks the annotation"), ("kargo-viewer", 'ClusterRole "view"')):
            for answer in (
                await client.put(f"{BASE}/{name}", json={"rules": []}),
                await client.delete(f"{BASE}/{name}"),
                await client.post(f"{BASE}/grants", json={"role": name, **grant}),
                await client.post(f"{BASE}/revocations", json={"role": name, **grant}),
            ):
                assert answer.status_code == 400
                assert why in answer.json()["error"]


async def test_nobody_makes_a_role_of_rights_they_do_not_have(tmp_path: Path) -> None:
    """Nor gives them to one, nor maps people to one that has them; what was begun is taken back."""
    async with _world(tmp_path) as (world, client):
        rbac = "rbac.authorization.k8s.io"
        named = {"name": "clerk", "namespace": PROJECT}
        verbs = ["create", "delete", "get", "list", "update"]
        await world.apply(
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named},
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "Role",
                "metadata": named,
                "rules": [
                    {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": verbs},
                    {"apiGroups": [rbac], "resources": ["roles", "rolebindings"], "verbs": verbs},
                ],
            },
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "RoleBinding",
                "metadata": named,
                "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "clerk"},
                "subjects": [{"kind": "ServiceAccount", "name": "clerk"}],
            },
        )
        await client.post(BASE, json={"metadata": {"name": "empty"}})
        token = await serving.account_token(world, PROJECT, "clerk")
        details = {"resourceType": "secrets", "verbs": ["get"]}
        people = {"claims": [{"name": "sub", "values": ["clerk"]}]}
        async with serving.client(world, token) as clerk:
            for answer in (
                await clerk.post(BASE, json=WANTED),
                await clerk.post(
                    f"{BASE}/grants", json={"role": "empty", "resourceDetails": details}
                ),
                await clerk.post(
                    f"{BASE}/grants", json={"role": "kargo-admin", "userClaims": people}
                ),
            ):
                assert answer.status_code == 403, answer.text
                assert "not currently held" in answer.json()["error"]
            own = {**WANTED, "rules": [{"verbs": ["get"], "resources": ["roles"]}]}
            assert (await clerk.post(BASE, json=own)).status_code == 201


async def test_a_role_is_replaced_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    """Claims that are refused leave the rules as they were: here by who may not hand on what the role may already."""
    async with _world(tmp_path) as (world, client):
        assert (await client.post(BASE, json={**WANTED, "claims": []})).status_code == 201
        before = (await client.get(f"{BASE}/leads?as-resources=true")).json()
        rbac = "rbac.authorization.k8s.io"
        named = {"name": "clerk", "namespace": PROJECT}
        resources = [("", "serviceaccounts"), (rbac, "roles"), (rbac, "rolebindings")]
        await world.apply(
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named},
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "Role",
                "metadata": named,
                "rules": [
                    {"apiGroups": [group], "resources": [each], "verbs": ["get", "list", "update"]}
                    for group, each in resources
                ],
            },
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "RoleBinding",
                "metadata": named,
                "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "clerk"},
                "subjects": [{"kind": "ServiceAccount", "name": "clerk"}],
            },
        )
        token = await serving.account_token(world, PROJECT, "clerk")
        wanted = {"claims": [{"name": "sub", "values": ["clerk"]}], "rules": []}
        async with serving.client(world, token) as clerk:
            refused = await clerk.put(f"{BASE}/leads", json=wanted)
        assert refused.status_code == 403
        assert "not currently held" in refused.json()["error"]
        assert (await client.get(f"{BASE}/leads?as-resources=true")).json() == before
