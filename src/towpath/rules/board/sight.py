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
                (HOLD, promotes),
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


class SightReader:
    """Reads a sight from rules, some at a time: who may do little may have very many of them."""

    def __init__(self, project: str) -> None:
        self._fields = {
            "project": _Field(_READ, _on(scheme.PROJECT, "")),
            "stages": _Field(_READ, _on(scheme.STAGE, project)),
            "freight": _Field(_READ, _on(scheme.FREIGHT, project)),
            "warehouses": _Field(_READ, _on(scheme.WAREHOUSE, project)),
            "promotions": _Field(_READ, _on(scheme.PROMOTION, project)),
            "promote": _Field(("promote",), _on(scheme.STAGE, project)),
            "may_ask": _Field(("create",), _on(scheme.PROMOTION, project)),
            "approve": _Field(("patch",), _on(scheme.FREIGHT, project, "status")),
            "abort": _Field(("patch",), _on(scheme.PROMOTION, project)),
            "edit": _Field(("patch", "update"), _on(scheme.STAGE, project)),
            "delete": _Field(("delete",), _on(scheme.STAGE, project)),
        }
        self._project = project

    def take(self, rules: Iterable[PolicyRule]) -> None:
        """Read some rules."""
        left = [each for each in self._fields.values() if not each.all]
        for rule in rules:
            for each in left:
                each.take(rule)

    def sight(self) -> Sight:
        """Return the sight of whoever has the rules that were read."""
        named = {name: each.named for name, each in self._fields.items()}
        return Sight(
            project=self._project in named["project"],
            stages=named["stages"],
            freight=named["freight"],
            warehouses=named["warehouses"],
            promotions=named["promotions"],
            promote=named["promote"],
            may_ask=named["may_ask"].all,
            approve=named["approve"],
            abort=named["abort"].all,
            edit=named["edit"],
            delete=named["delete"],
        )


def sight(rules: Iterable[PolicyRule], project: str) -> Sight:
    """Return the sight of whoever has some rules in a Project."""
    reader = SightReader(project)
    reader.take(rules)
    return reader.sight()


_READ: Final = ("get", "list")
"""Objects may be read one by one, or in a list of all."""


class _Field:
    """The objects to which one of some verbs may be done."""

    def __init__(self, verbs: Sequence[str], on: Attributes) -> None:
        self._verbs = verbs
        self._on = on
        self._names: set[str] = set()
        self.all = False

    @property
    def named(self) -> Named:
        return _ALL if self.all else Named(names=frozenset(self._names))

    def take(self, rule: PolicyRule) -> None:
        if self.all:
            return
        for verb in self._verbs:
            if rule.resource_names:
                if rbac.allows_some(rule, verb, (self._on,)):
                    self._names.update(rule.resource_names)
                    return
            elif rbac.allows(rule, verb, self._on):
                self.all = True
                return


def _on(kind: Kind, project: str, subresource: str = "") -> Attributes:
    return Attributes(kind.group, kind.plural, project, "", subresource)
