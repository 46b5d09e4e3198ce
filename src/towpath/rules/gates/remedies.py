"""What opens a shut gate, in one word, where it is asked for, and the right that it takes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.resources import scheme
from towpath.rules.gates import automatic, availability, listing, sources, stage, steps, window
from towpath.rules.rbac import Attributes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.resources.kinds import Kind
    from towpath.rules.gates.gate import Gate


@dataclass(frozen=True, slots=True)
class Remedy:
    """What somebody does so that a gate opens."""

    verb: str
    """`approve`, `promote`, `resume`, `release` (kinds of moves), `refresh`, `edit`, or `wait` where nobody has to."""
    needs: Attributes | None = None
    """To what it is done; None for waiting."""
    right: str = ""
    """The verb of the right."""


_OF_STAGE: Final[Mapping[str, str]] = {
    availability.VERIFIED: "approve",
    availability.SOAKED: "approve",
    availability.UPSTREAM: "promote",
    automatic.HOLD: "resume",
    automatic.NEWEST: "promote",
    automatic.PRESENT: "promote",
    automatic.TRIED: "promote",
}
"""Moves of a Stage: who may `promote` to it may do them."""
_EDITS: Final[Mapping[str, tuple[Kind, str]]] = {
    automatic.POLICY: (scheme.PROJECT_CONFIG, "update"),
    steps.TASKS: (scheme.PROMOTION_TASK, "create"),
}
"""What is edited elsewhere than in the Stage, and the right to it."""
_EDITED: Final = frozenset(
    {stage.STAGE, availability.REQUESTED, automatic.REFUSAL, steps.STEPS, sources.SOURCES}
)
MOVES: Final = frozenset({*_OF_STAGE.values(), "release"})
"""Verbs that are kinds of moves."""
_REFRESHED: Final = frozenset({sources.WAREHOUSE, listing.EXISTS})


def of(gate: Gate, project: str, name: str) -> Remedy | None:
    """Return what opens a gate of a Stage; None for one that is open."""
    if gate.open:
        return None
    if gate.name == window.WINDOW and gate.opens_at is None:
        return Remedy("edit", _on(scheme.PROJECT_CONFIG, project), "update")
    if gate.name in _OF_STAGE:
        return Remedy(_OF_STAGE[gate.name], _on(scheme.STAGE, project, name), "promote")
    if gate.name == availability.QUARANTINE:
        return Remedy("release", _on(scheme.FREIGHT, project), "patch")
    if gate.name in _EDITS:
        kind, right = _EDITS[gate.name]
        return Remedy("edit", _on(kind, project), right)
    if gate.name in _EDITED:
        return Remedy("edit", _on(scheme.STAGE, project, name), "update")
    if gate.name in _REFRESHED:
        return Remedy("refresh", _on(scheme.STAGE, project, name), "promote")
    return Remedy("wait")


def _on(kind: Kind, project: str, name: str = "") -> Attributes:
    return Attributes(kind.group, kind.plural, project, name)
