"""Roles and bindings of a Project, and somebody who has rights by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.pipeline import PROJECT, USER
from towpath.rules.rbac import AUTHENTICATED, Attributes, User

if TYPE_CHECKING:
    from tests.support.pipeline import Pipeline

RBAC = "rbac.authorization.k8s.io"
JO = User("jo", (AUTHENTICATED,))
STAGES = Attributes("kargo.akuity.io", "stages", PROJECT, "prod")


def role(name: str, *rules: dict[str, Any], kind: str = "Role", **more: Any) -> dict[str, Any]:
    """Return a role."""
    metadata: dict[str, Any] = {"name": name, **more.pop("metadata", {})}
    if kind == "Role":
        metadata["namespace"] = PROJECT
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": metadata,
        "rules": list(rules),
        **more,
    }


def binding(
    name: str, to: str, *, kind: str = "RoleBinding", role_kind: str = "Role", user: str = "jo"
) -> dict[str, Any]:
    """Return a binding of a role to a user."""
    metadata = {"name": name} | ({"namespace": PROJECT} if kind == "RoleBinding" else {})
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": metadata,
        "roleRef": {"apiGroup": RBAC, "kind": role_kind, "name": to},
        "subjects": [{"kind": "User", "name": user}],
    }


def rule(verb: str, resource: str = "stages", group: str = "kargo.akuity.io") -> dict[str, Any]:
    """Return a rule."""
    return {"apiGroups": [group], "resources": [resource], "verbs": [verb]}


async def made(world: Pipeline, *documents: dict[str, Any]) -> None:
    """Create documents as the administrator."""
    for document in documents:
        await world.writer.create(document, USER)
