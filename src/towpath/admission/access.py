"""The one decision about who may do what: `authorize(user, verb, resource)`.

Whatever is asked, over REST, by kubectl or in a manifest, is decided here, by the Roles and bindings of the store. They
are looked up as they are at that moment, by the index of their subjects: a binding that was taken away counts no more
from then on, and what is granted to others costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.errors import Forbidden, NotFound
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.role import ClusterRole, Role
from towpath.resources.role_binding import ClusterRoleBinding, RoleBinding
from towpath.rules import access
from towpath.rules.access import ACCOUNT_PREFIX, ALL, Decision, Resource, User
from towpath.store.contract import FieldTerm, Query, Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from towpath.resources.meta import LabelSelector
    from towpath.resources.role import PolicyRule
    from towpath.resources.role_binding import RoleReference
    from towpath.store.contract import Store

Binding = ClusterRoleBinding | RoleBinding

_STORED: Final = tuple(Resource(kind.group, kind.plural) for kind in scheme.SCHEME)
"""What manifests can be about."""
_MASTERS: Final = (
    'RBAC: allowed by ClusterRoleBinding "cluster-admin" of ClusterRole "cluster-admin" to Group '
    f'"{access.MASTERS}"'
)


class Access:
    """Decides by what a store holds."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def authorize(self, user: User, verb: str, resource: Resource | str) -> None:
        """Return if a user may do that; a text is a path that is no resource, such as `/version`. Raises Forbidden."""
        if not (await self.allowed(user, verb, resource)).allowed:
            raise Forbidden(access.refusal(user, verb, resource))

    async def allowed(self, user: User, verb: str, resource: Resource | str) -> Decision:
        """Return whether a user may do something, and what lets them."""
        if user.is_master:
            return Decision(allowed=True, reason=_MASTERS)
        namespace = resource.namespace if isinstance(resource, Resource) else ""
        for binding in await self._bindings(user, namespace):
            rules = await self.rules_of(binding.role_ref, binding.metadata.namespace)
            if any(access.allows(rule, verb, resource) for rule in rules or ()):
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
            if any(
                access.allows_some(rule, verb, _STORED) for rule in rules or () for verb in verbs
            ):
                return
        raise Forbidden(
            f'User "{user.name}" cannot {" or ".join(verbs)} resources of any kind in any namespace'
        )

    async def rules_for(self, user: User, namespace: str) -> list[PolicyRule]:
        """Return every rule that holds for a user in a namespace ("": everywhere), none twice."""
        found: list[PolicyRule] = []
        for binding in await self._bindings(user, namespace):
            found += await self.rules_of(binding.role_ref, binding.metadata.namespace) or ()
        return access.compacted(found)

    async def rules_of(self, reference: RoleReference, namespace: str) -> list[PolicyRule] | None:
        """Return the rules of the role that a binding in a namespace names; None if it does not exist."""
        if reference.kind == scheme.CLUSTER_ROLE.name:
            ref = Ref(scheme.CLUSTER_ROLE, "", reference.name)
        elif reference.kind == scheme.ROLE.name and namespace:
            ref = Ref(scheme.ROLE, namespace, reference.name)
        else:
            return None
        try:
            stored = await self._store.get(ref, fresh=True)
        except NotFound:
            return None
        if ref.kind is scheme.ROLE:
            return stored.view(Role).rules
        role = stored.view(ClusterRole)
        if role.aggregation_rule is None:
            return role.rules
        return await self._aggregated(role.aggregation_rule.cluster_role_selectors)

    async def _aggregated(self, selectors: list[LabelSelector]) -> list[PolicyRule]:
        """Return the rules of all ClusterRoles that one of the selectors selects."""
        found: list[PolicyRule] = []
        for selector in selectors:
            query = Query(kind=scheme.CLUSTER_ROLE, labels=tuple(_requirements(selector)))
            page = await self._store.list(query, fresh=True)
            for item in page.items:
                found += item.view(ClusterRole).rules
        return access.compacted(found)

    async def _bindings(self, user: User, namespace: str | None) -> list[Binding]:
        """Return the bindings that mean a user, those of the whole cluster first. `namespace`: None for all."""
        found: dict[tuple[str, str], Binding] = {}
        for name in _known_as(user):
            term = (FieldTerm("subjects[].name", name),)
            page = await self._store.list(
                Query(kind=scheme.CLUSTER_ROLE_BINDING, fields=term), fresh=True
            )
            for item in page.items:
                found[("", item.ref.name)] = item.view(ClusterRoleBinding)
            if namespace != "":
                query = Query(kind=scheme.ROLE_BINDING, namespace=namespace, fields=term)
                for item in (await self._store.list(query, fresh=True)).items:
                    found[item.ref.namespace, item.ref.name] = item.view(RoleBinding)
        return [
            binding
            for (where, _), binding in sorted(found.items(), key=lambda each: each[0])
            if any(access.is_meant(subject, user, where) for subject in binding.subjects)
        ]


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
            if access.is_meant(each, user, binding.metadata.namespace)
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
