"""A stand-in Argo CD in the test's own loop, on a virtual clock, with a Git server beside it."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.support import git_server
from tests.support.argocd_contract import Judge
from towpath.clock import VirtualClock
from towpath.demo.argocd.installation import ArgoInstallation
from towpath.demo.argocd.installation_settings import GitPlace, InstallationSettings
from towpath.resources.patches import merge_patch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from tests.support.git_server import GitServer
    from towpath.demo.argocd.keys import Document

REPO = "https://git.example/deploy.git"
NAMESPACE = "argocd"

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: 2
  progressDeadlineSeconds: 60
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
        - name: {name}
          image: registry.example/{name}:{tag}
"""


def deployment(name: str = "web", tag: str = "1") -> str:
    """Return the manifest of a Deployment."""
    return DEPLOYMENT.format(name=name, tag=tag)


def application(name: str = "web", *, path: str = "test", **spec: Any) -> Document:
    """Return an Application that deploys a folder of the repository. `spec`: fields beside or instead."""
    source = {"repoURL": REPO, "targetRevision": "main", "path": path}
    given: Document = {"source": source} if "sources" not in spec else {}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "project": "default",
            "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
            **given,
            **spec,
        },
    }


@dataclass
class StandIn:
    """What a test acts on."""

    installation: ArgoInstallation
    clock: VirtualClock
    git: GitServer
    judge: Judge
    session: aiohttp.ClientSession

    @property
    def faults(self) -> Any:
        """What goes wrong."""
        return self.installation.faults

    async def settle(self, seconds: float = 0.0) -> None:
        """Let time pass, and everything that it brings."""
        await self.installation.controller.settled()
        if seconds:
            await self.clock.advance(seconds)
            await self.installation.controller.settled()

    def put(self, document: Mapping[str, Any]) -> None:
        """Make an object, or bring it to a new spec."""
        self.installation.put(document)

    def get(self, name: str = "web") -> Document:
        """Return an Application."""
        return self.installation.application(name)

    def status(self, name: str = "web") -> Document:
        """Return the status of an Application."""
        found: Document = self.get(name).get("status") or {}
        return found

    def patch(self, patch: Mapping[str, Any], name: str = "web") -> None:
        """Patch an Application, past the API."""
        found = self.get(name)
        key = self.key(name)
        self.installation.objects.write(key, merge_patch.apply(found, patch))

    def key(self, name: str = "web") -> Any:
        """Return the key of an Application."""
        from towpath.demo.argocd.surroundings import application_key

        return application_key(NAMESPACE, name)

    def refresh(self, kind: str = "hard", name: str = "web") -> None:
        """Ask for a comparison."""
        self.patch({"metadata": {"annotations": {"argocd.argoproj.io/refresh": kind}}}, name)

    def sync(self, name: str = "web", **operation: Any) -> None:
        """Ask for an operation, as a step of a Promotion does."""
        asked = {"sync": {}, "initiatedBy": {"username": "somebody"}, **operation}
        self.patch({"operation": asked, "status": {"operationState": None}}, name)

    async def ask(
        self,
        api: str,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Any = None,
        kind: str = "application/json",
    ) -> tuple[int, Any]:
        """Ask one of the APIs; return status and answer."""
        front = self.installation.kubernetes if api == "kubernetes" else self.installation.rest
        token = self.installation.token if token is None else token
        async with self.session.request(
            method,
            front.url + path,
            json=body,
            headers={"Authorization": f"Bearer {token}", "Content-Type": kind},
        ) as answer:
            return answer.status, await answer.json(content_type=None)


@contextlib.asynccontextmanager
async def standing(
    folder: Path, files: Mapping[str, str] | None = None, **settings: Any
) -> AsyncIterator[StandIn]:
    """Run a stand-in over a repository with these files; every exchange must be as Argo CD describes it."""
    clock = VirtualClock()
    with git_server.serving(folder / "git") as git:
        git.create("deploy.git", files or {"test/web.yaml": deployment()}, branch="main")
        given: dict[str, Any] = {
            "folder": folder / "argocd",
            "keeps_objects": False,
            "programs": os.environ["PATH"],
            **settings,
        }
        wanted = InstallationSettings(
            git={"https://git.example/": GitPlace(f"{git.url}/", git.user, git.password)},
            **given,
        )
        installation = ArgoInstallation(wanted, clock)
        judge = Judge()
        installation.around.observers.append(judge)
        async with installation, aiohttp.ClientSession() as session:
            yield StandIn(installation, clock, git, judge, session)
        assert not judge.problems
