"""What a role of Kargo's is made of: a ServiceAccount, and the Roles that bindings of its namespace give to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest, NotFound
from towpath.resources import booleans, claims, scheme
from towpath.resources.annotations import CLAIM_PREFIX, CLAIMS, MANAGED
from towpath.resources.kinds import Ref
from towpath.resources.role import PolicyRule
from towpath.resources.role_binding import RoleBinding
from towpath.resources.structs import to_document
from towpath.rules import rbac, role_rules
from towpath.store.contract import FieldTerm, Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from towpath.resources.kinds import Kind
    from towpath.store.contract import Document, Store, Stored


_LOOKED_AT: Final = 20
"""Bindings, and Roles, of which it is told that they are not managed: with more than one of either no role is."""


@dataclass(slots=True)
class RoleParts:
    """The objects of one role."""

    account: Stored
    bindings: list[Stored] = field(default_factory=list)
    roles: list[Stored] = field(default_factory=list)
    cluster_roles: list[Stored] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    """The names of ClusterRoles that are not shown to who asks."""

    @property
    def unmanaged(self) -> str:
        """Why Kargo's routes may not change it, empty if they may."""
        for each in (self.account, *self.bindings[:_LOOKED_AT], *self.roles[:_LOOKED_AT]):
            if not booleans.is_set(each.document["metadata"].get("annotations"), MANAGED):
                return (
                    f'{each.ref.kind.name} "{each.ref.name}" lacks the annotation {MANAGED}: "true"'
                )
        shared = [*(each.ref.name for each in self.cluster_roles), *self.hidden]
        if shared:
            named = ", ".join(f'"{name}"' for name in shared)
            return f"it is bound to ClusterRole {named}"
        if len(self.roles) > 1 or len(self.bindings) > 1:
            return f"it has {len(self.roles)} Roles and {len(self.bindings)} RoleBindings"
        return ""

    def require_managed(self) -> None:
        """Raise BadRequest for one that Kargo's routes may not change."""
        if why := self.unmanaged:
            raise BadRequest(
                f'role "{self.account.ref.name}" is not managed by Kargo: {why}; change its objects by '
                "/v1beta1/resources or kubectl"
            )

    @property
    def metadata(self) -> Document:
        """Its metadata, as roles show it."""
        return _metadata(self.account.legible_document["metadata"])

    @property
    def stored(self) -> Mapping[str, Sequence[Stored]]:
        """The objects that it is made of besides its account, by what answers call them."""
        return {
            "roles": self.roles,
            "clusterRoles": self.cluster_roles,
            "roleBindings": self.bindings,
        }

    def outline(self) -> Document:
        """Return it as Kargo shows roles, but for the rules."""
        document = self.account.document
        return {
            "metadata": _metadata(document["metadata"]),
            "claims": shown_claims(claims.of(document)),
            "kargoManaged": not self.unmanaged,
        }

    def shown(self) -> Document:
        """Return it as Kargo shows roles, all at once: for one whose rules are not very many."""
        rules = [
            PolicyRule(**_given(rule))
            for each in (*self.roles, *self.cluster_roles)
            for rule in each.document.get("rules") or ()
        ]
        return {
            **self.outline(),
            "rules": [to_document(rule) for rule in role_rules.normalized(rules)],
        }

    @staticmethod
    def written(rules: Iterable[Document]) -> list[Document]:
        """Return those of some rules that are about resources, as they are written."""
        found = [PolicyRule(**_given(rule)) for rule in rules]
        return [to_document(rule) for rule in found if rule.resources]


def shown_claims(found: dict[str, list[str]]) -> list[Document]:
    """Return claims as roles show them."""
    return [{"name": name, "values": values} for name, values in found.items()]


async def of(store: Store, account: Stored) -> RoleParts:
    """Return the parts of the role that an account stands for: what the bindings of its namespace give to it alone or with others."""
    namespace, name = account.ref.namespace, account.ref.name
    user = rbac.account(namespace, name)
    term = (FieldTerm("subjects[].name", name),)
    found = RoleParts(account)
    query = Query(kind=scheme.ROLE_BINDING, namespace=namespace, fields=term)
    for item in (await store.list(query, fresh=True)).items:
        binding = item.view(RoleBinding)
        if any(rbac.is_meant(each, user, namespace) for each in binding.subjects):
            found.bindings.append(item)
            await _take(store, found, binding.role_ref.kind, namespace, binding.role_ref.name)
    return found


async def of_system(store: Store, account: Stored) -> RoleParts:
    """Return the parts of one of the system's roles, whose bindings are those of the cluster."""
    user = rbac.account(account.ref.namespace, account.ref.name)
    found = RoleParts(account)
    term = (FieldTerm("subjects[].name", account.ref.name),)
    page = await store.list(Query(kind=scheme.CLUSTER_ROLE_BINDING, fields=term), fresh=True)
    for item in page.items:
        binding = item.view(scheme.CLUSTER_ROLE_BINDING.type)
        subjects: Any = getattr(binding, "subjects", ())
        if any(rbac.is_meant(each, user, "") for each in subjects):
            reference: Any = getattr(binding, "role_ref", None)
            await _take(store, found, reference.kind, "", reference.name)
    return found


async def _take(store: Store, parts: RoleParts, kind: str, namespace: str, name: str) -> None:
    is_shared = kind == scheme.CLUSTER_ROLE.name
    of_kind: Kind = scheme.CLUSTER_ROLE if is_shared else scheme.ROLE
    taken = parts.cluster_roles if is_shared else parts.roles
    try:
        stored = await store.get(Ref(of_kind, "" if is_shared else namespace, name), fresh=True)
    except NotFound:
        return
    if all(each.ref != stored.ref for each in taken):
        taken.append(stored)


def _given(rule: Document) -> dict[str, list[str]]:
    """Return the fields of a rule as the struct names them, what is no list of texts left out."""
    return {
        name: [each for each in rule.get(key) or () if isinstance(each, str)]
        for name, key in (
            ("verbs", "verbs"),
            ("api_groups", "apiGroups"),
            ("resources", "resources"),
            ("resource_names", "resourceNames"),
        )
    }


def _metadata(metadata: Document) -> Document:
    """Return the metadata of an account without what the role says elsewhere."""
    found = {key: value for key, value in metadata.items() if key != "managedFields"}
    noted = found.pop("annotations", None) or {}
    kept = {
        key: value
        for key, value in noted.items()
        if key != CLAIMS and not key.startswith(CLAIM_PREFIX)
    }
    return found | ({"annotations": kept} if kept else {})
