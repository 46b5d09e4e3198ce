"""Products whose Stages are folders of a repository, each deployed by an Application of Argo CD: a Project, files, Applications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.argocd_standin import deployment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.support.git_server import GitServer

BASE = "https://git.example/"
IMAGE = "registry.example/web"
_KARGO = "kargo.akuity.io/v1alpha1"


def repository(project: str) -> str:
    """Return the URL of a product's repository, as manifests name it."""
    return f"{BASE}{project}.git"


def fill(git: GitServer, project: str, stages: Sequence[str]) -> None:
    """Make a product's repository: a Deployment in a folder for each Stage."""
    files: dict[str, str | bytes] = {f"{stage}/web.yaml": deployment(tag="0") for stage in stages}
    git.create(f"{project}.git", files, branch="main")


def application(project: str, stage: str, namespace: str = "argocd") -> dict[str, Any]:
    """Return the Application of a Stage, which only that Stage may sync."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": f"{project}-{stage}",
            "namespace": namespace,
            "annotations": {"kargo.akuity.io/authorized-stage": f"{project}:{stage}"},
        },
        "spec": {
            "project": "default",
            "destination": {
                "server": "https://kubernetes.default.svc",
                "namespace": f"{project}-{stage}",
            },
            "source": {
                "repoURL": repository(project),
                "targetRevision": "main",
                "path": stage,
            },
        },
    }


def documents(
    git: GitServer, project: str, stages: Sequence[str], tags: Sequence[str], *, waits: bool = True
) -> Iterator[dict[str, Any]]:
    """Yield a product's Project, credential, Warehouse, Stages and Freight, one for each tag with that alias.

    `waits`: whether the Promotion itself waits until the Application is healthy.
    """

    def made(kind: str, name: str | None, **rest: Any) -> dict[str, Any]:
        metadata = {"name": name} if name else {}
        metadata |= {} if kind == "Project" else {"namespace": project}
        return {"apiVersion": _KARGO, "kind": kind, "metadata": metadata, **rest}

    origin = {"kind": "Warehouse", "name": "main"}
    yield made("Project", project)
    yield {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "git", "namespace": project, "labels": {"kargo.akuity.io/cred-type": "git"}},
        "stringData": {"repoURL": repository(project), "username": git.user, "password": git.password},
    }  # fmt: skip
    subscriptions = [{"image": {"repoURL": IMAGE}}]
    manual = {
        "subscriptions": subscriptions,
        "freightCreationPolicy": "Manual",
        "interval": "24h",
    }
    yield made("Warehouse", "main", spec=manual)
    for stage in stages:
        spec = {
            "requestedFreight": [{"origin": origin, "sources": {"direct": True}}],
            "promotionTemplate": {"spec": {"steps": list(_steps(project, stage, waits=waits))}},
        }
        yield made("Stage", stage, spec=spec)
    for number, tag in enumerate(tags):
        image = {"repoURL": IMAGE, "tag": tag, "digest": f"sha256:{number:064x}"}
        yield made("Freight", None, origin=origin, images=[image], alias=f"v{tag}")


def _steps(project: str, stage: str, *, waits: bool) -> Iterator[dict[str, Any]]:
    url, app = repository(project), f"{project}-{stage}"
    yield {
        "uses": "git-clone",
        "config": {"repoURL": url, "checkout": [{"branch": "main", "path": "src"}]},
    }
    updates = [
        {
            "key": "spec.template.spec.containers.0.image",
            "value": f"{IMAGE}:${{{{ imageFrom('{IMAGE}').Tag }}}}",
        }
    ]
    yield {"uses": "yaml-update", "config": {"path": f"src/{stage}/web.yaml", "updates": updates}}
    yield {"uses": "git-commit", "config": {"path": "src", "message": f"Deploy to {stage}"}}
    yield {"uses": "git-push", "as": "push", "config": {"path": "src"}}
    source = {"repoURL": url, "desiredRevision": "${{ outputs.push.commit }}"}
    yield {
        "uses": "argocd-update",
        "as": "sync",
        "config": {"apps": [{"name": app, "sources": [source]}]},
    }
    if waits:
        yield {"uses": "argocd-wait", "as": "wait", "config": {"apps": [{"name": app}]}}
