"""Applications of Argo CD for tests, as its API gives them."""

from __future__ import annotations

from typing import Any, Final

from towpath.rules.argocd.application import Application, read

PROJECT: Final = "shop"
STAGE: Final = "prod"
PROMOTION: Final = "prod.01jzzzzzzzzzzzzzzzzzzzzzzz.abcdef0"
ONE, TWO, THREE = "a" * 40, "b" * 40, "c" * 40
REPOSITORY: Final = "https://git.example/deploy.git"
ENDED: Final = "2026-05-01T12:00:00Z"
LATER: Final = "2026-05-01T12:00:30Z"
EARLIER: Final = "2026-05-01T11:00:00Z"


def document(name: str = "web", **more: Any) -> dict[str, Any]:
    """Return an Application that is well and was never synced by us; `more`: `spec`, `status`, `operation`, `metadata`."""
    found: dict[str, Any] = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": name,
            "namespace": "argocd",
            "annotations": {"kargo.akuity.io/authorized-stage": f"{PROJECT}:{STAGE}"},
        },
        "spec": {
            "project": "default",
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "web"},
            "source": {"repoURL": REPOSITORY, "targetRevision": "main", "path": "env/prod"},
        },
        "status": {
            "health": {"status": "Healthy"},
            "sync": {"status": "Synced", "revision": ONE},
            "reconciledAt": LATER,
        },
    }
    for key, value in more.items():
        old = found.get(key)
        found[key] = (
            {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
        )
    return found


def application(name: str = "web", **more: Any) -> Application:
    """Return an Application as the rules see it."""
    return read(document(name, **more))


def operation(promotion: str | None = PROMOTION, **more: Any) -> dict[str, Any]:
    """Return an operation: of a Promotion, or of somebody else for None."""
    if promotion is None:
        return {"sync": {}, "initiatedBy": {"username": "odile"}, **more}
    info = [
        {"name": "Reason", "value": "x"},
        {"name": "kargo.akuity.io/promotion", "value": promotion},
    ]
    by = {"username": "kargo-controller", "automated": True}
    return {"sync": {}, "initiatedBy": by, "info": info, **more}


def state(
    phase: str = "Succeeded",
    *,
    promotion: str | None = PROMOTION,
    revision: str | None = ONE,
    finished: str | None = ENDED,
    **more: Any,
) -> dict[str, Any]:
    """Return `status` with the state of an operation beside what `document` has."""
    found: dict[str, Any] = {"operation": operation(promotion), "phase": phase}
    if revision is not None:
        found["syncResult"] = {"revision": revision}
    if finished is not None:
        found["finishedAt"] = finished
    return {"operationState": {**found, **more}}
