"""The one decision about who may do what: `authorize(user, verb, resource)`.

Whatever is asked, over REST, by kubectl or in a manifest, is decided here, by the Roles and bindings of the store. They
are looked up as they are at that moment, by the index of their subjects, or recalled where none of them was written
since: a binding that was taken away counts no more from then on, and what is granted to others costs nothing.

Of whom claims are made (OIDC) may do what the ServiceAccounts may that are mapped to them (`resources/claims.py`): those of
the namespace that is asked about, if it is a Project's, and those of the global namespaces, whose rights hold everywhere.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

from towpath.admission import held_roles
from towpath.admission.recalled import ROLES_AND_BINDINGS, Recalled
from towpath.errors import Forbidden, NotFound
from towpath.resources import booleans, claims, scheme, shared_namespaces
from towpath.resources.kinds import Ref
from towpath.resources.labels import PROJECT_LABEL
from towpath.resources.role import ClusterRole, Role
from towpath.rules import rbac
from towpath.rules.rbac import ACCOUNT_PREFIX, ALL, Attributes, Decision, User
from towpath.store.contract import FieldTerm, Query, Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from towpath.admission.held_roles import HeldRole
    from towpath.resources.meta import LabelSelector
    from towpath.resources.role import PolicyRule
    from towpath.resources.role_binding import RoleReference, Subject
    from towpath.store.contract import Store

Rights = tuple[str, "list[PolicyRule]"]
"""A namespace, empty for the whole cluster, and rules that hold there."""

_HELD_BYTES: Final = 4 << 20
"""Of what users hold, which is recalled; the roles of a Project that has as many bindings as it may have room in a part of it."""
_TURN: Final = 128
"""Bindings that are looked at before others get the loop."""
_RULES_TURN: Final = 4_000
"""Rules that are looked at before others get the loop: a Project may have a thousand roles of a thousand rules each."""
_LONGEST_KEY: Final = 1024
"""Characters by which what is meant for a user is recalled: of one who has many groups it is read each time."""
_STORED: Final = tuple(Attributes(kind.group, kind.plural) for kind in scheme.SCHEME)
"""What manifests can be about."""
_MASTERS: Final = (
    'RBAC: allowed by ClusterRoleBinding "cluster-admin" of ClusterRole "cluster-admin" to Group '
    f'"{rbac.MASTERS}"'
)


class _Bound(NamedTuple):
    """What a binding gives to whom."""

    role: RoleReference
    subjects: Sequence[Subject]
    bytes: int
    """Of its document."""


class Authorizer:
    """Decides by what a store holds."""

    def __init__(self, store: Store, global_namespaces: Iterable[str] = ()) -> None:
        """`global_namespaces`: those whose ServiceAccounts are mapped to people everywhere, besides the system's own."""
        self._store = store
        self._global = frozenset((shared_namespaces.SYSTEM, *global_namespaces))
        self._mapped: Recalled[list[User]] = Recalled(
            store, kinds=(scheme.SERVICE_ACCOUNT, scheme.NAMESPACE)
        )
        self._roles: Recalled[list[PolicyRule] | None] = Recalled(store)
        self._held: Recalled[list[HeldRole]] = Recalled(store, _HELD_BYTES)
        self._able: Recalled[tuple[str, ...]] = Recalled(
            store, kinds=(*ROLES_AND_BINDINGS, scheme.SERVICE_ACCOUNT)
        )
        self._bindings: Recalled[list[_Bound]] = Recalled(store)

    async def authorize(self, user: User, verb: str, resource: Attributes | str) -> None:
        """Return if a user may do that; a text is a path that is no resource, such as `/version`. Raises Forbidden."""
        if not (await self.allowed(user, verb, resource)).allowed:
            raise Forbidden(rbac.refusal(user, verb, resource))

    async def allowed(self, user: User, verb: str, resource: Attributes | str) -> Decision:
        """Return whether a user may do something, and what lets them."""
        if user.is_master:
            return Decision(allowed=True, reason=_MASTERS)
        namespace = resource.namespace if isinstance(resource, Attributes) else ""
        turns = _Turns()
        for each in (user, *await self._accounts(user, _home(resource))):
            for held in await self._roles_of(each, namespace):
                rules = await self.rules_of(held.role, held.namespace) or ()
                if any(rbac.allows(rule, verb, resource) for rule in rules):
                    return Decision(allowed=True, reason=held.reason)
                await turns.after(len(rules))
        return Decision(allowed=False)

    def is_global(self, namespace: str) -> bool:
        """Whether people who are mapped to ServiceAccounts of a namespace have their rights everywhere."""
        return namespace in self._global

    async def authorize_somewhere(self, user: User, verbs: Sequence[str]) -> None:
        """Return if a user may do one of these to some kind of object, in whichever namespace. Raises Forbidden.

        It is asked before something is read that says to what it is to be done, and decides nothing about that.
        """
        if user.is_master:
            return
        turns = _Turns()
        for each in (user, *await self._accounts(user, None)):
            for held in await self._roles_of(each, None):
                rules = await self.rules_of(held.role, held.namespace) or ()
                if any(rbac.allows_some(rule, verb, _STORED) for rule in rules for verb in verbs):
                    return
                await turns.after(len(rules))
        raise Forbidden(
            f'User "{user.name}" cannot {" or ".join(verbs)} resources of any kind in any namespace'
        )

    async def who_may(self, verb: str, resource: Attributes) -> tuple[str, ...]:
        """Return whom bindings let do something, as `Group/NAME`, `User/NAME`, `ServiceAccount/NAME`.

        In the place of an account that people are mapped to there are they, as `CLAIM/VALUE` (`groups/release-managers`).
        """
        key = (verb, resource)
        return await self._able.of(key, lambda: self._read_able(verb, resource))

    async def _read_able(self, verb: str, resource: Attributes) -> tuple[tuple[str, ...], int]:
        """Return the same, and how many bytes of documents say so."""
        found: dict[str, None] = {}
        size, turns = 0, _Turns()
        for namespace in dict.fromkeys((resource.namespace, "")):
            for bound in await self._bound_in(namespace):
                rules = await self.rules_of(bound.role, namespace) or ()
                await turns.after(len(rules))
                if not any(rbac.allows(rule, verb, resource) for rule in rules):
                    continue
                size += bound.bytes
                for subject in bound.subjects:
                    place = subject.namespace or namespace
                    found.update(dict.fromkeys(await self._called(subject, place)))
        return tuple(sorted(found)), size

    async def _bound_in(self, namespace: str) -> list[_Bound]:
        """Return what the bindings of a namespace give, or ("") those of the whole cluster."""
        return await self._bindings.of(namespace, lambda: self._read_bound(namespace))

    async def _read_bound(self, namespace: str) -> tuple[list[_Bound], int]:
        """Return the same, and how many bytes of documents say so."""
        query = Query(kind=scheme.CLUSTER_ROLE_BINDING)
        if namespace:
            query = Query(kind=scheme.ROLE_BINDING, namespace=namespace)
        found: list[_Bound] = []
        async for batch in self._store.scan(query):
            for item in batch:
                binding = held_roles.viewed(item)
                found.append(_Bound(binding.role_ref, binding.subjects, len(item.raw)))
        return found, sum(each.bytes for each in found)

    async def _called(self, subject: Subject, namespace: str) -> list[str]:
        """Return what people call a subject: of an account with claims, those who are mapped to it."""
        if subject.kind != scheme.SERVICE_ACCOUNT.name:
            return [f"{subject.kind}/{subject.name}"]
        try:
            stored = await self._store.get(Ref(scheme.SERVICE_ACCOUNT, namespace, subject.name))
        except NotFound:
            return []
        mapped = claims.of(stored.document)
        told = [f"{claim}/{value}" for claim, values in mapped.items() for value in values]
        return told or [f"ServiceAccount/{subject.name}"]

    async def rules_for(self, user: User, namespace: str) -> list[PolicyRule]:
        """Return every rule that holds for a user in a namespace ("": everywhere), none twice."""
        found: rbac.DistinctRules = {}
        turns = _Turns()
        for each in (user, *await self._accounts(user, namespace)):
            for held in await self._roles_of(each, namespace):
                rules = await self.rules_of(held.role, held.namespace) or ()
                rbac.add_distinct(found, rules)
                await turns.after(len(rules))
        return list(found.values())

    async def rights_of(self, user: User) -> list[Rights]:
        """Return all that bindings give to a user, by the namespace in which it holds ("": everywhere)."""
        return [
            (each.namespace, rules)
            for each in await self._roles_of(user, None)
            if (rules := await self.rules_of(each.role, each.namespace))
        ]

    async def namespaces_of(self, user: User) -> frozenset[str]:
        """Return the namespaces in which a binding means a user, an account's own, and those of accounts mapped to them."""
        found = {each.namespace for each in await self._roles_of(user, None)}
        for each in (user, *await self._accounts(user, None)):
            found.add(rbac.account_of(each)[0])
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

    async def _accounts(self, user: User, namespace: str | None) -> list[User]:
        """Return the accounts mapped to a user in a namespace and in the global ones. `namespace`: None for all."""
        if not user.claims:
            return []
        told = tuple(sorted((name, tuple(values)) for name, values in user.claims.items()))
        size = sum(len(name) + sum(map(len, values)) for name, values in told)
        if size > _LONGEST_KEY:
            return (await self._read_accounts(user, namespace))[0]
        key = (told, namespace)
        return await self._mapped.of(key, lambda: self._read_accounts(user, namespace))

    async def _read_accounts(self, user: User, namespace: str | None) -> tuple[list[User], int]:
        """Return the same, and how many bytes of documents say so."""
        found: dict[tuple[str, str], User] = {}
        size = 0
        places: tuple[str | None, ...] = tuple(self._global | {namespace}) if namespace else (None,)
        if namespace == "":
            places = tuple(self._global)
        for claim, values in user.claims.items():
            for value in values:
                term = (FieldTerm(claims.INDEX, claims.key(claim, value)),)
                for place in places:
                    query = Query(kind=scheme.SERVICE_ACCOUNT, namespace=place, fields=term)
                    for item in (await self._store.list(query, fresh=True)).items:
                        if item.document["metadata"].get("deletionTimestamp"):
                            continue
                        where, name = item.ref.namespace, item.ref.name
                        found[where, name] = rbac.account(where, name, item.uid)
                        size += len(item.raw)
        counting = {place for place in {place for place, _ in found} if await self._counts(place)}
        return [found[each] for each in sorted(found) if each[0] in counting], size

    async def _counts(self, namespace: str) -> bool:
        """Whether accounts of a namespace are mapped to people: those of Projects and of global namespaces are."""
        if self.is_global(namespace):
            return True
        try:
            stored = await self._store.get(Ref(scheme.NAMESPACE, "", namespace), fresh=True)
        except NotFound:
            return False
        return booleans.is_set(stored.document["metadata"].get("labels") or {}, PROJECT_LABEL)

    async def _roles_of(self, user: User, namespace: str | None) -> list[HeldRole]:
        """Return the roles that bindings give to a user, those of the whole cluster first. `namespace`: None for all."""
        key = (user.name, user.groups, namespace)
        if len(user.name) + sum(map(len, user.groups)) + len(namespace or "") > _LONGEST_KEY:
            return (await self._read_held(user, namespace))[0]
        return await self._held.of(key, lambda: self._read_held(user, namespace))

    async def _read_held(self, user: User, namespace: str | None) -> tuple[list[HeldRole], int]:
        """Return the same, and how many bytes of documents say so."""
        found: dict[tuple[str, str], HeldRole] = {}
        number = 0
        for name in _known_as(user):
            for query in held_roles.queries(name, namespace):
                for item in (await self._store.list(query, fresh=True)).items:
                    number += 1
                    if number % _TURN == 0:
                        await asyncio.sleep(0)
                    held = held_roles.given(item, user)
                    if held is not None:
                        found[held.namespace, held.binding] = held
        await asyncio.sleep(0)  # somebody may speak for a thousand accounts
        roles = held_roles.distinct(found[key] for key in sorted(found))
        return roles, sum(held.weight for held in roles)


class _Turns:
    """Lets others have the loop now and then, while rules are looked at."""

    def __init__(self) -> None:
        self._looked_at = 0

    async def after(self, rules: int) -> None:
        """Note that so many rules were looked at."""
        self._looked_at += rules
        if self._looked_at >= _RULES_TURN:
            self._looked_at = 0
            await asyncio.sleep(0)


def _home(resource: Attributes | str) -> str:
    """Return the namespace whose accounts have a say: of a Project, that of its name."""
    if not isinstance(resource, Attributes):
        return ""
    is_project = (resource.group, resource.plural) == (scheme.KARGO, scheme.PROJECT.plural)
    return resource.name if is_project else resource.namespace


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
