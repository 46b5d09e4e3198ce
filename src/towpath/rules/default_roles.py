"""The roles and bindings that are there from the beginning, as a cluster and Kargo have them.

`cluster-admin`, `admin`, `edit` and `view` to bind; what every caller may ask the server; and Kargo's system roles, each
with a ServiceAccount of its name in the namespace `kargo`, so that a token can be had for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources import scheme, shared_namespaces
from towpath.resources.labels import SYSTEM_ROLE

if TYPE_CHECKING:
    from towpath.resources.document import Document

BOOTSTRAP: Final = {"kubernetes.io/bootstrapping": "rbac-defaults"}
AUTOUPDATE: Final = "rbac.authorization.kubernetes.io/autoupdate"
"""An annotation: `false` keeps a role or binding from being completed at the next start."""
OF_SYSTEM: Final = {SYSTEM_ROLE: "true"}

_READ: Final = ["get", "list", "watch"]
_WRITE: Final = ["create", "delete", "deletecollection", "patch", "update"]
_AUTHORIZATION: Final = "authorization.k8s.io"
_AUTHENTICATION: Final = "authentication.k8s.io"
_IN_PROJECTS: Final = [
    "freights",
    "projectconfigs",
    "promotionrequests",
    "promotions",
    "promotiontasks",
    "stages",
    "targets",
    "warehouses",
]
_ANALYSES: Final = ["analysisruns", "analysistemplates"]
_ROUTES: Final = ["eventrouters", "messagechannels"]
_MESSAGES: Final = ["messages"]
_CLUSTER_CHANNELS: Final = ["clustermessagechannels"]
_HOOKS: Final = ["hookruns", "stagehooks"]
"""Their steps act with the credentials of the Project: who may write Stages may write them."""
_SHARED: Final = ["clusterconfigs", "clusterpromotiontasks", "projects"]


def _rule(group: str, resources: list[str], verbs: list[str]) -> Document:
    return {"apiGroups": [group], "resources": resources, "verbs": verbs}


def _paths(*urls: str) -> Document:
    return {"nonResourceURLs": list(urls), "verbs": ["get"]}


def _viewing() -> list[Document]:
    return [
        _rule("", ["configmaps", "events", "namespaces", "serviceaccounts"], _READ),
        _rule(scheme.KARGO, _IN_PROJECTS, _READ),
        _rule(scheme.ARGO, _ANALYSES, _READ),
        *_telling(_READ),
        _rule(scheme.TOWPATH, _HOOKS, _READ),
    ]


def _telling(verbs: list[str]) -> list[Document]:
    """Return what concerns messages in Projects."""
    return [_rule(scheme.KARGO_EE, _ROUTES, verbs), _rule(scheme.TOWPATH, _MESSAGES, verbs)]


def _editing() -> list[Document]:
    return [
        *_viewing(),
        _rule("", ["secrets"], _READ),
        _rule("", ["configmaps", "secrets", "serviceaccounts"], _WRITE),
        _rule("", ["serviceaccounts/token"], ["create"]),
        _rule(scheme.KARGO, _IN_PROJECTS, _WRITE),
        _rule(scheme.KARGO, ["stages"], ["promote"]),
        _rule(scheme.KARGO, ["freights/status"], ["patch"]),
        _rule(scheme.ARGO, _ANALYSES, _WRITE),
        *_telling(_WRITE),
        _rule(scheme.TOWPATH, _HOOKS, _WRITE),
    ]


_CONNECTIONS: Final = ["argocdconnections"]


def _kargo_user() -> list[Document]:
    return [
        _rule("", ["namespaces"], _READ),
        _rule(scheme.KARGO, _SHARED, _READ),
        _rule(scheme.ARGO, ["clusteranalysistemplates"], _READ),
        _rule(scheme.TOWPATH, _CONNECTIONS, _READ),
        _rule(scheme.KARGO_EE, _CLUSTER_CHANNELS, _READ),
    ]


_ROLES: Final[dict[str, list[Document]]] = {
    "cluster-admin": [
        _rule("*", ["*"], ["*"]),
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ],
    "admin": [
        *_editing(),
        _rule(_AUTHORIZATION, ["localsubjectaccessreviews"], ["create"]),
        _rule(scheme.RBAC, ["rolebindings", "roles"], [*_READ, *_WRITE]),
    ],
    "edit": _editing(),
    "view": _viewing(),
    "system:basic-user": [
        _rule(_AUTHORIZATION, ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"]),
        _rule(_AUTHENTICATION, ["selfsubjectreviews"], ["create"]),
    ],
    "system:discovery": [
        _paths(
            "/api",
            "/api/*",
            "/apis",
            "/apis/*",
            "/healthz",
            "/livez",
            "/openapi",
            "/openapi/*",
            "/readyz",
            "/version",
            "/version/",
        ),
        _rule("apiextensions.k8s.io", ["customresourcedefinitions"], ["get", "list"]),
    ],
    "system:monitoring": [_paths("/healthz", "/livez", "/metrics", "/readyz")],
    "system:public-info-viewer": [_paths("/healthz", "/livez", "/readyz", "/version", "/version/")],
}
_KARGO_ROLES: Final[dict[str, list[Document]]] = {
    "kargo-admin": [
        *_kargo_user(),
        _rule("", ["configmaps", "events", "serviceaccounts"], _READ),
        _rule(scheme.RBAC, ["clusterrolebindings", "clusterroles", "rolebindings", "roles"], _READ),
        _rule(scheme.KARGO, [*_SHARED, *_IN_PROJECTS], ["*"]),
        _rule(scheme.KARGO, ["freights/status"], ["patch"]),
        _rule(scheme.ARGO, [*_ANALYSES, "clusteranalysistemplates"], ["*"]),
        _rule(scheme.KARGO_EE, _CLUSTER_CHANNELS, ["*"]),
        *_telling(["*"]),
        _rule(scheme.TOWPATH, [*_CONNECTIONS, *_HOOKS], ["*"]),
    ],
    "kargo-project-creator": [*_kargo_user(), _rule(scheme.KARGO, ["projects"], ["create"])],
    "kargo-user": _kargo_user(),
    "kargo-viewer": [
        *_kargo_user(),
        _rule("", ["configmaps", "events", "serviceaccounts"], _READ),
        _rule(scheme.RBAC, ["clusterrolebindings", "clusterroles", "rolebindings", "roles"], _READ),
        _rule(scheme.KARGO, [*_SHARED, *_IN_PROJECTS], _READ),
        _rule(scheme.ARGO, [*_ANALYSES, "clusteranalysistemplates"], _READ),
        *_telling(_READ),
        _rule(scheme.TOWPATH, _HOOKS, _READ),
    ],
}
_BINDINGS: Final = {
    "cluster-admin": "system:masters",
    "system:basic-user": "system:authenticated",
    "system:discovery": "system:authenticated",
    "system:monitoring": "system:monitoring",
    "system:public-info-viewer": "system:authenticated",
}
"""The group that each of these roles is given to."""


def documents() -> list[Document]:
    """Return the roles, bindings and ServiceAccounts, in the order in which they are made."""
    found = [_role(name, rules, BOOTSTRAP) for name, rules in _ROLES.items()]
    for name, group in _BINDINGS.items():
        subject = {"apiGroup": scheme.RBAC, "kind": "Group", "name": group}
        found.append(_binding(name, subject, BOOTSTRAP))
    for name, rules in _KARGO_ROLES.items():
        subject = {"kind": "ServiceAccount", "name": name, "namespace": shared_namespaces.SYSTEM}
        found += [
            _role(name, rules, OF_SYSTEM),
            _document("v1", "ServiceAccount", name, OF_SYSTEM, namespace=shared_namespaces.SYSTEM),
            _binding(name, subject, OF_SYSTEM),
        ]
    for namespace in (shared_namespaces.SHARED, shared_namespaces.SYSTEM_RESOURCES):
        rules = [_rule("", ["configmaps", "secrets"], ["*"])]
        found += _in_namespace("kargo-admin", namespace, rules)
    return found


def _in_namespace(name: str, namespace: str, rules: list[Document]) -> list[Document]:
    """Return a Role in a namespace, and its binding to the system role's account."""
    reference = {"apiGroup": scheme.RBAC, "kind": "Role", "name": name}
    subject = {"kind": "ServiceAccount", "name": name, "namespace": shared_namespaces.SYSTEM}
    return [
        _document(f"{scheme.RBAC}/v1", "Role", name, OF_SYSTEM, namespace, rules=rules),
        _document(
            f"{scheme.RBAC}/v1",
            "RoleBinding",
            name,
            OF_SYSTEM,
            namespace,
            roleRef=reference,
            subjects=[subject],
        ),
    ]


def completed(found: Document, wanted: Document) -> Document | None:
    """Return a stored role or binding with the rules and subjects that it lacks; None when it lacks none.

    What was added to it stays; one with the annotation `autoupdate: "false"` is left alone.
    """
    if (found["metadata"].get("annotations") or {}).get(AUTOUPDATE) == "false":
        return None
    lacking = {
        key: missing
        for key in ("rules", "subjects")
        if (missing := [each for each in wanted.get(key, ()) if each not in (found.get(key) or ())])
    }
    if not lacking:
        return None
    return found | {key: [*(found.get(key) or ()), *more] for key, more in lacking.items()}


def _role(name: str, rules: list[Document], labels: dict[str, str]) -> Document:
    return _document(f"{scheme.RBAC}/v1", "ClusterRole", name, labels, rules=rules)


def _binding(name: str, subject: Document, labels: dict[str, str]) -> Document:
    reference = {"apiGroup": scheme.RBAC, "kind": "ClusterRole", "name": name}
    return _document(
        f"{scheme.RBAC}/v1",
        "ClusterRoleBinding",
        name,
        labels,
        roleRef=reference,
        subjects=[subject],
    )


def _document(
    version: str, kind: str, name: str, labels: dict[str, str], namespace: str = "", **more: Any
) -> Document:
    metadata: Document = {
        "name": name,
        "labels": labels,
        "annotations": {AUTOUPDATE: "true"},
    }
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}
