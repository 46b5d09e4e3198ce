"""The one decision about who may do what: `authorize(user, verb, resource)`.

Whatever is asked, over REST, by kubectl or in a manifest, is decided here, by the Roles and bindings of the store. They
are looked up as they are at that moment, by the index of their subjects, or recalled where none of them was written
since: a binding that was taken away counts no more from then on, and what is granted to others costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.admission.recalled import Recalled
from towpath.errors import Forbidden, NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.role import ClusterRole, Role
from towpath.resources.role_binding import ClusterRoleBinding, RoleBinding
from towpath.rules import rbac
from towpath.rules.rbac import ACCOUNT_PREFIX, ALL, Attributes, Decision, User
from towpath.store.contract import FieldTerm, Query, Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from towpath.resources.meta import LabelSelector
    from towpath.resources.role import PolicyRule
    from towpath.resources.role_binding import RoleReference
    from towpath.store.contract import Store

Binding = ClusterRoleBinding | RoleBinding

_LONGEST_KEY: Final = 1024
"""Characters by which what is meant for a user is recalled: of one who has many groups it is read each time."""
_STORED: Final = tuple(Attributes(kind.group, kind.plural) for kind in scheme.SCHEME)
"""What manifests can be about."""
_MASTERS: Final = (
    'RBAC: allowed by ClusterRoleBinding "cluster-admin" of ClusterRole "cluster-admin" to Group '
    f'"{rbac.MASTERS}"'
)


class Authorizer:
    """Decides by what a store holds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._roles: Recalled[list[PolicyRule] | None] = Recalled(store)
        self._held: Recalled[list[Binding]] = Recalled(store)

    async def authorize(self, user: User, verb: str, resource: Attributes | str) -> None:
        """Return if a user may do that; a text is a path that is no resource, such as `/version`. Raises Forbidden."""
        if not (await self.allowed(user, verb, resource)).allowed:
            raise Forbidden(rbac.refusal(user, verb, resource))

    async def allowed(self, user: User, verb: str, resource: Attributes | str) -> Decision:
        """Return whether a user may do something, and what lets them."""
        if user.is_master:
            return Decision(allowed=True, reason=_MASTERS)
        namespace = resource.namespace if isinstance(resource, Attributes) else ""
        for binding in await self._bindings(user, namespace):
            rules = await self.rules_of(binding.role_ref, binding.metadata.namespace)
            if any(rbac.allows(rule, verb, resource) for rule in rules or ()):
                return Decision(allowed=True, reason=_reason(binding, user))
        return Decision(allowed=False)

    async def authorize_somewhere(self, user: User, verbs: Sequence[str]) -> None:
        """Return if a user may do one of these to some kind of object, in whichever namespace. Raises Forbidden.

        It is asked before something is read that says to what it is to be done, and decides nothing about that.
        """
        if user.is_master:
            return
        for binding in await self._bindings(user, None):
            rules = await self.rules_of(binding.role_ref, binding.metadata.namespace)
            if any(rbac.allows_some(rule, verb, _STORED) for rule in rules or () for verb in verbs):
                return
        raise Forbidden(
            f'User "{user.name}" cannot {" or ".join(verbs)} resources of any kind in any namespace'
        )

    async def rules_for(self, user: User, namespace: str) -> list[PolicyRule]:
        """Return every rule that holds for a user in a namespace ("": everywhere), none twice."""
        found: list[PolicyRule] = []
        for binding in await self._bindings(user, namespace):
            found += await self.rules_of(binding.role_ref, binding.metadata.namespace) or ()
        return rbac.compacted(found)

    async def namespaces_of(self, user: User) -> frozenset[str]:
        """Return the namespaces in which a binding means a user, and an account's own."""
        found = {each.metadata.namespace for each in await self._bindings(user, None)}
        if user.name.startswith(ACCOUNT_PREFIX):
            found.add(user.name.removeprefix(ACCOUNT_PREFIX).partition(":")[0])
        return frozenset(found - {""})

    async def rules_of(self, reference: RoleReference, namespace: str) -> list[PolicyRule] | None:
        """Return the rules of the role that a binding in a namespace names; None if it does not exist."""
        if reference.kind == scheme.CLUSTER_ROLE.name:
            ref = Ref(scheme.CLUSTER_ROLE, "", reference.name)
        elif reference.kind == scheme.ROLE.name and namespace:
            ref = Ref(scheme.ROLE, namespace, reference.name)
        else:
            return None
        return await self._roles.of(ref, lambda: self._read_role(ref))

    async def _read_role(self, ref: Ref) -> tuple[list[PolicyRule] | None, int]:
        """Return the rules of a role, and how many bytes of documents hold them."""
        try:
            stored = await self._store.get(ref, fresh=True)
        except NotFound:
            return None, 0
        if ref.kind is scheme.ROLE:
            return stored.view(Role).rules, len(stored.raw)
        role = stored.view(ClusterRole)
        if role.aggregation_rule is None:
            return role.rules, len(stored.raw)
        return await self._aggregated(role.aggregation_rule.cluster_role_selectors)

    async def _aggregated(self, selectors: list[LabelSelector]) -> tuple[list[PolicyRule], int]:
        """Return the rules of all ClusterRoles that one of the selectors selects, and their size."""
        found: list[PolicyRule] = []
        size = 0
        for selector in selectors:
            query = Query(kind=scheme.CLUSTER_ROLE, labels=tuple(_requirements(selector)))
            page = await self._store.list(query, fresh=True)
            for item in page.items:
                found += item.view(ClusterRole).rules
                size += len(item.raw)
        return rbac.compacted(found), size

    async def _bindings(self, user: User, namespace: str | None) -> list[Binding]:
        """Return the bindings that mean a user, those of the whole cluster first. `namespace`: None for all."""
        key = (user.name, user.groups, namespace)
        if len(user.name) + sum(map(len, user.groups)) + len(namespace or "") > _LONGEST_KEY:
            return (await self._read_bindings(user, namespace))[0]
        return await self._held.of(key, lambda: self._read_bindings(user, namespace))

    async def _read_bindings(self, user: User, namespace: str | None) -> tuple[list[Binding], int]:
        """Return the bindings that mean a user, and how many bytes of documents they are."""
        found: dict[tuple[str, str], Binding] = {}
        sizes: dict[tuple[str, str], int] = {}
        for name in _known_as(user):
            term = (FieldTerm("subjects[].name", name),)
            page = await self._store.list(
                Query(kind=scheme.CLUSTER_ROLE_BINDING, fields=term), fresh=True
            )
            for item in page.items:
                found[("", item.ref.name)] = item.view(ClusterRoleBinding)
                sizes[("", item.ref.name)] = len(item.raw)
            if namespace != "":
                query = Query(kind=scheme.ROLE_BINDING, namespace=namespace, fields=term)
                for item in (await self._store.list(query, fresh=True)).items:
                    found[item.ref.namespace, item.ref.name] = item.view(RoleBinding)
                    sizes[item.ref.namespace, item.ref.name] = len(item.raw)
        meant = {
            key: binding
            for key, binding in sorted(found.items(), key=lambda each: each[0])
            if any(rbac.is_meant(subject, user, key[0]) for subject in binding.subjects)
        }
        return list(meant.values()), sum(sizes[key] for key in meant)


def _known_as(user: User) -> Iterator[str]:
    """Yield the names under which subjects may mean a user."""
    yield user.name
    if user.name.startswith(ACCOUNT_PREFIX):
        yield user.name.rpartition(":")[2]
    yield from user.groups
    yield ALL


def _requirements(selector: LabelSelector) -> Iterator[Requirement]:
    for key, value in selector.match_labels.items():
        yield Requirement(key, "In", frozenset({value}))
    for term in selector.match_expressions:
        if term.operator in ("In", "NotIn", "Exists", "DoesNotExist"):
            yield Requirement(term.key, term.operator, frozenset(term.values))  # type: ignore[arg-type]  # one of the four


def _reason(binding: Binding, user: User) -> str:
    subject = next(
        (
            each
            for each in binding.subjects
            if rbac.is_meant(each, user, binding.metadata.namespace)
        ),
        None,
    )
    kind = "RoleBinding" if binding.metadata.namespace else "ClusterRoleBinding"
    name = "/".join(part for part in (binding.metadata.name, binding.metadata.namespace) if part)
    said = f'RBAC: allowed by {kind} "{name}" of {binding.role_ref.kind} "{binding.role_ref.name}"'
    if subject is None:
        return said
    who = f"{subject.name}/{subject.namespace}" if subject.namespace else subject.name
    return f'{said} to {subject.kind} "{who}"'
