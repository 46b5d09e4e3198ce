"""How well the stand-in takes objects of each kind to be, and what time makes of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from towpath.demo.argocd import health, workloads
from towpath.demo.argocd.health import ObjectHealth
from towpath.demo.argocd.workloads import Pace

PACE = Pace(rollout_seconds=10, job_seconds=5, never_ready=("*:bad",), failing_jobs=frozenset({"breaks"}))  # fmt: skip


def _object(kind: str, version: str = "apps/v1", **fields: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "x", "generation": 1}, **fields}  # fmt: skip


def _running(kind: str, version: str = "apps/v1", *, image: str = "a:1", **spec: Any) -> dict[str, Any]:  # fmt: skip
    template = {"spec": {"containers": [{"image": image}]}}
    return _object(kind, version, spec={"template": template, **spec})


def _at(document: dict[str, Any], seconds: float) -> str:
    found = health.of(document | {"status": workloads.status(document, timedelta(seconds=seconds), PACE)})  # fmt: skip
    assert found is not None
    return found.status


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"])
def test_pods_take_a_while(kind: str) -> None:
    """Progressing, then Healthy; those of some images never."""
    assert (_at(_running(kind), 9), _at(_running(kind), 10)) == ("Progressing", "Healthy")
    bad = _running(kind, image="a:bad", progressDeadlineSeconds=60)
    assert _at(bad, 59) == "Progressing"
    assert _at(bad, 60) == ("Degraded" if kind == "Deployment" else "Progressing")


@pytest.mark.parametrize(
    ("document", "before", "after"),
    [
        (_running("Job", "batch/v1"), "Progressing", "Healthy"),
        (_running("Job", "batch/v1", image="a:bad"), "Progressing", "Degraded"),
        (_object("Pod", "v1", spec={"containers": [{"image": "a:1"}]}), "Progressing", "Healthy"),
        (_object("Pod", "v1", spec={"containers": [{"image": "a:bad"}]}), "Progressing", "Degraded"),
        (_object("PersistentVolumeClaim", "v1"), "Progressing", "Healthy"),
        (_object("Service", "v1", spec={"type": "LoadBalancer"}), "Progressing", "Healthy"),
        (_object("Service", "v1", spec={"type": "ClusterIP"}), "Healthy", "Healthy"),
        (_object("Ingress", "networking.k8s.io/v1"), "Progressing", "Healthy"),
    ],
)  # fmt: skip
def test_what_time_brings(document: dict[str, Any], before: str, after: str) -> None:
    """Jobs after five seconds, all else after ten."""
    assert (_at(document, 4), _at(document, 10)) == (before, after)


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (_running("Deployment", paused=True), "Suspended"),
        (_object("Deployment", spec={}, status={"observedGeneration": 0}), "Progressing"),
        (_object("Deployment", spec={"replicas": 1}, status={"observedGeneration": 1, "replicas": 3, "updatedReplicas": 1, "availableReplicas": 3}), "Progressing"),
        (_object("StatefulSet", spec={"replicas": 1, "updateStrategy": {"type": "OnDelete"}}, status={"observedGeneration": 1, "readyReplicas": 1, "updateRevision": "b", "currentRevision": "a"}), "Healthy"),
        (_object("ReplicaSet", status={"observedGeneration": 1, "conditions": [{"type": "ReplicaFailure", "status": "True"}]}), "Degraded"),
        (_object("Job", "batch/v1", spec={"suspend": True}), "Suspended"),
        (_object("PersistentVolumeClaim", "v1", status={"phase": "Lost"}), "Degraded"),
        (_object("Pod", "v1", status={"phase": "Failed"}), "Degraded"),
        (_object("HorizontalPodAutoscaler", "autoscaling/v2", status={"conditions": [{"type": "AbleToScale", "status": "True"}]}), "Healthy"),
        (_object("HorizontalPodAutoscaler", "autoscaling/v2", status={"conditions": [{"type": "ScalingActive", "status": "False"}]}), "Degraded"),
        (_object("APIService", "apiregistration.k8s.io/v1", status={"conditions": [{"type": "Available", "status": "False"}]}), "Progressing"),
        (_object("Workflow", "argoproj.io/v1alpha1", status={"phase": "Error"}), "Degraded"),
    ],
)  # fmt: skip
def test_what_a_status_says(document: dict[str, Any], status: str) -> None:
    """By the rules of each kind."""
    found = health.of(document)
    assert found is not None
    assert found.status == status


def test_what_does_not_count() -> None:
    """Kinds without a rule, and what says that it does not."""
    assert health.of(_object("ConfigMap", "v1")) is None
    assert health.of(_object("Application", "argoproj.io/v1alpha1")) is None
    ignored = _running("Deployment")
    ignored["metadata"]["annotations"] = {health.IGNORED: "true"}
    assert health.of(ignored) is None
    going = _running("Deployment")
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert health.of(going) == ObjectHealth("Progressing", "Pending deletion")


def test_the_worst_wins() -> None:
    """In Argo CD's order; nothing at all is healthy."""
    assert health.worst([]) == "Healthy"
    for worse, better in zip(health.ORDER[1:], health.ORDER, strict=False):
        assert health.worst([ObjectHealth(better), ObjectHealth(worse)]) == worse


def test_when_it_changes_next() -> None:
    """The end of a rollout, then the deadline, then never."""
    bad = _running("Deployment", image="a:bad", progressDeadlineSeconds=60)
    seconds = [workloads.next_change(bad, timedelta(seconds=each), PACE) for each in (4, 10, 60)]
    assert seconds == [timedelta(seconds=6), timedelta(seconds=50), None]
    assert workloads.next_change(_object("ConfigMap", "v1"), timedelta(), PACE) is None
