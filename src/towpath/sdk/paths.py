"""Paths of the API. Whatever is in a name, it stays one segment."""

from __future__ import annotations

import urllib.parse
from typing import Final

API: Final = "/v1beta1"
OWN: Final = "/towpath/v1"
CLUSTER_CONFIG: Final = "cluster-config"
"""What paths call the ClusterConfig, of which there is one."""
_RBAC: Final = "/apis/rbac.authorization.k8s.io/v1"
_KARGO: Final = "/apis/kargo.akuity.io/v1alpha1"
_KARGO_EE: Final = "/apis/ee.kargo.akuity.io/v1alpha1"
_OWN_KINDS: Final = "/apis/towpath.dev/v1alpha1"
_ARGO: Final = "/apis/argoproj.io/v1alpha1"
_KUBERNETES: Final = {
    "analysistemplates": _ARGO,
    "clusteranalysistemplates": _ARGO,
    "analysisruns": _ARGO,
    "argocdconnections": _OWN_KINDS,
    "messages": _OWN_KINDS,
    "messagechannels": _KARGO_EE,
    "clustermessagechannels": _KARGO_EE,
    "eventrouters": _KARGO_EE,
    "stagehooks": _OWN_KINDS,
    "hookruns": _OWN_KINDS,
    "promotiontasks": _KARGO,
    "clusterpromotiontasks": _KARGO,
    "events": "/api/v1",
    "secrets": "/api/v1",
    "configmaps": "/api/v1",
    "serviceaccounts": "/api/v1",
    "roles": _RBAC,
    "rolebindings": _RBAC,
}
"""Kinds that are asked for over the Kubernetes API, and where."""


def segment(name: str) -> str:
    """Return a name as one segment of a path, whatever is in it."""
    if name in (".", ".."):
        return name.replace(".", "%2E")
    return urllib.parse.quote(name, safe="")


def of(plural: str, project: str, name: str = "") -> str:
    """Return the path of a kind's objects or of one object; `project` is empty for kinds that are of none."""
    root = _KUBERNETES.get(plural)
    if root is not None:
        within = f"/namespaces/{segment(project)}" if project else ""
        return f"{root}{within}/{plural}" + (f"/{segment(name)}" if name else "")
    if plural == CLUSTER_CONFIG:
        return f"{API}/system/{plural}"
    folder = f"{API}/projects/{segment(project)}/{plural}" if project else f"{API}/{plural}"
    return f"{folder}/{segment(name)}" if name else folder


def own(project: str, *parts: str) -> str:
    """Return a path of our own API below a Project; each part is one segment."""
    return "/".join((f"{OWN}/projects/{segment(project)}", *map(segment, parts)))
