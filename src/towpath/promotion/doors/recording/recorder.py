"""What the doors of one plan recorded, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from towpath.clients.git.mirror import Mirror


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """Something that would be done outside."""

    step: str
    door: str
    operation: str
    what: str
    """For people, such as `POST https://example.com/hook`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBase:
    """A commit that was built on, and the ref it was found by."""

    url: str
    insecure: bool
    blobless: bool
    branch: str
    """Empty with `tag` and `commit` empty: the default branch."""
    tag: str
    commit: str
    """What the manifest names; empty if it names a branch or tag."""
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPush:
    """Commits that would reach a branch."""

    step: str
    mirror: Mirror
    repository: str
    branch: str
    base: str | None
    """Where the branch is now; None: there is none."""
    head: str
    force: bool


@dataclass(slots=True)
class Recorder:
    """The record of one plan."""

    calls: list[PlannedCall] = field(default_factory=list)
    bases: list[PlanBase] = field(default_factory=list)
    pushes: list[PlannedPush] = field(default_factory=list)
    provisional: dict[str, str] = field(default_factory=dict)
    """Values that the Promotion will have others for, such as ids of commits: from what they will come."""

    def call(self, step: str, door: str, operation: str, what: str) -> None:
        """Record that something would be done."""
        self.calls.append(PlannedCall(step, door, operation, what))

    def document(self) -> list[dict[str, Any]]:
        """Return the calls as JSON."""
        return [
            {
                "step": each.step,
                "door": each.door,
                "operation": each.operation,
                "what": each.what,
            }
            for each in self.calls
        ]
