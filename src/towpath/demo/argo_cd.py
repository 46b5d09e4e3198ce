"""The demo's Argo CD: a stand-in that deploys both environments from the demo's repository."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import msgspec
import yaml

from towpath.app import certificates, tls
from towpath.clock import SystemClock
from towpath.demo import images
from towpath.demo.argocd.accounts import Account, NamespacedRule
from towpath.demo.argocd.installation import ArgoInstallation
from towpath.demo.argocd.installation_settings import GitPlace, InstallationSettings
from towpath.demo.git_server import USER
from towpath.disk import writing
from towpath.resources.role import PolicyRule

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from pathlib import Path

    from towpath.demo.argocd.keys import Document
    from towpath.demo.git_server import DemoGit

NAME: Final = "argocd"
"""Of the connection."""
KUBECONFIG: Final = "argocd.kubeconfig"
"""The file in the data folder by which Towpath, and whoever likes, reaches the Applications."""
APPLICATIONS: Final = "applications.yaml"
_SYNC_SECONDS: Final = 1.0
_ROLLOUT_SECONDS: Final = 2.0
_RULES: Final = (
    PolicyRule(
        verbs=["get", "list", "watch", "patch"],
        api_groups=["argoproj.io"],
        resources=["applications"],
    ),
    PolicyRule(verbs=["get", "list"], api_groups=["argoproj.io"], resources=["appprojects"]),
    PolicyRule(verbs=["create"], resources=["events"], api_groups=[""]),
)


def installation(folder: Path, git: DemoGit, base: str, *, programs: str) -> ArgoInstallation:
    """Return the demo's Argo CD, not started. `git` stands for `base`."""
    return ArgoInstallation(
        InstallationSettings(
            folder=folder,
            git={base: GitPlace(f"{git.url}/", USER, git.password)},
            never_ready=(f"*-{images.CRASHES}",),
            sync_seconds=_SYNC_SECONDS,
            rollout_seconds=_ROLLOUT_SECONDS,
            programs=programs,
        ),
        SystemClock(),
    )


def fill(argocd: ArgoInstallation, applications: Iterable[Path]) -> None:
    """Have Argo CD know the Applications of some manifests."""
    for path in applications:
        for document in yaml.safe_load_all(path.read_bytes()):
            argocd.put(document)


@asynccontextmanager
async def running(argocd: ArgoInstallation) -> AsyncIterator[bytes]:
    """Run Argo CD, with TLS, while the context lasts; yields the certificate of who certifies it. Raises Unavailable.

    kubectl shows no token to a server without TLS.
    """
    folder = argocd.settings.folder
    listener = tls.TLSSettings(host="127.0.0.1", port=0)
    async with tls.serving(folder, listener, SystemClock()) as context:
        await argocd.start(context)
        try:
            found = folder / certificates.FOLDER / certificates.AUTHORITY
            yield await asyncio.to_thread(found.read_bytes)
        finally:
            await argocd.stop()


def write_kubeconfig(argocd: ArgoInstallation, path: Path, authority: bytes = b"") -> None:
    """Write a kubeconfig with which Applications can be read and patched, and nothing else be done."""
    rules = tuple(NamespacedRule(rule) for rule in _RULES)
    name = "system:serviceaccount:argocd:towpath"
    token = argocd.around.accounts.add(Account(name, rules))
    writing.write(path, msgspec.json.encode(argocd.kubeconfig(token, authority=authority)))


def said(application: Mapping[str, Any]) -> str:
    """Return how an Application is, in a few words."""
    status: Document = application.get("status") or {}
    sync = (status.get("sync") or {}).get("status", "Unknown")
    return f"{sync}, {(status.get('health') or {}).get('status', 'Unknown')}"
