"""Who may do what: the rules of Roles and their bindings, as Kubernetes evaluates them (RBAC).

Rights add up, nothing is ever denied; an administrator (group `system:masters`) may do everything. Decisions are pure:
who reads roles and bindings from the store is `admission.authorizer`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from towpath.resources.role import PolicyRule
    from towpath.resources.role_binding import Subject

ALL: Final = "*"
MASTERS: Final = "system:masters"
AUTHENTICATED: Final = "system:authenticated"
ACCOUNTS: Final = "system:serviceaccounts"
ACCOUNT_PREFIX: Final = "system:serviceaccount:"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who asks for something."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What whoever vouches for them says of them (OIDC), by which ServiceAccounts are mapped to them."""

    @property
    def is_master(self) -> bool:
        """Whether they may do everything."""
        return MASTERS in self.groups


def account(namespace: str, name: str, uid: str = "") -> User:
    """Return a ServiceAccount as the user it is."""
    groups = (ACCOUNTS, f"{ACCOUNTS}:{namespace}", AUTHENTICATED)
    return User(f"{ACCOUNT_PREFIX}{namespace}:{name}", groups, uid)


def account_of(user: User) -> tuple[str, str]:
    """Return namespace and name of the ServiceAccount that a user is, both empty for one that is none."""
    namespace, colon, name = user.name.removeprefix(ACCOUNT_PREFIX).partition(":")
    return (namespace, name) if user.name.startswith(ACCOUNT_PREFIX) and colon else ("", "")


def crowd(name: str) -> str:
    """Return with whom the user of a name is one crowd: all ServiceAccounts of a namespace, as whoever may make one makes many."""
    return name.rpartition(":")[0] if name.startswith(ACCOUNT_PREFIX) else name


@dataclass(frozen=True, slots=True)
class Attributes:
    """What something is to be done to: objects of a kind, or one of them."""

    group: str
    plural: str
    namespace: str = ""
    """Empty: of the cluster, or in all namespaces."""
    name: str = ""
    """Empty: none in particular."""
    subresource: str = ""

    @property
    def path(self) -> str:
        """`stages`, or `stages/status`."""
        return f"{self.plural}/{self.subresource}" if self.subresource else self.plural


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something is allowed, and by what."""

    allowed: bool
    reason: str = ""


def allows(rule: PolicyRule, verb: str, resource: Attributes | str) -> bool:
    """Whether a rule allows a verb on a resource, or on a path that is none (`/version`)."""
    if not _holds(rule.verbs, verb):
        return False
    if isinstance(resource, str):
        return any(_covers(pattern, resource) for pattern in rule.non_resource_urls)
    return (
        _holds(rule.api_groups, resource.group)
        and _names(rule.resources, resource)
        and (not rule.resource_names or resource.name in rule.resource_names)
    )


def allows_some(rule: PolicyRule, verb: str, resources: Iterable[Attributes]) -> bool:
    """Whether a rule allows a verb on some object of one of the resources, whatever its name is."""
    return _holds(rule.verbs, verb) and any(
        _holds(rule.api_groups, each.group) and _names(rule.resources, each) for each in resources
    )


def is_meant(subject: Subject, user: User, namespace: str) -> bool:
    """Whether a subject of a binding is this user. `namespace`: the binding's, for accounts that name none."""
    match subject.kind:
        case "User":
            return subject.name in (ALL, user.name)
        case "Group":
            return subject.name in user.groups
        case "ServiceAccount":
            of = subject.namespace or namespace
            return bool(of) and user.name == f"{ACCOUNT_PREFIX}{of}:{subject.name}"
    return False


def is_covered(part: PolicyRule, held: Sequence[PolicyRule]) -> bool:
    """Whether rules that somebody holds cover a part of a rule (see `parts`): one verb on one resource.

    A grant must hand on nothing that the one who grants does not hold.
    """
    return any(_contains(rule, part) for rule in held)


def refusal(user: User, verb: str, resource: Attributes | str) -> str:
    """Word, as Kubernetes does, that somebody may not do something."""
    if isinstance(resource, str):
        return f'forbidden: User "{user.name}" cannot {verb} path "{resource}"'
    where = (
        f'in the namespace "{resource.namespace}"' if resource.namespace else "at the cluster scope"
    )
    what = f"{resource.plural}.{resource.group}" if resource.group else resource.plural
    named = f' "{resource.name}"' if resource.name else ""
    return (
        f'{what}{named} is forbidden: User "{user.name}" cannot {verb} resource "{resource.path}" '
        f'in API group "{resource.group}" {where}'
    )


def compacted(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    """Return rules without repetitions, in their order."""
    found: DistinctRules = {}
    add_distinct(found, rules)
    return list(found.values())


DistinctRules: TypeAlias = "dict[tuple[object, ...], PolicyRule]"
"""Rules by what they say."""


def add_distinct(found: DistinctRules, rules: Iterable[PolicyRule]) -> None:
    """Add rules, those that say the same once."""
    for rule in rules:
        key = (
            tuple(rule.verbs),
            tuple(rule.api_groups),
            tuple(rule.resources),
            tuple(rule.resource_names),
            tuple(rule.non_resource_urls),
        )
        found.setdefault(key, rule)


def _holds(words: Sequence[str], wanted: str) -> bool:
    return ALL in words or wanted in words


def _names(resources: Sequence[str], resource: Attributes) -> bool:
    """Whether words name a resource: `*`, `stages`, `stages/status` or `*/status`."""
    if ALL in resources or resource.path in resources:
        return True
    return bool(resource.subresource) and f"{ALL}/{resource.subresource}" in resources


def _covers(pattern: str, path: str) -> bool:
    """Whether a pattern covers a path: `*` everything, `/api/*` what begins so."""
    if pattern in (ALL, path):
        return True
    return pattern.endswith(ALL) and path.startswith(pattern.removesuffix(ALL))


def parts(rule: PolicyRule) -> Iterator[PolicyRule]:
    """Yield a rule as rules of one verb, group and resource, or one path, each: what it repeats once."""
    kind = type(rule)
    verbs = dict.fromkeys(rule.verbs)
    for verb, group, resource in product(
        verbs, dict.fromkeys(rule.api_groups), dict.fromkeys(rule.resources)
    ):
        yield kind(
            verbs=[verb],
            api_groups=[group],
            resources=[resource],
            resource_names=list(rule.resource_names),
        )
    for verb, url in product(verbs, dict.fromkeys(rule.non_resource_urls)):
        yield kind(verbs=[verb], non_resource_urls=[url])


def _contains(held: PolicyRule, part: PolicyRule) -> bool:
    """Whether a rule allows all that a part allows."""
    if not _holds(held.verbs, part.verbs[0]):
        return False
    if part.non_resource_urls:
        [wanted] = part.non_resource_urls
        return any(_covers(pattern, wanted) for pattern in held.non_resource_urls)
    [group], [path] = part.api_groups, part.resources
    subresource = path.partition("/")[2]
    if not _holds(held.api_groups, group):
        return False
    if not (
        _holds(held.resources, path) or (subresource and f"{ALL}/{subresource}" in held.resources)
    ):
        return False
    if not held.resource_names:
        return True
    return bool(part.resource_names) and set(part.resource_names) <= set(held.resource_names)
