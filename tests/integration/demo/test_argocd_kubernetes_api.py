"""The stand-in's Kubernetes API: rights, lists, optimistic locking, patches, watches and their end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import yaml

from tests.support.argocd_standin import application, standing
from towpath.demo.argocd.accounts import Account, NamespacedRule, rules_of
from towpath.resources.role import PolicyRule

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.argocd_standin import StandIn

ALL = "/apis/argoproj.io/v1alpha1/applications"
IN_ARGOCD = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"
MERGE = "application/merge-patch+json"
ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: promoter, namespace: argocd}
rules:
  - {apiGroups: [argoproj.io], resources: [applications], verbs: [get, list, watch, patch]}
  - {apiGroups: [""], resources: [events], verbs: [create]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: promoter, namespace: argocd}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: promoter}
subjects: [{kind: ServiceAccount, name: towpath, namespace: towpath}]
"""
KEPT_CHANGES = 50
"""More of them, and who lists or watches from before has to list anew."""


@pytest.fixture
async def standin(tmp_path: Path) -> AsyncIterator[StandIn]:
    """Three Applications, one of them elsewhere."""
    async with standing(tmp_path, kept_changes=KEPT_CHANGES) as made:
        made.faults.stalls = True
        for number, name in enumerate(("api", "web")):
            document = application(name)
            document["metadata"]["labels"] = {"tier": str(number)}
            made.put(document)
        other = application("web")
        other["metadata"]["namespace"] = "team"
        made.put(other)
        yield made


async def _lines(answer: aiohttp.ClientResponse, count: int) -> list[dict[str, Any]]:
    return [json.loads(await answer.content.readline()) for _ in range(count)]


def _watch(standin: StandIn, query: str) -> Any:
    return standin.session.get(
        f"{standin.installation.kubernetes.url}{ALL}?watch=true&{query}",
        headers={"Authorization": f"Bearer {standin.installation.token}"},
    )


async def test_who_may_what(standin: StandIn) -> None:
    """A token decides; a Role holds in its namespace; refusals are in Kubernetes' words."""
    rules = rules_of(yaml.safe_load_all(ROLE), "towpath", namespace="towpath")
    name = "system:serviceaccount:towpath:towpath"
    token = standin.installation.around.accounts.add(Account(name, rules))
    assert (await standin.ask("kubernetes", "GET", IN_ARGOCD, token="wrong"))[0] == 401
    assert (await standin.ask("kubernetes", "GET", IN_ARGOCD, token=token))[0] == 200
    code, answer = await standin.ask("kubernetes", "GET", ALL, token=token)
    assert (code, answer["reason"]) == (403, "Forbidden")
    assert answer["message"] == (
        f'applications.argoproj.io is forbidden: User "{name}" cannot list resource "applications" in API group '
        '"argoproj.io" at the cluster scope'
    )
    code, _ = await standin.ask("kubernetes", "DELETE", f"{IN_ARGOCD}/web", token=token)
    assert code == 403
    review = {"spec": {"resourceAttributes": {"group": "argoproj.io", "resource": "applications", "verb": "patch", "namespace": "argocd"}}}  # fmt: skip
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    assert (await standin.ask("kubernetes", "POST", path, token=token, body=review))[1]["status"] == {"allowed": True}  # fmt: skip
    review["spec"]["resourceAttributes"]["namespace"] = "team"
    assert (await standin.ask("kubernetes", "POST", path, token=token, body=review))[1]["status"] == {"allowed": False}  # fmt: skip


async def test_a_token_that_expires(standin: StandIn) -> None:
    """From one moment to the next."""
    from datetime import timedelta

    end = standin.clock.now() + timedelta(seconds=60)
    every = NamespacedRule(PolicyRule(verbs=["*"], api_groups=["*"], resources=["*"]))
    token = standin.installation.around.accounts.add(Account("short", (every,), expires_at=end))
    assert (await standin.ask("kubernetes", "GET", ALL, token=token))[0] == 200
    await standin.clock.advance(60)
    assert (await standin.ask("kubernetes", "GET", ALL, token=token))[0] == 401


async def test_lists_by_label_namespace_and_page(standin: StandIn) -> None:
    """Pages go on where they were; a page of a list that is too old is refused."""
    _, answer = await standin.ask("kubernetes", "GET", f"{ALL}?labelSelector=tier%20in%20(1)")
    assert [each["metadata"]["name"] for each in answer["items"]] == ["web"]
    _, answer = await standin.ask("kubernetes", "GET", f"{ALL}?fieldSelector=metadata.name%3Dweb")
    assert [each["metadata"]["namespace"] for each in answer["items"]] == ["argocd", "team"]
    _, first = await standin.ask("kubernetes", "GET", f"{ALL}?limit=2")
    assert (len(first["items"]), first["metadata"]["remainingItemCount"]) == (2, 1)
    after = first["metadata"]["continue"]
    _, second = await standin.ask("kubernetes", "GET", f"{ALL}?limit=2&continue={after}")
    assert [each["metadata"]["namespace"] for each in second["items"]] == ["team"]
    assert "continue" not in second["metadata"]
    for number in range(KEPT_CHANGES + 2):
        standin.patch({"metadata": {"labels": {"x": str(number)}}})
    code, _ = await standin.ask("kubernetes", "GET", f"{ALL}?limit=2&continue={after}")
    assert code == 410


async def test_patches(standin: StandIn) -> None:
    """A resource version in a patch locks; null removes; what the CRD requires must be there."""
    _, before = await standin.ask("kubernetes", "GET", f"{IN_ARGOCD}/web")
    version = before["metadata"]["resourceVersion"]
    patch = {"metadata": {"resourceVersion": version, "annotations": {"a": "1"}}}
    code, after = await standin.ask("kubernetes", "PATCH", f"{IN_ARGOCD}/web", body=patch, kind=MERGE)  # fmt: skip
    assert (code, after["metadata"]["annotations"]) == (200, {"a": "1"})
    assert after["metadata"]["generation"] == before["metadata"]["generation"]
    code, answer = await standin.ask("kubernetes", "PATCH", f"{IN_ARGOCD}/web", body=patch, kind=MERGE)  # fmt: skip
    assert (code, answer["reason"]) == (409, "Conflict")
    assert "the object has been modified" in answer["message"]
    wrong = {"status": {"operationState": {"phase": "Running"}}}
    code, answer = await standin.ask("kubernetes", "PATCH", f"{IN_ARGOCD}/web", body=wrong, kind=MERGE)  # fmt: skip
    assert code == 422
    assert [each["field"] for each in answer["details"]["causes"]] == [
        "status.operationState.operation",
        "status.operationState.startedAt",
    ]
    code, _ = await standin.ask("kubernetes", "PATCH", f"{IN_ARGOCD}/web", body={}, kind="text/x")
    assert code == 415
    code, _ = await standin.ask("kubernetes", "PATCH", f"{IN_ARGOCD}/none", body={}, kind=MERGE)
    assert code == 404


async def test_events_and_discovery(standin: StandIn) -> None:
    """A core Event belongs into its object's namespace."""
    event = {
        "metadata": {"generateName": "web."},
        "involvedObject": {"kind": "Application", "namespace": "argocd", "name": "web"},
        "reason": "OperationStarted",
        "message": "somebody initiated sync",
        "type": "Normal",
    }
    code, made = await standin.ask("kubernetes", "POST", "/api/v1/namespaces/argocd/events", body=event)  # fmt: skip
    assert code == 201
    assert made["metadata"]["name"].startswith("web.")
    code, _ = await standin.ask("kubernetes", "POST", "/api/v1/namespaces/team/events", body=event)
    assert code == 400
    _, listed = await standin.ask("kubernetes", "GET", "/api/v1/namespaces/argocd/events")
    assert [each["reason"] for each in listed["items"]] == ["OperationStarted"]
    _, resources = await standin.ask("kubernetes", "GET", "/apis/argoproj.io/v1alpha1")
    assert [each["name"] for each in resources["resources"]] == ["applications", "appprojects"]
    assert (await standin.ask("kubernetes", "GET", "/apis/none"))[0] == 404


async def test_tables(standin: StandIn) -> None:
    """What kubectl prints: sync and health."""
    url = f"{standin.installation.kubernetes.url}{IN_ARGOCD}"
    headers = {
        "Authorization": f"Bearer {standin.installation.token}",
        "Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
    }
    standin.patch({"status": {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}}})
    async with standin.session.get(url, headers=headers) as answer:
        table = await answer.json()
    assert [each["name"] for each in table["columnDefinitions"][:3]] == [
        "Name",
        "Sync Status",
        "Health Status",
    ]
    assert [each["cells"][:3] for each in table["rows"]] == [
        ["api", "", ""],
        ["web", "Synced", "Healthy"],
    ]


async def test_a_watch_goes_on_from_a_list(standin: StandIn) -> None:
    """Changes in order, for those that match; who ceases to match is deleted for the one who watches."""
    _, listed = await standin.ask("kubernetes", "GET", ALL)
    since = listed["metadata"]["resourceVersion"]
    async with _watch(standin, f"resourceVersion={since}&labelSelector=tier%3D1") as answer:
        standin.patch({"metadata": {"annotations": {"a": "1"}}}, "api")
        standin.patch({"metadata": {"annotations": {"a": "1"}}})
        standin.patch({"metadata": {"labels": {"tier": "2"}}})
        standin.patch({"metadata": {"labels": {"tier": "1"}}}, "api")
        standin.installation.objects.delete(standin.key("api"))
        told = [(each["type"], each["object"]["metadata"]["name"]) for each in await _lines(answer, 4)]  # fmt: skip
    assert told == [("MODIFIED", "web"), ("DELETED", "web"), ("ADDED", "api"), ("DELETED", "api")]


async def test_bookmarks_and_the_end_of_a_watch(standin: StandIn) -> None:
    """A position now and then, and the end after the time that the caller wants."""
    _, listed = await standin.ask("kubernetes", "GET", ALL)
    since = listed["metadata"]["resourceVersion"]
    query = f"resourceVersion={since}&allowWatchBookmarks=true&timeoutSeconds=90"
    async with _watch(standin, query) as answer:
        await standin.clock.advance(60)
        [bookmark] = await _lines(answer, 1)
        assert bookmark["type"] == "BOOKMARK"
        assert bookmark["object"]["metadata"]["resourceVersion"] == since
        await standin.clock.advance(31)
        assert await answer.content.readline() == b""


async def test_a_watch_from_before_what_is_kept(standin: StandIn) -> None:
    """It is told 410 in the stream, and ends."""
    for number in range(60):
        standin.patch({"metadata": {"annotations": {"n": str(number)}}})
    async with _watch(standin, "resourceVersion=5") as answer:
        [event] = await _lines(answer, 1)
        assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
        assert await answer.content.readline() == b""
    assert (await standin.ask("kubernetes", "GET", f"{ALL}?watch=1&resourceVersion=x"))[0] == 400


async def test_faults_of_connections(standin: StandIn) -> None:
    """Statuses out of turn, watches refused or broken off, and nobody there at all."""
    standin.faults.statuses.extend([503, 429])
    assert (await standin.ask("kubernetes", "GET", ALL))[0] == 503
    assert (await standin.ask("kubernetes", "GET", ALL))[0] == 429
    assert (await standin.ask("kubernetes", "GET", ALL))[0] == 200
    async with _watch(standin, "resourceVersion=0") as answer:
        await _lines(answer, 3)
        standin.faults.drop_streams()
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.content.readline()
    standin.faults.refuses_watches = True
    assert (await standin.ask("kubernetes", "GET", f"{ALL}?watch=true"))[0] == 403
    standin.faults.is_away = True
    with pytest.raises(aiohttp.ClientConnectionError):
        await standin.ask("kubernetes", "GET", ALL)
    standin.faults.is_away = False
    await standin.installation.kubernetes.close()
    with pytest.raises(aiohttp.ClientConnectionError):
        await standin.ask("kubernetes", "GET", ALL)
    await standin.installation.kubernetes.open()
    assert (await standin.ask("kubernetes", "GET", ALL))[0] == 200
