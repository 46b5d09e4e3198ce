"""Roles that users hold: what of bindings decides, each role once, however many bindings give it.

Of thousands of bindings of one role, or of one to thousands of people, that is little; so it can be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.resources import scheme
from towpath.resources.role_binding import ClusterRoleBinding, RoleBinding
from towpath.rules import rbac
from towpath.store.contract import FieldTerm, Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from towpath.resources.role_binding import RoleReference, Subject
    from towpath.rules.rbac import User
    from towpath.store.contract import Stored

_LEAST_WEIGHT: Final = 128


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that is given to a user, and the first binding that does so."""

    namespace: str
    """Where it holds; empty: everywhere."""
    binding: str
    role: RoleReference
    subject: Subject
    """By which the binding means the user."""

    @property
    def reason(self) -> str:
        """What allows whatever the role allows, in words."""
        kind = "RoleBinding" if self.namespace else "ClusterRoleBinding"
        name = "/".join(part for part in (self.binding, self.namespace) if part)
        who = "/".join(part for part in (self.subject.name, self.subject.namespace) if part)
        role, to = f'{self.role.kind} "{self.role.name}"', f'{self.subject.kind} "{who}"'
        return f'RBAC: allowed by {kind} "{name}" of {role} to {to}'

    @property
    def weight(self) -> int:
        """About how many bytes of documents say so."""
        texts = (self.binding, self.role.name, self.subject.name, self.subject.namespace)
        return _LEAST_WEIGHT + sum(map(len, texts))


def queries(subject: str, namespace: str | None) -> Iterator[Query]:
    """Yield the queries of bindings that name a subject, of the cluster and of a namespace; None: of all of them."""
    term = (FieldTerm("subjects[].name", subject),)
    yield Query(kind=scheme.CLUSTER_ROLE_BINDING, fields=term)
    if namespace != "":
        yield Query(kind=scheme.ROLE_BINDING, namespace=namespace, fields=term)


def viewed(binding: Stored) -> ClusterRoleBinding | RoleBinding:
    """Return the view of a binding of either kind."""
    if binding.ref.kind is scheme.ROLE_BINDING:
        return binding.view(RoleBinding)
    return binding.view(ClusterRoleBinding)


def given(binding: Stored, user: User) -> HeldRole | None:
    """Return the role that a binding gives to a user; None if it does not mean them."""
    ref, found = binding.ref, viewed(binding)
    meant = (each for each in found.subjects if rbac.is_meant(each, user, ref.namespace))
    subject = next(meant, None)
    return None if subject is None else HeldRole(ref.namespace, ref.name, found.role_ref, subject)


def distinct(held: Iterable[HeldRole]) -> list[HeldRole]:
    """Return each role once for each place where it holds, as the first binding gives it."""
    found: dict[tuple[str, str, str], HeldRole] = {}
    for each in held:
        found.setdefault((each.namespace, each.role.kind, each.role.name), each)
    return list(found.values())
