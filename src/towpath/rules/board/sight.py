"""What a caller may see and do in a Project: their rights as far as screens depend on them.

Two callers with the same sight are shown the same bytes, whatever their names and roles are; so documents are made once for
each sight and not for each caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.resources import scheme
from towpath.rules import rbac
from towpath.rules.rbac import Attributes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from towpath.resources.kinds import Kind
    from towpath.resources.role import PolicyRule

PROMOTE: Final = "promote"
APPROVE: Final = "approve"
VERIFY: Final = "verify"
HOLD: Final = "hold"
ABORT: Final = "abort"
EDIT: Final = "edit"
DELETE: Final = "delete"


@dataclass(frozen=True, slots=True)
class Named:
    """Objects of a kind: all of them, or those with these names."""

    all: bool = False
    names: frozenset[str] = frozenset()

    def __contains__(self, name: object) -> bool:
        return self.all or name in self.names

    def __bool__(self) -> bool:
        return self.all or bool(self.names)

    def __or__(self, other: Named) -> Named:
        return _ALL if self.all or other.all else Named(names=self.names | other.names)


_ALL: Final = Named(all=True)
_NONE: Final = Named()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a caller may see and do in one Project."""

    project: bool = True
    """Whether they may see the Project itself."""
    stages: Named = _ALL
    freight: Named = _ALL
    warehouses: Named = _ALL
    promotions: Named = _ALL
    promote: Named = _ALL
    """Stages that they may promote to."""
    may_ask: bool = True
    """Whether they may create Promotions."""
    approve: Named = _ALL
    """Freight whose status they may change."""
    abort: bool = True
    edit: Named = _ALL
    delete: Named = _ALL

    def may(self, stage: str) -> tuple[str, ...]:
        """Return what they may do to a Stage, in a fixed order."""
        promotes = stage in self.promote
        return tuple(
            word
            for word, is_so in (
                (PROMOTE, promotes and self.may_ask),
                (APPROVE, promotes and bool(self.approve)),
                (VERIFY, promotes or stage in self.edit),
                (HOLD, promotes and self.may_ask),
                (ABORT, self.abort),
                (EDIT, stage in self.edit),
                (DELETE, stage in self.delete),
            )
            if is_so
        )

    @property
    def usual(self) -> tuple[str, ...]:
        """What they may do to Stages that no rule names."""
        return self.may("")

    @property
    def same_for_all(self) -> bool:
        """Whether they may do the same to all Stages."""
        return not any(each.names for each in (self.promote, self.edit, self.delete))


ALL: Final = Sight()
"""The administrator's."""
NOTHING: Final = Sight(
    project=False,
    stages=_NONE,
    freight=_NONE,
    warehouses=_NONE,
    promotions=_NONE,
    promote=_NONE,
    may_ask=False,
    approve=_NONE,
    abort=False,
    edit=_NONE,
    delete=_NONE,
)


def sight(rules: Sequence[PolicyRule], project: str) -> Sight:
    """Return the sight of whoever has some rules in a Project."""
    return Sight(
        project=project in _named(rules, ("get", "list"), scheme.PROJECT, ""),
        stages=_seen(rules, scheme.STAGE, project),
        freight=_seen(rules, scheme.FREIGHT, project),
        warehouses=_seen(rules, scheme.WAREHOUSE, project),
        promotions=_seen(rules, scheme.PROMOTION, project),
        promote=_named(rules, ("promote",), scheme.STAGE, project),
        may_ask=_named(rules, ("create",), scheme.PROMOTION, project).all,
        approve=_named(rules, ("patch",), scheme.FREIGHT, project, "status"),
        abort=_named(rules, ("patch",), scheme.PROMOTION, project).all,
        edit=_named(rules, ("patch", "update"), scheme.STAGE, project),
        delete=_named(rules, ("delete",), scheme.STAGE, project),
    )


def _seen(rules: Iterable[PolicyRule], kind: Kind, project: str) -> Named:
    """Return which objects may be read, one by one or in a list of all."""
    return _named(rules, ("get", "list"), kind, project)


def _named(
    rules: Iterable[PolicyRule],
    verbs: Sequence[str],
    kind: Kind,
    project: str,
    subresource: str = "",
) -> Named:
    """Return the objects to which one of the verbs may be done."""
    on = Attributes(kind.group, kind.plural, project, "", subresource)
    found = _NONE
    for rule in rules:
        for verb in verbs:
            if not rule.resource_names and rbac.allows(rule, verb, on):
                return _ALL
            if rule.resource_names and rbac.allows_some(rule, verb, (on,)):
                found |= Named(names=frozenset(rule.resource_names))
    return found
