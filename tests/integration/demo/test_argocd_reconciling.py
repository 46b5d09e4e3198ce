"""The stand-in Argo CD reconciles from a real Git server: what it reports is what Argo CD would."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import rendering
from tests.support.argocd_contract import is_here, object_problems
from tests.support.argocd_standin import REPO, application, deployment, standing
from tests.support.git_server import git
from towpath.clock import VirtualClock
from towpath.demo.argocd.installation import ArgoInstallation

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.argocd_standin import StandIn


def _hold(standin: StandIn) -> None:
    """What is kept is what the CRD allows."""
    if is_here():
        for key, document in standin.installation.objects.items("applications.argoproj.io"):
            assert object_problems(document) == [], key


async def test_a_sync_from_the_commit_to_healthy(tmp_path: Path) -> None:
    """OutOfSync and Missing, an operation with its result, then Progressing until the Pods are ready."""
    async with standing(tmp_path) as standin:
        standin.put(application())
        await standin.settle()
        head = standin.git.head("deploy.git")
        assert standin.status()["sync"]["status"] == "OutOfSync"
        assert standin.status()["sync"]["revision"] == head
        assert standin.status()["health"]["status"] == "Missing"
        standin.sync(info=[{"name": "kargo.akuity.io/promotion", "value": "p"}])
        await standin.settle()
        status = standin.status()
        state = status["operationState"]
        assert (state["phase"], state["syncResult"]["revision"]) == ("Succeeded", head)
        assert state["message"] == "successfully synced (all tasks run)"
        assert state["operation"]["info"][0]["value"] == "p"
        assert "operation" not in standin.get()
        assert [each["revision"] for each in status["history"]] == [head]
        assert status["sync"]["status"] == "Synced"
        assert status["health"]["status"] == "Progressing"
        assert status["summary"] == {"images": ["registry.example/web:1"]}
        _hold(standin)
        await standin.settle(2)
        assert standin.status()["health"]["status"] == "Healthy"
        assert standin.status()["reconciledAt"] == status["reconciledAt"], "a rollout moves it not"
        _hold(standin)


async def test_a_refresh_that_is_asked_for(tmp_path: Path) -> None:
    """It resolves the branch anew, takes its annotation away and sets `reconciledAt`; others stay."""
    async with standing(tmp_path) as standin:
        standin.put(application())
        standin.sync()
        await standin.settle(10)
        before = standin.status()["reconciledAt"]
        commit = standin.git.commit("deploy.git", {"test/web.yaml": deployment(tag="2")})
        await standin.settle(5)
        assert standin.status()["sync"]["status"] == "Synced", "nobody has told it"
        standin.patch({"metadata": {"annotations": {"mine": "stays"}}})
        standin.refresh()
        await standin.settle()
        assert standin.get()["metadata"]["annotations"] == {"mine": "stays"}
        assert standin.status()["sync"] | {"comparedTo": None} == {
            "status": "OutOfSync",
            "revision": commit,
            "comparedTo": None,
        }
        assert standin.status()["reconciledAt"] > before
        await standin.settle(200)
        assert standin.status()["reconciledAt"] > before, "in time it looks by itself"


async def test_between_two_tries_it_is_running_and_finished_at_is_set(tmp_path: Path) -> None:
    """As Argo CD's retries are: the operation stands, the pause doubles, and the limit ends it."""
    async with standing(tmp_path) as standin:
        standin.put(application())
        standin.faults.operation().failures = 3
        standin.sync(retry={"limit": 2})
        await standin.settle()
        state = standin.status()["operationState"]
        assert (state["phase"], state["retryCount"]) == ("Running", 1)
        assert state["finishedAt"]
        assert "Retrying attempt #1 at 12:00AM." in state["message"]
        assert standin.get()["operation"]["retry"] == {"limit": 2}
        await standin.settle(4.9)
        assert standin.status()["operationState"]["retryCount"] == 1
        await standin.settle(0.2)
        assert standin.status()["operationState"]["retryCount"] == 2
        await standin.settle(9)
        assert standin.status()["operationState"]["phase"] == "Running"
        await standin.settle(2)
        state = standin.status()["operationState"]
        assert state["phase"] == "Failed"
        assert state["message"].endswith("(retried 2 times).")
        assert state["syncResult"]["resources"][0]["status"] == "SyncFailed"
        assert "operation" not in standin.get()
        _hold(standin)


async def test_a_retry_that_succeeds(tmp_path: Path) -> None:
    """Then no `finishedAt` of the former try is left before it ends."""
    async with standing(tmp_path) as standin:
        standin.put(application())
        standin.faults.operation().failures = 1
        standin.sync(retry={"limit": -1, "backoff": {"duration": "1m"}})
        await standin.settle(30)
        assert standin.status()["operationState"]["phase"] == "Running"
        await standin.settle(31)
        assert standin.status()["operationState"]["phase"] == "Succeeded"


async def test_an_image_that_is_never_ready(tmp_path: Path) -> None:
    """Progressing until the Deployment's deadline, then Degraded; the sync itself was a success."""
    async with standing(tmp_path, never_ready=("*:bad",)) as standin:
        standin.git.commit("deploy.git", {"test/web.yaml": deployment(tag="bad")})
        standin.put(application())
        standin.sync()
        await standin.settle(59)
        assert standin.status()["health"]["status"] == "Progressing"
        assert standin.status()["operationState"]["phase"] == "Succeeded"
        await standin.settle(2)
        assert standin.status()["health"]["status"] == "Degraded"
        assert (
            standin.status()["resources"][0]["health"]["message"]
            == 'Deployment "web" exceeded its progress deadline'
        )


async def test_a_window_that_is_shut(tmp_path: Path) -> None:
    """The operation stays Running with Argo CD's words until the window opens; a person's passes where it may."""
    window = {"kind": "allow", "schedule": "0 1 * * *", "duration": "1h", "applications": ["*"]}
    project: dict[str, Any] = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "shut", "namespace": "argocd"},
        "spec": {
            "sourceRepos": ["*"],
            "destinations": [{"server": "*", "namespace": "*"}],
            "syncWindows": [window],
        },
    }
    async with standing(tmp_path) as standin:
        standin.put(project)
        standin.put(application(project="shut"))
        standin.sync(initiatedBy={"automated": True, "username": "kargo-controller"})
        await standin.settle(60)
        state = standin.status()["operationState"]
        assert (state["phase"], state["message"]) == (
            "Running",
            "Sync operation blocked by sync window",
        )
        assert "finishedAt" not in state
        await standin.settle(3600)
        assert standin.status()["operationState"]["phase"] == "Succeeded"
        await standin.settle(7200)
        project["spec"]["syncWindows"] = [window | {"manualSync": True}]
        standin.put(project)
        standin.sync()
        await standin.settle()
        assert standin.status()["operationState"]["phase"] == "Succeeded"
        _hold(standin)


async def test_hooks_run_before_and_after(tmp_path: Path) -> None:
    """PreSync, then the objects, then PostSync once they are healthy; a hook that fails fails the operation."""
    job = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {0}\n  annotations: {{argocd.argoproj.io/hook: {1}}}\n"
    files = {
        "test/web.yaml": deployment(),
        "test/pre.yaml": job.format("migrate", "PreSync"),
        "test/post.yaml": job.format("smoke", "PostSync"),
    }
    async with standing(tmp_path, files) as standin:
        standin.put(application())
        standin.sync()
        await standin.settle()
        state = standin.status()["operationState"]
        assert state["message"] == "waiting for completion of hook batch/Job/migrate"
        assert [each["name"] for each in state["syncResult"]["resources"]] == ["migrate"]
        await standin.settle(1)
        message = standin.status()["operationState"]["message"]
        assert message == "waiting for healthy state of apps/Deployment/web"
        await standin.settle(2)
        await standin.settle(1)
        assert standin.status()["operationState"]["phase"] == "Succeeded"
        await standin.settle()
        assert standin.status()["sync"]["status"] == "Synced", "hooks do not count"
        _hold(standin)
        standin.faults.operation().failing_hooks = frozenset({"migrate"})
        standin.sync()
        await standin.settle(1)
        state = standin.status()["operationState"]
        assert state["phase"] == "Failed"
        assert "Job has reached the specified backoff limit" in state["message"]
        _hold(standin)


async def test_what_cannot_be_made(tmp_path: Path) -> None:
    """Told at once where it was asked for; an error of the repository is told by itself only after a while."""
    async with standing(tmp_path) as standin:
        standin.put(application("odd", path="nowhere"))
        await standin.settle()
        status = standin.status("odd")
        assert status["sync"]["status"] == "Unknown"
        [condition] = status["conditions"]
        assert condition["type"] == "ComparisonError"
        assert "nowhere: app path does not exist" in condition["message"]
        standin.sync("odd")
        await standin.settle()
        state = standin.status("odd")["operationState"]
        assert (state["phase"], state["syncResult"]["revision"]) == ("Error", "")
        standin.put(application())
        await standin.settle()
        standin.git.failures[:] = [503] * 100
        await standin.settle(200)
        assert standin.status()["sync"]["status"] == "OutOfSync", "it is still within the grace"
        standin.refresh()
        await standin.settle()
        assert standin.status()["sync"]["status"] == "Unknown"
        standin.git.failures.clear()
        standin.refresh()
        await standin.settle()
        assert "conditions" not in standin.status()
        _hold(standin)


async def test_a_spec_that_is_not_allowed(tmp_path: Path) -> None:
    """InvalidSpecError names what the project forbids, and ends operations."""
    async with standing(tmp_path) as standin:
        standin.put(application(project="none"))
        standin.sync()
        await standin.settle()
        status = standin.status()
        assert status["conditions"][0]["message"] == (
            "Application referencing project none which does not exist"
        )
        assert status["operationState"]["phase"] == "Error"
        assert "syncResult" not in status["operationState"]


@pytest.mark.parametrize("prune", [True, False])
async def test_what_is_gone_from_git(tmp_path: Path, *, prune: bool) -> None:
    """It is extra until a sync with prune takes it away."""
    files = {"test/web.yaml": deployment(), "test/old.yaml": deployment("old")}
    async with standing(tmp_path, files) as standin:
        standin.put(application())
        standin.sync()
        await standin.settle(3)
        standin.git.commit("deploy.git", {"test/old.yaml": None})
        standin.sync(sync={"prune": prune})
        await standin.settle()
        status = standin.status()
        results = {
            each["name"]: each["status"]
            for each in status["operationState"]["syncResult"]["resources"]
        }
        assert results == {"web": "Synced", "old": "Pruned" if prune else "PruneSkipped"}
        assert status["sync"]["status"] == ("Synced" if prune else "OutOfSync")
        assert len(status["resources"]) == (1 if prune else 2)


async def test_several_sources(tmp_path: Path) -> None:
    """Revisions by position, those included that only lend files; `revision` is empty."""
    chart = {
        "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
        "chart/values.yaml": "tag: none\n",
        "chart/templates/web.yaml": deployment(tag="{{ .Values.tag }}"),
        "values/test.yaml": "tag: '7'\n",
        "test/extra.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n",
    }
    sources = [
        {"repoURL": REPO, "targetRevision": "main", "ref": "values"},
        {"repoURL": REPO, "targetRevision": "main", "path": "chart", "helm": {"valueFiles": ["$values/values/test.yaml"]}},
        {"repoURL": REPO, "targetRevision": "main", "path": "test"},
    ]  # fmt: skip
    async with standing(tmp_path, chart) as standin:
        standin.put(application(sources=sources))
        standin.sync()
        await standin.settle(3)
        head = standin.git.head("deploy.git")
        status = standin.status()
        assert status["sync"]["revisions"] == [head] * 3
        assert "revision" not in status["sync"]
        assert status["sourceTypes"] == ["Directory", "Helm", "Directory"]
        assert status["operationState"]["syncResult"]["revisions"] == [head] * 3
        assert status["summary"]["images"] == ["registry.example/web:7"]
        _hold(standin)


async def test_automation(tmp_path: Path) -> None:
    """It syncs what is OutOfSync by itself, once per revision; what is changed in the cluster it heals if it may."""
    policy = {"automated": {"prune": True}}
    async with standing(tmp_path) as standin:
        standin.put(application(syncPolicy=policy))
        await standin.settle(3)
        state = standin.status()["operationState"]
        assert state["operation"]["initiatedBy"] == {"automated": True}
        assert standin.status()["sync"]["status"] == "Synced"
        cluster = standin.installation.cluster
        [(key, live)] = cluster.live("web").items()
        cluster.change(key, live | {"spec": live["spec"] | {"replicas": 5}})
        standin.refresh("normal")
        await standin.settle(10)
        assert standin.status()["sync"]["status"] == "OutOfSync", "the same is not tried twice"
        standin.put(application(syncPolicy={"automated": {"prune": True, "selfHeal": True}}))
        standin.refresh()
        await standin.settle()
        assert standin.status()["sync"]["status"] == "Synced"
        standin.faults.operation().failures = 9
        standin.git.commit("deploy.git", {"test/web.yaml": deployment(tag="2")})
        standin.refresh()
        for _ in range(10):  # each try fetches, which takes no time of the test's clock
            await standin.settle(60)
        assert standin.status()["operationState"]["phase"] == "Failed"
        assert [each["type"] for each in standin.status()["conditions"]] == ["SyncError"]
        _hold(standin)


async def test_terminating(tmp_path: Path) -> None:
    """An operation that is slow is ended when its phase is set to Terminating."""
    async with standing(tmp_path) as standin:
        standin.put(application())
        standin.faults.operation().seconds = 600
        standin.sync(retry={"limit": 5})
        await standin.settle(30)
        assert standin.status()["operationState"]["phase"] == "Running"
        standin.patch({"status": {"operationState": {"phase": "Terminating"}}})
        await standin.settle()
        state = standin.status()["operationState"]
        assert (state["phase"], state["message"]) == ("Failed", "Operation terminated")
        assert "operation" not in standin.get()


async def test_an_application_that_is_deleted_and_made_anew_under_way(tmp_path: Path) -> None:
    """Its operation goes with it; the new one has another uid and no status of the old."""
    async with standing(tmp_path) as standin:
        standin.put(application())
        standin.faults.operation().seconds = 60
        standin.sync()
        await standin.settle(10)
        uid = standin.get()["metadata"]["uid"]
        standin.installation.objects.delete(standin.key())
        await standin.settle()
        standin.put(application())
        await standin.settle(100)
        assert standin.get()["metadata"]["uid"] != uid
        assert "operationState" not in standin.status()


async def test_a_finalizer_takes_what_was_deployed_along(tmp_path: Path) -> None:
    """And without one it stays in the cluster."""
    async with standing(tmp_path) as standin:
        for finalizers, left in ((["resources-finalizer.argocd.argoproj.io"], 0), ([], 1)):
            document = application()
            document["metadata"]["finalizers"] = finalizers
            standin.put(document)
            standin.sync()
            await standin.settle(3)
            standin.installation.objects.delete(standin.key())
            await standin.settle()
            assert standin.installation.objects.get(standin.key()) is None
            assert len(standin.installation.cluster.live("web")) == left


async def test_what_is_kept_is_there_after_a_new_start(tmp_path: Path) -> None:
    """Applications, their status, what is deployed, and positions that go on."""
    async with standing(tmp_path, keeps_objects=True) as standin:
        standin.put(application())
        standin.sync()
        await standin.settle(3)
        kept, revision = standin.get(), standin.installation.objects.revision
        settings = standin.installation.settings
    again = ArgoInstallation(settings, VirtualClock())
    assert again.application("web") == kept
    assert again.objects.revision == revision
    assert len(again.cluster.live("web")) == 1


async def test_faults_of_the_status(tmp_path: Path) -> None:
    """An Application of 3 MB, one without operationState, a clock that is off, a controller that does nothing."""
    async with standing(tmp_path) as standin:
        standin.put(application())
        standin.faults.hides_operation_state = True
        standin.sync()
        await standin.settle(3)
        assert "operationState" not in standin.status()
        assert standin.status()["sync"]["status"] == "Synced"
        standin.faults.padding_bytes = 3 << 20
        standin.refresh()
        await standin.settle()
        assert len(str(standin.get())) > 3 << 20
        standin.faults.padding_bytes = 0
        standin.faults.clock_offset = timedelta(hours=-2)
        standin.refresh()
        await standin.settle()
        assert standin.status()["reconciledAt"].startswith("2025-12-31T22:00")
        standin.faults.stalls = True
        standin.refresh()
        await standin.settle(500)
        assert "argocd.argoproj.io/refresh" in standin.get()["metadata"]["annotations"]
        standin.faults.stalls = False
        standin.installation.controller.look_at_everything()
        await standin.settle()
        assert "annotations" not in standin.get()["metadata"]


async def test_kustomizations_and_charts_that_take_helm(tmp_path: Path) -> None:
    """Built by the programs themselves, with what the source says of images and parameters."""
    files = {
        "base/web.yaml": deployment(tag="0"),
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "env/kustomization.yaml": "resources: [../base]\nnamePrefix: test-\n",
        "chart/Chart.yaml": "apiVersion: v2\nname: api\nversion: 0.1.0\n",
        "chart/templates/api.yaml": "{{- if .Values.on }}\n" + deployment("api", "{{ .Values.tag }}") + "{{- end }}\n",
    }  # fmt: skip
    folder = rendering.kustomize().program.parent
    async with standing(tmp_path, files, programs=f"{folder}:{os.environ['PATH']}") as standin:
        kustomized = {"repoURL": REPO, "targetRevision": "main", "path": "env", "kustomize": {"images": ["registry.example/web:5"]}}  # fmt: skip
        parameters = [{"name": "on", "value": "true"}, {"name": "tag", "value": "6", "forceString": True}]  # fmt: skip
        charted = {"repoURL": REPO, "targetRevision": "main", "path": "chart", "helm": {"parameters": parameters}}  # fmt: skip
        for name, source, kind in (("web", kustomized, "Kustomize"), ("api", charted, "Helm")):
            standin.put(application(name, source=source))
            standin.sync(name)
            await standin.settle(3)
            status = standin.status(name)
            assert status["sync"]["status"] == "Synced", status
            assert status["sourceType"] == kind
        assert standin.status("web")["resources"][0]["name"] == "test-web"
        assert standin.status("web")["summary"]["images"] == ["registry.example/web:5"]
        assert standin.status("api")["summary"]["images"] == ["registry.example/api:6"]


async def test_revisions_of_every_kind(tmp_path: Path) -> None:
    """Branches, tags (peeled), ranges of versions, short and full commits lead to full commits."""
    async with standing(tmp_path) as standin:
        commit = standin.git.head("deploy.git")
        directory = standin.git.path("deploy.git")
        git(directory, "tag", "v1.2.0", commit)
        git(directory, "tag", "-a", "-m", "x", "v1.3.0", commit)
        later = standin.git.commit("deploy.git", {"test/web.yaml": deployment(tag="2")})
        git(directory, "tag", "v2.0.0", later)
        for revision, found in (
            ("main", later),
            ("HEAD", later),
            ("v1.2.0", commit),
            ("v1.3.0", commit),
            ("1.x", commit),
            (">=1.0.0", later),
            (commit[:9], commit),
            (commit, commit),
            ("refs/heads/main", later),
        ):
            source = {"repoURL": REPO, "targetRevision": revision, "path": "test"}
            standin.put(application(source=source))
            await standin.settle()
            assert standin.status()["sync"]["revision"] == found, revision
        source = {"repoURL": REPO, "targetRevision": "gone", "path": "test"}
        standin.put(application(source=source))
        await standin.settle()
        assert standin.status()["sync"]["status"] == "Unknown"
        assert standin.status()["sync"]["revision"] == "gone"
