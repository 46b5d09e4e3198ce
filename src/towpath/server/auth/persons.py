"""People as sessions and personal tokens remember them: the administrator, or who was vouched for by OIDC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.admission.requester import ADMIN
from towpath.rules.rbac import User

if TYPE_CHECKING:
    from collections.abc import Mapping

_ADMIN = "admin"


def record(user: User, issuer: str = "") -> dict[str, Any]:
    """Return what is kept of a person. `issuer`: who vouched for them."""
    if user is ADMIN.user:
        return {"is": _ADMIN}
    claims = {name: list(values) for name, values in user.claims.items()}
    return {"name": user.name, "groups": list(user.groups), "claims": claims, "issuer": issuer}


def user(kept: Mapping[str, Any]) -> User:
    """Return the person of a record."""
    if is_admin(kept):
        return ADMIN.user
    claims = {name: tuple(values) for name, values in kept["claims"].items()}
    return User(kept["name"], tuple(kept["groups"]), claims=claims)


def is_admin(kept: Mapping[str, Any]) -> bool:
    """Whether it is the administrator."""
    return kept.get("is") == _ADMIN


def issuer(kept: Mapping[str, Any]) -> str:
    """Return who vouched for a person; empty for the administrator."""
    return str(kept.get("issuer") or "")
