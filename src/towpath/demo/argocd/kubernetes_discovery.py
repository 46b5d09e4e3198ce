"""What the API server says that it serves: enough for kubectl and for clients that look before they ask."""

from __future__ import annotations

from typing import Any, Final

from towpath.errors import NotFound
from towpath.server.kube import status

_VERBS: Final = ["create", "delete", "get", "list", "patch", "update", "watch"]
_VERSION: Final = {"groupVersion": "argoproj.io/v1alpha1", "version": "v1alpha1"}
_GROUP: Final = {"name": "argoproj.io", "versions": [_VERSION], "preferredVersion": _VERSION}


def _resource(plural: str, kind: str, short: list[str]) -> dict[str, Any]:
    return {
        "name": plural,
        "singularName": kind.lower(),
        "namespaced": True,
        "kind": kind,
        "verbs": _VERBS,
        "shortNames": short,
    }


_DOCUMENTS: Final[dict[str, dict[str, Any]]] = {
    "/version": {"major": "1", "minor": "33", "gitVersion": "v1.33.0"},
    "/healthz": {},
    "/readyz": {},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/api/v1": {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [
            {
                "name": "events",
                "singularName": "event",
                "namespaced": True,
                "kind": "Event",
                "verbs": ["create", "list"],
            }
        ],
    },
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_GROUP]},
    "/apis/argoproj.io": {"kind": "APIGroup", "apiVersion": "v1", **_GROUP},
    "/apis/argoproj.io/v1alpha1": {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": "argoproj.io/v1alpha1",
        "resources": [
            _resource("applications", "Application", ["app", "apps"]),
            _resource("appprojects", "AppProject", ["appproj", "appprojs"]),
        ],
    },
}


def document(path: str) -> dict[str, Any]:
    """Return what is at a path. Raises NotFound."""
    found = _DOCUMENTS.get(path.rstrip("/"))
    if found is None:
        raise NotFound(status.NO_SUCH_RESOURCE)
    return found
