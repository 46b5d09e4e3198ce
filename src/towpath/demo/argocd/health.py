"""The health of live objects, by kind, and of an Application: the worst of them (Argo CD's page "Resource Health"). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from towpath.demo.argocd.keys import Document

ORDER: Final = ("Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown")
"""From best to worst."""
IGNORED: Final = "argocd.argoproj.io/ignore-healthcheck"


@dataclass(frozen=True, slots=True)
class ObjectHealth:
    """How well something is, and why."""

    status: str
    message: str = ""


def worst(found: Iterable[ObjectHealth]) -> str:
    """Return the worst of several; what has no parts is healthy."""
    return max((each.status for each in found), key=ORDER.index, default="Healthy")


def of(object: Document) -> ObjectHealth | None:  # noqa: A002 - the field's word
    """Return the health of a live object, None where it does not count."""
    metadata = object.get("metadata") or {}
    if (metadata.get("annotations") or {}).get(IGNORED) == "true":
        return None
    if metadata.get("deletionTimestamp"):
        return ObjectHealth("Progressing", "Pending deletion")
    group = str(object.get("apiVersion", "")).rpartition("/")[0]
    rule = _RULES.get((group, str(object.get("kind", ""))))
    return rule(object) if rule is not None else None


def _parts(object: Document) -> tuple[Document, Document, int]:  # noqa: A002
    spec, status = object.get("spec") or {}, object.get("status") or {}
    return spec, status, int(object["metadata"].get("generation", 0))


def _deployment(object: Document) -> ObjectHealth:  # noqa: A002
    spec, status, generation = _parts(object)
    if spec.get("paused"):
        return ObjectHealth("Suspended", "Deployment is paused")
    if generation > status.get("observedGeneration", 0):
        return _waiting("observed deployment generation less than desired generation")
    for condition in status.get("conditions") or ():
        if condition.get("type") == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":  # fmt: skip
            name = object["metadata"]["name"]
            return ObjectHealth("Degraded", f'Deployment "{name}" exceeded its progress deadline')
    wanted = spec.get("replicas", 1)
    replicas, updated, available = (
        status.get(field, 0) for field in ("replicas", "updatedReplicas", "availableReplicas")
    )
    if updated < wanted:
        return _waiting(f"{updated} out of {wanted} new replicas have been updated...")
    if replicas > updated:
        return _waiting(f"{replicas - updated} old replicas are pending termination...")
    if available < updated:
        return _waiting(f"{available} of {updated} updated replicas are available...")
    return ObjectHealth("Healthy")


def _replica_set(object: Document) -> ObjectHealth:  # noqa: A002
    spec, status, generation = _parts(object)
    if generation > status.get("observedGeneration", 0):
        return _waiting("observed replica set generation less than desired generation")
    for condition in status.get("conditions") or ():
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
            return ObjectHealth("Degraded", str(condition.get("message", "")))
    available, wanted = status.get("availableReplicas", 0), spec.get("replicas", 1)
    if available < wanted:
        return _waiting(f"{available} out of {wanted} new replicas are available...")
    return ObjectHealth("Healthy")


def _stateful_set(object: Document) -> ObjectHealth:  # noqa: A002
    spec, status, generation = _parts(object)
    wanted, ready = spec.get("replicas", 1), status.get("readyReplicas", 0)
    if generation > status.get("observedGeneration", 0):
        return _waiting("waiting for statefulset spec update to be observed...")
    if ready < wanted:
        return _waiting(f"waiting for statefulset rolling update to complete: {ready} of {wanted} pods are ready")  # fmt: skip
    strategy = (spec.get("updateStrategy") or {}).get("type")
    if strategy == "OnDelete":
        return ObjectHealth("Healthy", f"statefulset has {ready} ready pods")
    if status.get("updateRevision") != status.get("currentRevision"):
        return _waiting("waiting for statefulset rolling update to complete...")
    return ObjectHealth("Healthy")


def _daemon_set(object: Document) -> ObjectHealth:  # noqa: A002
    spec, status, generation = _parts(object)
    if generation > status.get("observedGeneration", 0):
        return _waiting("waiting for daemon set spec update to be observed...")
    if (spec.get("updateStrategy") or {}).get("type") == "OnDelete":
        return ObjectHealth("Healthy")
    wanted = status.get("desiredNumberScheduled", 0)
    for field, word in (("updatedNumberScheduled", "updated"), ("numberAvailable", "available")):
        if status.get(field, 0) < wanted:
            return _waiting(f"{status.get(field, 0)} of {wanted} pods are {word}...")
    return ObjectHealth("Healthy")


def _job(object: Document) -> ObjectHealth:  # noqa: A002
    spec, status, _ = _parts(object)
    for condition in status.get("conditions") or ():
        if condition.get("status") == "True":
            message = str(condition.get("message", ""))
            match condition.get("type"):
                case "Failed":
                    return ObjectHealth("Degraded", message)
                case "Complete":
                    return ObjectHealth("Healthy", message)
    if spec.get("suspend"):
        return ObjectHealth("Suspended", "Job is suspended")
    return ObjectHealth("Progressing")


def _pod(object: Document) -> ObjectHealth:  # noqa: A002
    spec, status, _ = _parts(object)
    always = spec.get("restartPolicy", "Always") == "Always"
    for container in status.get("containerStatuses") or ():
        waiting = (container.get("state") or {}).get("waiting") or {}
        reason = str(waiting.get("reason", ""))
        if always and (reason.startswith("Err") or reason.endswith(("Error", "BackOff"))):
            return ObjectHealth("Degraded", str(waiting.get("message", "")))
    match status.get("phase"):
        case "Pending":
            return ObjectHealth("Progressing")
        case "Succeeded":
            return ObjectHealth("Healthy")
        case "Failed":
            return ObjectHealth("Degraded", str(status.get("message", "")))
        case "Running" if not always:
            return ObjectHealth("Progressing")
        case "Running":
            ready = any(
                each.get("type") == "Ready" and each.get("status") == "True"
                for each in status.get("conditions") or ()
            )
            return ObjectHealth("Healthy" if ready else "Progressing")
    return ObjectHealth("Unknown")


def _claim(object: Document) -> ObjectHealth:  # noqa: A002
    phases = {"Bound": "Healthy", "Pending": "Progressing", "Lost": "Degraded"}
    return ObjectHealth(phases.get((object.get("status") or {}).get("phase", ""), "Unknown"))


def _service(object: Document) -> ObjectHealth | None:  # noqa: A002
    if (object.get("spec") or {}).get("type") != "LoadBalancer":
        return ObjectHealth("Healthy")
    return _ingress(object)


def _ingress(object: Document) -> ObjectHealth:  # noqa: A002
    balanced = ((object.get("status") or {}).get("loadBalancer") or {}).get("ingress")
    return ObjectHealth("Healthy" if balanced else "Progressing")


def _conditions(*failing: str, ready: str) -> Callable[[Document], ObjectHealth]:
    """Return the rule of a kind that tells by conditions: some that fail it, one that says that it is well."""

    def rule(object: Document) -> ObjectHealth:  # noqa: A002
        for condition in (object.get("status") or {}).get("conditions") or ():
            kind, message = condition.get("type"), str(condition.get("message", ""))
            if kind in failing and condition.get("status") == "False":
                return ObjectHealth("Degraded", message)
            if kind == ready:
                is_true = condition.get("status") == "True"
                return ObjectHealth("Healthy" if is_true else "Progressing", message)
        return ObjectHealth("Progressing")

    return rule


def _workflow(object: Document) -> ObjectHealth:  # noqa: A002
    phases = {
        "": "Progressing",
        "Pending": "Progressing",
        "Running": "Progressing",
        "Succeeded": "Healthy",
        "Failed": "Degraded",
        "Error": "Degraded",
    }
    status: dict[str, Any] = object.get("status") or {}
    found = phases.get(status.get("phase", ""), "Unknown")
    return ObjectHealth(found, str(status.get("message", "")))


def _waiting(for_what: str) -> ObjectHealth:
    return ObjectHealth("Progressing", f"Waiting for rollout to finish: {for_what}")


_RULES: Final[dict[tuple[str, str], Callable[[Document], ObjectHealth | None]]] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "ReplicaSet"): _replica_set,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("batch", "Job"): _job,
    ("", "Pod"): _pod,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Service"): _service,
    ("networking.k8s.io", "Ingress"): _ingress,
    ("autoscaling", "HorizontalPodAutoscaler"): _conditions(
        "AbleToScale", "ScalingActive", ready="AbleToScale"
    ),
    ("apiregistration.k8s.io", "APIService"): _conditions(ready="Available"),
    ("argoproj.io", "Workflow"): _workflow,
}
