"""A real server, a registry, a Git server and a stand-in for Argo CD: what a whole pipeline needs, from the first look to the last Stage."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from tests.support import argocd_thread, git_server, registry, rendering, towpath_process, waiting
from towpath.demo import argo_cd
from towpath.demo.argocd.installation_settings import GitPlace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from tests.support.argocd_thread import ThreadedArgoCD
    from tests.support.git_server import GitServer
    from tests.support.registry import Registry
    from tests.support.towpath_process import Running

FORGE = "https://github.com/you/"
"""Where Git servers are, as manifests have it."""


@dataclass
class PipelineWorld:
    """What a test acts on."""

    folder: Path
    project: str
    images: Registry
    git: GitServer
    argocd: ThreadedArgoCD
    server: Running

    def towpath(self, *words: str) -> str:
        """Run a command of the Project; return what it prints."""
        done = subprocess.run(
            [*towpath_process.COMMAND, *words],
            env=towpath_process.environment(
                self.folder,
                TOWPATH_SERVER=self.server.address,
                TOWPATH_TOKEN=self.server.token,
                TOWPATH_PROJECT=self.project,
            ),
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def read(self, *words: str) -> dict[str, Any]:
        """Return what `towpath get` answers."""
        found: dict[str, Any] = json.loads(self.towpath("get", *words, "-o", "json"))
        return found

    def apply(self, documents: list[dict[str, Any]]) -> None:
        """Apply manifests."""
        file = self.folder / "all.yaml"
        file.write_text(yaml.safe_dump_all(documents))
        self.towpath("apply", "-f", str(file))

    def freight(self) -> list[dict[str, Any]]:
        """Return all Freight, the newest first."""
        found = self.read("freight")
        items: list[dict[str, Any]] = found.get("items", [found])
        return items

    def verified(self, freight: str, stage: str) -> None:
        """Return once Freight is verified in a Stage."""
        waiting.until(
            lambda: (
                stage in (self.read("freight", freight).get("status") or {}).get("verifiedIn", {})
            ),
            lambda: self.towpath("get", "stages", "-o", "yaml"),
        )

    def tree(self, repository: str, branch: str) -> dict[str, str]:
        """Return the files of a branch by their paths."""
        place = self.git.path(repository)
        names = git_server.git(place, "ls-tree", "-r", "--name-only", branch).split("\n")
        return {each: git_server.git(place, "show", f"{branch}:{each}") for each in names if each}


@contextlib.contextmanager
def running(
    folder: Path, monkeypatch: pytest.MonkeyPatch, project: str, **settings: Any
) -> Iterator[PipelineWorld]:
    """Run a world for one Project while the context lasts. `settings`: of the operator, besides where things are."""
    path = f"{rendering.kustomize().program.parent}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    with (
        registry.serving(folder / "registry") as images,
        git_server.serving(folder / "git") as git,
        argocd_thread.serving(
            folder / "argocd", git={FORGE: GitPlace(f"{git.url}/", git.user, git.password)}
        ) as argocd,
    ):
        kubeconfig = folder / "kubeconfig"
        argocd.do(lambda installation: argo_cd.write_kubeconfig(installation, kubeconfig))
        config = {
            "registries": {
                host: {"mirrors": [images.url]} for host in ("public.ecr.aws", "ghcr.io")
            },
            "git": {"insteadOf": {f"{git.url}/": [FORGE]}},
            "argocd": {
                "connections": {
                    "here": {"projects": [project], "kubernetes": {"kubeconfig": str(kubeconfig)}}
                }
            },
            **settings,
        }
        file = folder / "config.yaml"
        file.write_text(yaml.safe_dump(config))
        with towpath_process.up(folder, config=file) as server:
            yield PipelineWorld(folder, project, images, git, argocd, server)


def made(project: str, kind: str, name: str, spec: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return an object of a Project, or the Project itself."""
    metadata = {"name": name} | ({} if kind == "Project" else {"namespace": project})
    found = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": kind, "metadata": metadata}
    return found | ({"spec": spec} if spec else {})


def git_secret(project: str, name: str, url: str, git: GitServer) -> dict[str, Any]:
    """Return the Secret that opens a repository."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": name,
            "namespace": project,
            "labels": {"kargo.akuity.io/cred-type": "git"},
        },
        "stringData": {"repoURL": url, "username": git.user, "password": git.password},
    }


def application(
    project: str, name: str, stage: str, url: str, branch: str, path: str = "."
) -> dict[str, Any]:
    """Return an Application that deploys a branch and lets a Stage decide what."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": name,
            "namespace": "argocd",
            "annotations": {"kargo.akuity.io/authorized-stage": f"{project}:{stage}"},
        },
        "spec": {
            "project": "default",
            "source": {"repoURL": url, "targetRevision": branch, "path": path},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
            "syncPolicy": {"syncOptions": ["CreateNamespace=true"]},
        },
    }


def runs(argocd: ThreadedArgoCD, name: str, image: str) -> None:
    """Return once an image runs in an Application: that it was synced is known a little before."""

    def status() -> dict[str, Any]:
        return argocd.application(name).get("status") or {}

    waiting.until(
        lambda: (status().get("summary") or {}).get("images") == [image],
        lambda: json.dumps(status()),
    )
