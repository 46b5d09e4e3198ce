"""A whole stand-in: both APIs, the application controller and the cluster, on one event loop."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from towpath.demo.argocd import accounts
from towpath.demo.argocd.accounts import Account, NamespacedRule
from towpath.demo.argocd.cluster import Cluster
from towpath.demo.argocd.controller import ApplicationController
from towpath.demo.argocd.front import Front
from towpath.demo.argocd.git_sources import GitSources
from towpath.demo.argocd.keys import Key
from towpath.demo.argocd.kubernetes_api import KubernetesAPI
from towpath.demo.argocd.manifests import Manifests
from towpath.demo.argocd.object_files import ObjectFiles
from towpath.demo.argocd.rest_api import RestAPI
from towpath.demo.argocd.surroundings import (
    API_VERSION,
    PROJECTS,
    InstallationParts,
    application_key,
)
from towpath.demo.argocd.workloads import Pace

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from towpath.clock import Clock
    from towpath.demo.argocd.installation_settings import InstallationSettings
    from towpath.demo.argocd.keys import Document

_DEFAULT_PROJECT: Final = {
    "apiVersion": API_VERSION,
    "kind": "AppProject",
    "metadata": {"name": "default"},
    "spec": {
        "sourceRepos": ["*"],
        "destinations": [{"server": "*", "namespace": "*"}, {"name": "*", "namespace": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    },
}


class ArgoInstallation:
    """One Argo CD with the cluster it lies in, which is also the one it deploys to.

    `async with` starts and stops it; `kubernetes` and `rest` are where it answers. An administrator's token is `token`.
    """

    def __init__(self, settings: InstallationSettings, clock: Clock) -> None:
        self.settings = settings
        keeps = settings.keeps_objects
        self.around = InstallationParts(
            settings, clock, files=ObjectFiles(settings.folder / "objects") if keeps else None
        )
        self.faults = self.around.faults
        self.objects = self.around.objects
        self.cluster = Cluster(
            self.around.now,
            self._pace,
            files=ObjectFiles(settings.folder / "cluster") if keeps else None,
        )
        self.git = GitSources(settings)
        self.manifests = Manifests(settings, self.git)
        self.controller = ApplicationController(self.around, self.cluster, self.manifests)
        self.kubernetes = Front(KubernetesAPI(self.around), self.faults, clock)
        self.rest = Front(RestAPI(self.around, self.git), self.faults, clock)
        self.token = self.around.accounts.add(
            Account("admin", (NamespacedRule(accounts.EVERYTHING),), accounts.ALL_POLICIES)
        )

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop it."""
        await self.stop()

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen, and reconcile what there is. `tls`: what both APIs are served with."""
        key = Key(PROJECTS, self.settings.namespace, "default")
        if self.objects.get(key) is None:
            self.objects.create(key, _DEFAULT_PROJECT)
        self.controller.start()
        await self.kubernetes.open(tls)
        await self.rest.open(tls)

    async def stop(self) -> None:
        """End everything; what there was lies in the folder, if objects are kept."""
        await self.kubernetes.close()
        await self.rest.close()
        await self.controller.stop()
        self.git.close()

    def put(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Make an Application or AppProject, or bring the spec of one that is there to this; return it as it is."""
        metadata = document["metadata"]
        namespace = metadata.get("namespace") or self.settings.namespace
        key = application_key(namespace, metadata["name"])
        if document["kind"] == "AppProject":
            key = Key(PROJECTS, namespace, metadata["name"])
        there = self.objects.get(key)
        if there is None:
            return self.objects.create(key, dict(document))
        kept: Document = {name: there[name] for name in ("status", "operation") if name in there}
        merged = {**there["metadata"], **metadata}
        return self.objects.write(key, dict(document) | kept | {"metadata": merged})

    def application(self, name: str, namespace: str = "") -> dict[str, Any]:
        """Return an Application. Raises NotFound."""
        return self.objects.there(application_key(namespace or self.settings.namespace, name))

    def kubeconfig(
        self, token: str = "", *, namespace: str = "", authority: bytes = b""
    ) -> dict[str, Any]:
        """Return a kubeconfig for the Kubernetes API. `authority`: certificates (PEM) of who certifies it, with TLS."""
        cluster = {"server": self.kubernetes.url}
        if authority:
            cluster["certificate-authority-data"] = base64.b64encode(authority).decode()
        context = {"cluster": "argocd", "user": "argocd", "namespace": namespace or self.settings.namespace}  # fmt: skip
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "argocd", "cluster": cluster}],
            "users": [{"name": "argocd", "user": {"token": token or self.token}}],
            "contexts": [{"name": "argocd", "context": context}],
            "current-context": "argocd",
        }

    def _pace(self) -> Pace:
        return Pace(
            rollout_seconds=self.settings.rollout_seconds,
            job_seconds=self.settings.job_seconds,
            never_ready=self.settings.never_ready,
            failing_jobs=self.faults.of("").failing_hooks,
        )
