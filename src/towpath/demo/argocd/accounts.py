"""Who calls, by their token, and what they may do: by Roles at the Kubernetes API, by policies at Argo CD's own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.demo.argocd import policies
from towpath.demo.argocd.policies import AccessPolicy
from towpath.errors import Forbidden, Unauthenticated
from towpath.resources.role import PolicyRule
from towpath.resources.role_binding import Subject
from towpath.resources.structs import view
from towpath.rules import rbac

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

EVERYTHING: Final = PolicyRule(
    verbs=["*"], api_groups=["*"], resources=["*"], non_resource_urls=["*"]
)
ALL_POLICIES: Final = (AccessPolicy("*", "*", "*"),)


@dataclass(frozen=True, slots=True)
class NamespacedRule:
    """A rule of a Role, and where it holds."""

    rule: PolicyRule
    namespace: str = ""
    """Empty: everywhere."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who calls."""

    name: str
    rules: tuple[NamespacedRule, ...] = ()
    policies: tuple[AccessPolicy, ...] = ()
    expires_at: datetime | None = None


class Accounts:
    """The accounts that there are, by token."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._accounts: dict[str, Account] = {}

    def add(self, account: Account, *, token: str = "") -> str:
        """Add an account, or change the one that has this token; return its token."""
        token = token or secrets.token_urlsafe(24)
        self._accounts[token] = account
        return token

    def remove(self, token: str) -> None:
        """Make a token worth nothing."""
        self._accounts.pop(token, None)

    def caller(self, authorization: str) -> Account:
        """Return who has the token of an `Authorization` header. Raises Unauthenticated."""
        scheme, _, token = authorization.partition(" ")
        account = self._accounts.get(token.strip()) if scheme.lower() == "bearer" else None
        if account is None:
            raise Unauthenticated("no session information")
        if account.expires_at is not None and account.expires_at <= self._now():
            raise Unauthenticated("invalid session: token has invalid claims: token is expired")
        return account


def may(account: Account, verb: str, resource: rbac.Attributes) -> bool:
    """Whether an account may do something at the Kubernetes API."""
    return any(
        rbac.allows(each.rule, verb, resource)
        for each in account.rules
        if each.namespace in ("", resource.namespace)
    )


def check(account: Account, verb: str, resource: rbac.Attributes) -> None:
    """Raise Forbidden, in Kubernetes' words, for what an account may not do."""
    if not may(account, verb, resource):
        raise Forbidden(rbac.refusal(rbac.User(account.name), verb, resource))


def check_policy(account: Account, resource: str, action: str, name: str) -> None:
    """Raise Forbidden, in Argo CD's words, for what an account may not do."""
    if not policies.allowed(account.policies, resource, action, name):
        raise Forbidden("permission denied")


def rules_of(
    manifests: Iterable[Mapping[str, Any]], account: str, *, namespace: str
) -> tuple[NamespacedRule, ...]:
    """Return what manifests of Roles and bindings give a ServiceAccount of a namespace."""
    documents = list(manifests)
    user = rbac.account(namespace, account)
    found: list[NamespacedRule] = []
    for binding in documents:
        if binding.get("kind") not in ("RoleBinding", "ClusterRoleBinding"):
            continue
        where = binding["metadata"].get("namespace", "")
        if not any(_is_meant(each, user, where) for each in binding.get("subjects") or ()):
            continue
        found += [
            NamespacedRule(view(PolicyRule, rule), where)
            for role in documents
            if _is_referred_to(role, binding["roleRef"], where)
            for rule in role.get("rules") or ()
        ]
    return tuple(found)


def _is_meant(subject: Mapping[str, Any], user: rbac.User, namespace: str) -> bool:

    return rbac.is_meant(view(Subject, subject), user, namespace)


def _is_referred_to(role: Mapping[str, Any], reference: Mapping[str, Any], namespace: str) -> bool:
    metadata = role.get("metadata") or {}
    return (
        role.get("kind") == reference.get("kind")
        and metadata.get("name") == reference.get("name")
        and (role.get("kind") == "ClusterRole" or metadata.get("namespace") == namespace)
    )
