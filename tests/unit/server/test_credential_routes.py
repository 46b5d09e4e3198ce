"""Config maps and credentials over Kargo's API: what is stored, what is shown, and where values may go."""

from __future__ import annotations

import base64
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import kargo_api
from tests.support.pipeline import PROJECT, project_document, running
from tests.support.serving import account_token, client
from towpath.admission import namespaces
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.shared_namespaces import SHARED, SYSTEM_RESOURCES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from tests.support.pipeline import Pipeline

CANARY = "c4n4ry-v4lue"
REDACTED = "*** REDACTED ***"
PLACES = {
    f"/v1beta1/projects/{PROJECT}": PROJECT,
    "/v1beta1/shared": SHARED,
    "/v1beta1/system": SYSTEM_RESOURCES,
}
REPO_PLACES = [base for base in PLACES if "system" not in base]
REPO = {
    "name": "repo",
    "description": "d",
    "type": "git",
    "repoUrl": "https://g.example/a.git",
    "repoUrlIsRegex": False,
    "username": "bot",
    "password": CANARY,
}


@asynccontextmanager
async def _asking(folder: Path) -> AsyncIterator[tuple[Pipeline, httpx.AsyncClient]]:
    async with running(folder) as world:
        await namespaces.ensure_system(world.store, actor="test")
        await world.apply(project_document())
        await world.settled()
        async with client(world) as asking:
            yield world, asking


async def _told(
    asking: httpx.AsyncClient, method: str, path: str, body: Any = None, *, status: int = 200
) -> Any:
    """Return the answer as JSON, which a strict reader of Kargo's description can read, and in which no value stands."""
    answer = await asking.request(method, path, **({} if body is None else {"json": body}))
    assert answer.status_code == status, answer.text
    for shown in (CANARY, base64.b64encode(CANARY.encode()).decode()):
        assert shown not in answer.text or "configmaps" in path
    if not answer.content:
        return None
    found = answer.json()
    if status < 300:
        described = path.replace(f"/{PROJECT}/", "/{project}/")
        described = re.sub(r"(configmaps|credentials)/[^/]+$", r"\1/{name}", described)
        assert kargo_api.faults(method, described, status, found) == []
    return found


async def _values(world: Pipeline, namespace: str, name: str) -> dict[str, str]:
    document = await world.store.reveal(
        Ref(scheme.SECRET, namespace, name), actor="test", reason="to compare"
    )
    return {key: base64.b64decode(value).decode() for key, value in document["data"].items()}


@pytest.mark.parametrize("base", PLACES)
async def test_config_maps_are_made_changed_and_deleted(tmp_path: Path, base: str) -> None:
    """A PUT replaces, a PATCH changes."""
    path = f"{base}/configmaps"
    async with _asking(tmp_path) as (_, asking):
        body = {"name": "m", "description": "what for", "data": {"a": "1", "b": "2"}}
        made = await _told(asking, "POST", path, body, status=201)
        assert made["metadata"]["namespace"] == PLACES[base]
        assert made["metadata"]["annotations"] == {"kargo.akuity.io/description": "what for"}
        await _told(asking, "POST", path, body, status=409)
        changed = await _told(
            asking, "PATCH", f"{path}/m", {"data": {"c": "3"}, "removeKeys": ["a"]}
        )
        assert changed["data"] == {"b": "2", "c": "3"}
        assert changed["metadata"]["annotations"] == made["metadata"]["annotations"]
        replaced = await _told(asking, "PUT", f"{path}/m", {"data": {"d": "4"}})
        assert replaced["data"] == {"d": "4"}
        assert not replaced["metadata"].get("annotations")
        assert (await _told(asking, "GET", f"{path}/m"))["data"] == {"d": "4"}
        listed = await _told(asking, "GET", path)
        assert [item["metadata"]["name"] for item in listed["items"]] == ["m"]
        await _told(asking, "DELETE", f"{path}/m", status=204)
        await _told(asking, "GET", f"{path}/m", status=404)


@pytest.mark.parametrize("base", PLACES)
async def test_generic_credentials_are_sealed_and_never_shown(tmp_path: Path, base: str) -> None:
    """A PUT drops what it does not name and keeps what it names without a value."""
    path = f"{base}/generic-credentials"
    async with _asking(tmp_path) as (world, asking):
        body = {"name": "g", "description": "", "data": {"a": CANARY, "b": CANARY, "c": "x"}}
        made = await _told(asking, "POST", path, body, status=201)
        assert "data" not in made
        assert made["stringData"] == dict.fromkeys("abc", REDACTED)
        assert made["metadata"]["labels"] == {"kargo.akuity.io/cred-type": "generic"}
        await _told(asking, "PUT", f"{path}/g", {"data": {"a": "", "c": "new"}})
        assert await _values(world, PLACES[base], "g") == {"a": CANARY, "c": "new"}
        change = {"data": {"d": CANARY, "c": REDACTED}, "removeKeys": ["a"], "description": "d"}
        patched = await _told(asking, "PATCH", f"{path}/g", change)
        assert await _values(world, PLACES[base], "g") == {"c": "new", "d": CANARY}
        assert patched["metadata"]["annotations"] == {"kargo.akuity.io/description": "d"}
        listed = await _told(asking, "GET", path)
        assert listed["items"] == [await _told(asking, "GET", f"{path}/g")]
        await _told(asking, "DELETE", f"{path}/g", status=204)
        assert (await _told(asking, "GET", path))["items"] == []


@pytest.mark.parametrize("base", REPO_PLACES)
async def test_credentials_of_repositories_show_which_they_are(tmp_path: Path, base: str) -> None:
    """Address and user's name, and nothing else."""
    path, one = f"{base}/repo-credentials", f"{base}/repo-credentials/repo"
    async with _asking(tmp_path) as (world, asking):
        made = await _told(asking, "POST", path, REPO, status=201)
        shown = {"repoURL": REPO["repoUrl"], "username": "bot", "password": REDACTED}
        assert made["stringData"] == shown
        assert made["metadata"]["labels"] == {"kargo.akuity.io/cred-type": "git"}
        assert (await _told(asking, "GET", one))["stringData"] == shown
        assert (await _told(asking, "GET", path))["items"] == [await _told(asking, "GET", one)]
        whole = {**REPO, "type": "helm", "repoUrl": "^https://h", "repoUrlIsRegex": True}
        replaced = await _told(asking, "PUT", one, whole)
        assert replaced["stringData"] == shown | {
            "repoURL": "^https://h",
            "repoURLIsRegex": "true",
        }
        assert replaced["metadata"]["labels"] == {"kargo.akuity.io/cred-type": "helm"}
        values = await _values(world, PLACES[base], "repo")
        assert values["password"] == CANARY
        await _told(asking, "DELETE", one, status=204)


async def test_a_password_goes_nowhere_else_unless_it_is_given_anew(tmp_path: Path) -> None:
    """Who may change a credential and does not know its password has it sent to no server of their own."""
    base = f"/v1beta1/projects/{PROJECT}/repo-credentials"
    async with _asking(tmp_path) as (world, asking):
        await _told(asking, "POST", base, REPO, status=201)
        before = await _values(world, PROJECT, "repo")
        for change in (
            {"repoUrl": "https://evil.example/"},
            {"repoUrl": ".*", "repoUrlIsRegex": True},
            {"repoUrl": REPO["repoUrl"], "repoUrlIsRegex": True},
            {"type": "image"},
            {"repoUrl": "https://evil.example/", "password": REDACTED},
        ):
            refused = await _told(asking, "PATCH", f"{base}/repo", change, status=422)
            assert "password" in refused["error"]
        whole = {**REPO, "repoUrl": "https://evil.example/", "password": REDACTED}
        await _told(asking, "PUT", f"{base}/repo", whole, status=422)
        assert await _values(world, PROJECT, "repo") == before
        moved = {"repoUrl": "https://new.example/", "password": "other"}
        await _told(asking, "PATCH", f"{base}/repo", moved)
        after = await _values(world, PROJECT, "repo")
        assert after == {"repoURL": "https://new.example/", "username": "bot", "password": "other"}


async def test_whether_it_is_a_pattern_counts_with_an_address_alone(tmp_path: Path) -> None:
    """Kargo's CLI sends it with every update."""
    base = f"/v1beta1/projects/{PROJECT}/repo-credentials"
    async with _asking(tmp_path) as (_, asking):
        pattern = {**REPO, "repoUrl": "^https://g", "repoUrlIsRegex": True}
        await _told(asking, "POST", base, pattern, status=201)
        for is_regex in (False, True):
            change = {"username": "new", "repoUrlIsRegex": is_regex}
            shown = (await _told(asking, "PATCH", f"{base}/repo", change))["stringData"]
            assert shown["repoURLIsRegex"] == "true"
        await _told(asking, "POST", base, {**REPO, "name": "plain"}, status=201)
        change = {"username": "new", "repoUrlIsRegex": True}
        shown = (await _told(asking, "PATCH", f"{base}/plain", change))["stringData"]
        assert "repoURLIsRegex" not in shown


async def test_secrets_of_another_type_are_not_there(tmp_path: Path) -> None:
    """Neither to be read nor to be changed; without a label they are no credentials."""
    base = f"/v1beta1/projects/{PROJECT}"
    other = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "other", "namespace": PROJECT},
        "stringData": {"repoURL": CANARY, "username": CANARY},
    }
    async with _asking(tmp_path) as (world, asking):
        await world.apply(other)
        await _told(asking, "POST", f"{base}/repo-credentials", REPO, status=201)
        generic = {"name": "g", "data": {"a": CANARY}}
        await _told(asking, "POST", f"{base}/generic-credentials", generic, status=201)
        before = world.store.revision()
        for collection, names in (
            ("generic-credentials", ["other", "repo"]),
            ("repo-credentials", ["other", "g"]),
        ):
            for name in names:
                path = f"{base}/{collection}/{name}"
                body = REPO | {"data": {"x": "y"}}
                for method in ("GET", "PUT", "PATCH", "DELETE"):
                    given = None if method in ("GET", "DELETE") else body
                    await _told(asking, method, path, given, status=404)
            listed = await _told(asking, "GET", f"{base}/{collection}")
            assert len(listed["items"]) == 1
        assert world.store.revision() == before


async def test_annotations_and_addresses_may_hold_values(tmp_path: Path) -> None:
    """They are not shown: a copy of the manifest, and an address with a password in it."""
    base = f"/v1beta1/projects/{PROJECT}/repo-credentials"
    document = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "repo",
            "namespace": PROJECT,
            "labels": {"kargo.akuity.io/cred-type": "git"},
            "annotations": {"kargo.akuity.io/description": "d", "note": CANARY},
        },
        "stringData": {"repoURL": f"https://me:{CANARY}@g.example/", "password": CANARY},
    }
    async with _asking(tmp_path) as (world, asking):
        await world.apply(document)
        shown = await _told(asking, "GET", f"{base}/repo")
        assert shown["stringData"] == {"repoURL": REDACTED, "password": REDACTED}
        assert shown["metadata"]["annotations"] == {
            "kargo.akuity.io/description": "d",
            "note": REDACTED,
        }


@pytest.mark.parametrize(
    ("collection", "body", "said"),
    [
        ("configmaps", {"data": {"a": "1"}}, "name: it is missing"),
        ("configmaps", {"name": "m"}, "data: it is empty"),
        ("configmaps", {"name": "m", "data": {"a": 1}}, "data[a]: it must be a string"),
        ("configmaps", {"name": "m", "data": ["a"]}, "data: it must be an object"),
        ("generic-credentials", {"name": "m", "data": {}}, "data: it is empty"),
        ("generic-credentials", {"name": 1, "data": {"a": CANARY}}, "name: it must be a string"),
        ("repo-credentials", REPO | {"type": "bogus"}, "type: 'bogus' must be one of"),
        ("repo-credentials", REPO | {"repoUrl": ""}, "repoUrl: it is missing"),
        ("repo-credentials", REPO | {"username": ""}, "username: it is missing"),
        ("repo-credentials", REPO | {"password": ""}, "password: it is missing"),
        ("repo-credentials", REPO | {"repoUrlIsRegex": "yes"}, "repoUrlIsRegex: it must be"),
    ],
)
async def test_what_is_wrong_is_named(
    tmp_path: Path, collection: str, body: dict[str, Any], said: str
) -> None:
    """With 400, and nothing is made."""
    async with _asking(tmp_path) as (world, asking):
        before = world.store.revision()
        path = f"/v1beta1/projects/{PROJECT}/{collection}"
        refused = await _told(asking, "POST", path, body, status=400)
        assert said in refused["error"]
        assert world.store.revision() == before


async def test_copies_in_all_projects_are_asked_for_and_given_up(tmp_path: Path) -> None:
    """By `replicate`, of what is shared alone; a change of a part leaves it, a new whole says it anew."""
    async with _asking(tmp_path) as (world, asking):
        body = {"name": "m", "data": {"a": "1"}, "replicate": True}
        for collection, kind in (
            ("configmaps", scheme.CONFIG_MAP),
            ("generic-credentials", scheme.SECRET),
        ):
            path = f"/v1beta1/shared/{collection}"
            copy = Ref(kind, PROJECT, "m")
            made = await _told(asking, "POST", path, body, status=201)
            assert made["metadata"]["annotations"]["kargo.akuity.io/replicate-to"] == "*"
            await world.settled()
            assert (await world.store.get(copy)).document["metadata"]["name"] == "m"
            await _told(asking, "PATCH", f"{path}/m", {"data": {"b": "2"}})
            await world.settled()
            assert set((await world.store.get(copy)).document["data"]) == {"a", "b"}
            read = f"/v1beta1/projects/{PROJECT}/{collection}/m"
            refused = await _told(asking, "PATCH", read, {"data": {"c": "3"}}, status=200)
            assert refused["metadata"]["name"] == "m"  # the administrator may; it is set back
            await _told(asking, "PUT", f"{path}/m", {"data": {"a": "1"}})
            await world.settled()
            await _told(asking, "GET", read, status=404)
            await _told(asking, "PUT", f"{path}/m", body)
            await world.settled()
            await _told(asking, "GET", read)
            for base in (f"/v1beta1/projects/{PROJECT}", "/v1beta1/system"):
                said = await _told(
                    asking, "POST", f"{base}/{collection}", {**body, "name": "n"}, status=400
                )
                assert said["error"].startswith(
                    f"replicate: only what lies in the namespace {SHARED}"
                )


@pytest.mark.parametrize(
    ("collection", "largest"), [("configmaps", 1 << 20), ("repo-credentials", 64 << 10)]
)
async def test_bodies_are_bounded(tmp_path: Path, collection: str, largest: int) -> None:
    """413, before they are read as JSON."""
    async with _asking(tmp_path) as (_, asking):
        path = f"/v1beta1/projects/{PROJECT}/{collection}"
        body = {"name": "m", "data": {"a": "x" * largest}}
        await _told(asking, "POST", path, body, status=413)


async def test_large_config_maps_are_taken(tmp_path: Path) -> None:
    """They are read beside the event loop."""
    async with _asking(tmp_path) as (_, asking):
        path = f"/v1beta1/projects/{PROJECT}/configmaps"
        body = {"name": "m", "data": {"a": "x" * 500_000}}
        made = await _told(asking, "POST", path, body, status=201)
        assert made["data"] == body["data"]
        added = await _told(asking, "PATCH", f"{path}/m", {"data": {"b": "y" * 300_000}})
        assert {key: len(value) for key, value in added["data"].items()} == {
            "a": 500_000,
            "b": 300_000,
        }


async def test_rights_are_asked_where_the_objects_lie(tmp_path: Path) -> None:
    """The strongest account of a Project may do nothing to what is shared; a viewer sees config maps and no credentials."""
    async with _asking(tmp_path) as (world, asking):
        for base in REPO_PLACES:
            await _told(asking, "POST", f"{base}/repo-credentials", REPO, status=201)
        base = f"/v1beta1/projects/{PROJECT}"
        tokens = {
            name: await account_token(world, PROJECT, name)
            for name in ("kargo-viewer", "kargo-promoter", "kargo-admin")
        }
        data = {"name": "m", "data": {"a": "1"}}
        for name, token in tokens.items():
            is_admin = name == "kargo-admin"
            async with client(world, token) as caller:
                await _told(caller, "GET", f"{base}/configmaps")
                for collection, body in (
                    ("configmaps", data),
                    ("generic-credentials", {**data, "name": "g"}),
                    ("repo-credentials", REPO | {"name": "r"}),
                ):
                    path = f"{base}/{collection}"
                    await _told(caller, "POST", path, body, status=201 if is_admin else 403)
                    if collection != "configmaps":
                        await _told(caller, "GET", path, status=200 if is_admin else 403)
                    for place in ("shared", "system"):
                        if (place, collection) == ("system", "repo-credentials"):
                            continue
                        other = f"/v1beta1/{place}/{collection}"
                        await _told(caller, "GET", other, status=403)
                        await _told(caller, "POST", other, body, status=403)


async def test_a_right_counts_in_its_own_namespace_alone(tmp_path: Path) -> None:
    """Who may read config maps where the shared ones lie reads those, and none of the system's."""
    rbac, named = "rbac.authorization.k8s.io", {"name": "reads", "namespace": SHARED}
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}
    account = {"kind": "ServiceAccount", "name": "kargo-viewer", "namespace": PROJECT}
    async with _asking(tmp_path) as (world, _):
        await world.apply(
            {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": named, "rules": [rule]},
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "RoleBinding",
                "metadata": named,
                "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "reads"},
                "subjects": [account],
            },
        )
        token = await account_token(world, PROJECT, "kargo-viewer")
        async with client(world, token) as caller:
            await _told(caller, "GET", "/v1beta1/shared/configmaps")
            await _told(caller, "GET", "/v1beta1/system/configmaps", status=403)
            await _told(caller, "POST", "/v1beta1/shared/configmaps", {"name": "m"}, status=403)
