"""Who may do what in a Project: the accounts and roles that come with each (docs/reference/access.md)."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import claims, shared_namespaces
from towpath.resources.annotations import MANAGED, OURS

if TYPE_CHECKING:
    from towpath.resources.document import Document

SEEDED: Final = f"{OURS}seeded"
"""Of a Role that comes with a Project: the digest of its rules as they were made; one of which they differ was changed."""
DEFAULT: Final = "default"
"""The account that every namespace has in Kubernetes: without rights, and shown among the roles as one that is not managed."""
ROLES: Final = ("kargo-admin", "kargo-viewer", "kargo-promoter")

_KARGO: Final = "kargo.akuity.io"
_ARGO: Final = "argoproj.io"
_KARGO_EE: Final = "ee.kargo.akuity.io"
_TOWPATH: Final = "towpath.dev"
_RBAC: Final = "rbac.authorization.k8s.io"
_READ: Final = ["get", "list", "watch"]
_ADMIN: Final = "kargo-admin"
_PROGRAM: Final = "kubernetes:"
"""How actors begin that are known by no claim."""
_NOT_CLAIMS: Final = frozenset({"kubernetes", "controller"})


def documents(project: str, creator: str) -> list[Document]:
    """Return the ServiceAccounts, Roles and RoleBindings of a Project, in the order in which they are made.

    `creator`: the Project's `create-actor`. One who is known by a claim, `email:a@b.c`, is mapped to all three accounts;
    a program that made it gets what its administrators have. So do Kargo's administrators of the system.
    """
    metadata = {"name": DEFAULT, "namespace": project}
    made: list[Document] = [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}]
    mapped = _claims(creator)
    for name in ROLES:
        account = _document("v1", "ServiceAccount", name, project)
        rules = _rules(name)
        seeded = {SEEDED: _digest(rules)}
        made += [
            claims.noted(account, mapped) if mapped else account,
            _document(f"{_RBAC}/v1", "Role", name, project, annotations=seeded, rules=rules),
            _document(
                f"{_RBAC}/v1",
                "RoleBinding",
                name,
                project,
                roleRef={"apiGroup": _RBAC, "kind": "Role", "name": name},
                subjects=[{"kind": "ServiceAccount", "name": name, "namespace": project}],
            ),
        ]
    system = {"kind": "ServiceAccount", "name": _ADMIN, "namespace": shared_namespaces.SYSTEM}
    made.append(_administrators("kargo-system-admin", project, system))
    if creator.startswith(_PROGRAM):
        user = {"apiGroup": _RBAC, "kind": "User", "name": creator.removeprefix(_PROGRAM)}
        made.append(_administrators("kargo-creator", project, user))
    return [*made, *of_cluster(project)]


def _administrators(name: str, project: str, subject: Document) -> Document:
    """Return a binding that makes somebody an administrator of a Project."""
    reference = {"apiGroup": _RBAC, "kind": "Role", "name": _ADMIN}
    return _document(
        f"{_RBAC}/v1", "RoleBinding", name, project, roleRef=reference, subjects=[subject]
    )


def of_cluster(project: str) -> list[Document]:
    """Return the ClusterRole and ClusterRoleBinding that let the Project's administrators change the Project itself."""
    name = f"kargo-project-admin-{project}"
    rule = {
        "apiGroups": [_KARGO],
        "resources": ["projects"],
        "resourceNames": [project],
        "verbs": ["update", "delete"],
    }
    return [
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": name},
            "rules": [rule],
        },
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": "kargo-admin", "namespace": project}],
        },
    ]


def differs(found: Document, wanted: Document) -> bool:
    """Whether rules, subjects or the role that is bound are not what they are to be; nothing else is reset.

    Rules that somebody changed are theirs.
    """
    seeded = (found["metadata"].get("annotations") or {}).get(SEEDED)
    if "rules" in wanted and seeded and seeded != _digest(found.get("rules")):
        return False
    return any(
        found.get(key) != wanted[key] for key in ("rules", "subjects", "roleRef") if key in wanted
    )


def _document(
    version: str,
    kind: str,
    name: str,
    project: str,
    annotations: Document | None = None,
    **more: Any,
) -> Document:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": project,
            "annotations": {MANAGED: "true", **(annotations or {})},
        },
        **more,
    }


def updated(found: Document, wanted: Document) -> Document:
    """Return what is stored with all of what is wanted but the metadata, of which the digest of rules is taken, too."""
    metadata = found["metadata"]
    seeded = (wanted["metadata"].get("annotations") or {}).get(SEEDED)
    if seeded:
        noted = {**(metadata.get("annotations") or {}), SEEDED: seeded}
        metadata = {**metadata, "annotations": noted}
    return {
        **found,
        **{key: wanted[key] for key in wanted if key != "metadata"},
        "metadata": metadata,
    }


def _digest(rules: Any) -> str:
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()[:16]


def _claims(creator: str) -> dict[str, list[str]]:
    claim, colon, value = creator.partition(":")
    if not colon or not value or claim in _NOT_CLAIMS:
        return {}
    return {claim: [value]}


def _rule(group: str, resources: list[str], verbs: list[str]) -> Document:
    return {"apiGroups": [group], "resources": resources, "verbs": verbs}


def _rules(name: str) -> list[Document]:
    match name:
        case "kargo-admin":
            return [
                _rule("", ["secrets", "configmaps", "serviceaccounts"], ["*"]),
                _rule("", ["events"], _READ),
                _rule(_RBAC, ["roles", "rolebindings"], ["*"]),
                _rule(
                    _KARGO,
                    [
                        "freights", "projectconfigs", "promotiontasks", "stages", "targets",
                        "warehouses",
                    ],
                    ["*"],
                ),
                _rule(_KARGO, ["stages"], ["promote"]),
                _rule(_KARGO, ["promotions"], ["create", "delete", "get", "list", "patch", "watch"]),
                _rule(_KARGO, ["promotionrequests"], _READ),
                _rule(_KARGO, ["freights/status"], ["patch"]),
                _rule(_ARGO, ["analysistemplates"], ["*"]),
                _rule(_ARGO, ["analysisruns"], ["delete", *_READ]),
                *_telling(["*"]),
                _rule(_TOWPATH, ["stagehooks"], ["*"]),
                _rule(_TOWPATH, ["hookruns"], ["delete", "patch", *_READ]),
            ]  # fmt: skip
        case "kargo-promoter":
            return [
                *_reading(),
                _rule(_KARGO, ["stages"], ["promote"]),
                _rule(_KARGO, ["promotions"], ["create"]),
                _rule(_KARGO, ["freights/status"], ["patch"]),
            ]
        case _:
            return _reading()


def _reading() -> list[Document]:
    return [
        _rule("", ["configmaps", "events", "serviceaccounts"], _READ),
        _rule(_RBAC, ["roles", "rolebindings"], _READ),
        _rule(
            _KARGO,
            [
                "freights",
                "projectconfigs",
                "promotionrequests",
                "promotions",
                "stages",
                "targets",
                "warehouses",
            ],
            _READ,
        ),
        _rule(_ARGO, ["analysisruns", "analysistemplates"], _READ),
        _rule(_TOWPATH, ["hookruns", "stagehooks"], _READ),
        *_telling(_READ),
    ]


def _telling(verbs: list[str]) -> list[Document]:
    """Return what concerns messages: where they go, what has them sent, and what became of them."""
    return [
        _rule(_KARGO_EE, ["eventrouters", "messagechannels"], verbs),
        _rule(_TOWPATH, ["messages"], verbs),
    ]
