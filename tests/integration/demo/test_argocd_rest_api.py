"""The stand-in's own API of Argo CD: what is described is what it takes and gives, and it says no as Argo CD does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.argocd_standin import application, deployment, standing
from towpath.demo.argocd.accounts import Account
from towpath.demo.argocd.policies import AccessPolicy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.argocd_standin import StandIn

WEB = "/api/v1/applications/web"


@pytest.fixture
async def standin(tmp_path: Path) -> AsyncIterator[StandIn]:
    """One Application that was looked at."""
    async with standing(tmp_path) as made:
        made.put(application())
        await made.settle()
        yield made


def _token(standin: StandIn, *lines: str) -> str:
    policies = tuple(AccessPolicy.read(line) for line in lines)
    return standin.installation.around.accounts.add(Account("ci", policies=policies))


async def test_sync_is_an_operation_in_the_name_of_who_asks(standin: StandIn) -> None:
    """With the resolved revision, as Argo CD's server has it; a second one is refused while it is asked for."""
    standin.faults.stalls = True
    body = {
        "name": "web",
        "prune": True,
        "syncOptions": {"items": ["ServerSideApply=true"]},
        "retryStrategy": {"limit": 1},
        "infos": [{"name": "kargo.akuity.io/promotion", "value": "p"}],
    }
    code, answer = await standin.ask("rest", "POST", f"{WEB}/sync", body=body)
    assert code == 200
    assert answer["operation"] == {
        "initiatedBy": {"username": "admin"},
        "info": body["infos"],
        "retry": {"limit": 1},
        "sync": {
            "prune": True,
            "revision": standin.git.head("deploy.git"),
            "syncOptions": ["ServerSideApply=true"],
            "syncStrategy": {"hook": {}},
        },
    }
    assert "kind" not in answer
    code, answer = await standin.ask("rest", "POST", f"{WEB}/sync", body=body)
    assert (code, answer["code"]) == (400, 9)
    assert answer["message"] == "another operation is already in progress"
    standin.faults.stalls = False
    standin.installation.controller.look_at_everything()
    await standin.settle()
    assert standin.status()["operationState"]["phase"] == "Succeeded"


async def test_a_patch_changes_spec_and_metadata_and_nothing_else(standin: StandIn) -> None:
    """An operation in it is dropped without a word, as by Argo CD's server."""
    patch = {
        "metadata": {"annotations": {"a": "1"}},
        "spec": {"source": {"targetRevision": "v1"}},
        "operation": {"sync": {}},
        "status": None,
    }
    body = {"name": "web", "patch": json.dumps(patch), "patchType": "merge"}
    code, answer = await standin.ask("rest", "PATCH", WEB, body=body)
    assert code == 200
    assert answer["spec"]["source"]["targetRevision"] == "v1"
    assert answer["metadata"]["annotations"] == {"a": "1"}
    assert "operation" not in answer
    assert answer["status"]["sync"]["status"] == "OutOfSync"
    wrong = json.dumps({"spec": {"project": "none"}})
    code, answer = await standin.ask("rest", "PATCH", WEB, body={"name": "web", "patch": wrong, "patchType": "merge"})  # fmt: skip
    assert (code, answer["code"]) == (400, 3)
    assert "referencing project none which does not exist" in answer["message"]
    code, _ = await standin.ask("rest", "PATCH", WEB, body={"name": "web", "patch": "{", "patchType": "merge"})  # fmt: skip
    assert code == 400


async def test_a_refresh_answers_once_it_was_compared(standin: StandIn) -> None:
    """Not before."""
    commit = standin.git.commit("deploy.git", {"test/web.yaml": deployment(tag="2")})
    code, answer = await standin.ask("rest", "GET", f"{WEB}?refresh=hard")
    assert code == 200
    assert answer["status"]["sync"]["revision"] == commit
    assert "annotations" not in answer["metadata"]


async def test_policies(standin: StandIn) -> None:
    """Globs over project and name; what is not there is forbidden unless the project is named; deny wins."""
    token = _token(
        standin,
        "p, role:ci, applications, get, default/*, allow",
        "p, role:ci, applications, sync, default/web, deny",
        "p, role:ci, applications, sync, default/*, allow",
    )
    ask = standin.ask
    assert (await ask("rest", "GET", WEB, token=token))[0] == 200
    assert (await ask("rest", "GET", WEB, token="none"))[0] == 401
    code, answer = await ask("rest", "POST", f"{WEB}/sync", token=token, body={"name": "web"})
    assert (code, answer["message"]) == (403, "permission denied")
    patch = {"name": "web", "patch": "{}", "patchType": "merge"}
    assert (await ask("rest", "PATCH", WEB, token=token, body=patch))[0] == 403
    assert (await ask("rest", "GET", "/api/v1/applications/none", token=token))[0] == 403
    code, _ = await ask("rest", "GET", "/api/v1/applications/none?project=default", token=token)
    assert code == 404
    other = application("other", project="secret")
    standin.put(other)
    await standin.settle()
    _, listed = await ask("rest", "GET", "/api/v1/applications", token=token)
    assert [each["metadata"]["name"] for each in listed["items"]] == ["web"]
    _, listed = await ask("rest", "GET", "/api/v1/applications?selector=a%3Db", token=token)
    assert listed["items"] is None
    assert (await ask("rest", "GET", "/api/v1/projects/default", token=token))[0] == 403
    assert (await ask("rest", "GET", "/api/v1/session/userinfo", token=token))[1]["loggedIn"]
    assert (await ask("rest", "GET", "/api/version", token=""))[1]["Version"].startswith("v3.")


async def test_windows_forbid_a_sync(standin: StandIn) -> None:
    """Argo CD's own API refuses where the object could be patched; what there is it tells."""
    project = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "default", "namespace": "argocd"},
        "spec": {
            "sourceRepos": ["*"],
            "destinations": [{"server": "*", "namespace": "*"}],
            "syncWindows": [{"kind": "deny", "schedule": "* * * * *", "duration": "1h", "namespaces": ["web"]}],
        },
    }  # fmt: skip
    standin.put(project)
    await standin.settle(5)
    code, answer = await standin.ask("rest", "POST", f"{WEB}/sync", body={"name": "web"})
    assert (code, answer["message"]) == (403, "cannot sync: blocked by sync window")
    _, windows = await standin.ask("rest", "GET", f"{WEB}/syncwindows")
    assert windows["canSync"] is False
    assert len(windows["activeWindows"]) == 1
    _, found = await standin.ask("rest", "GET", "/api/v1/projects/default")
    assert found["spec"]["syncWindows"] == project["spec"]["syncWindows"]  # type: ignore[index]


async def test_terminating(standin: StandIn) -> None:
    """What runs ends; where nothing runs, there is nothing to end."""
    assert (await standin.ask("rest", "DELETE", f"{WEB}/operation"))[0] == 400
    standin.faults.operation().seconds = 60
    await standin.ask("rest", "POST", f"{WEB}/sync", body={"name": "web"})
    await standin.settle()
    assert (await standin.ask("rest", "DELETE", f"{WEB}/operation"))[0] == 200
    await standin.settle()
    assert standin.status()["operationState"]["message"] == "Operation terminated"


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_the_stream(standin: StandIn, accept: str) -> None:
    """What there is, then what changes; both forms; nothing of what one may not see."""
    token = _token(standin, "p, role:ci, applications, get, default/*, allow")
    url = f"{standin.installation.rest.url}/api/v1/stream/applications"
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}

    async def told(answer: Any) -> tuple[str, str]:
        line = b""
        while not line.strip():
            line = await answer.content.readline()
        found = json.loads(line.removeprefix(b"data: "))["result"]
        return found["type"], found["application"]["metadata"]["name"]

    async with standin.session.get(url, headers=headers) as answer:
        assert answer.content_type == accept
        assert await told(answer) == ("ADDED", "web")
        standin.put(application("hidden", project="secret"))
        standin.patch({"metadata": {"labels": {"a": "b"}}})
        assert await told(answer) == ("MODIFIED", "web")
        standin.installation.objects.delete(standin.key())
        assert await told(answer) == ("DELETED", "web")
    standin.faults.statuses.append(500)
    code, answer = await standin.ask("rest", "GET", "/api/v1/applications")
    assert (code, answer["error"]) == (500, "on demand")
