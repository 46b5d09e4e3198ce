"""What the doors of one plan recorded, in order, and where that would leave branches and tags."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath.expressions import Unknown
from towpath.messages import short_id
from towpath.promotion.doors.recording.rendered_files import RenderedFiles

if TYPE_CHECKING:
    from towpath.clients.git.mirrors.mirror import Mirror

_COMMIT: Final = re.compile(r"[0-9a-f]{40}", re.ASCII)


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
    is_secret: bool = False
    """Whether the values above are masked, as something of them is secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPush:
    """Commits that would reach a branch."""

    step: str
    mirror: Mirror
    repository: str
    branch: str
    base: str | None
    """Where the branch is by then; None: there is none."""
    head: str
    force: bool
    rendered: frozenset[str] = frozenset()
    """Files that steps have rendered, by their paths in the work tree."""


@dataclass(slots=True)
class Recorder:
    """The record of one plan."""

    calls: list[PlannedCall] = field(default_factory=list)
    bases: list[PlanBase] = field(default_factory=list)
    pushes: list[PlannedPush] = field(default_factory=list)
    provisional: dict[str, str] = field(default_factory=dict)
    """Values that the Promotion will have others for, such as ids of commits: from what they will come."""
    rendered: RenderedFiles = field(default_factory=RenderedFiles)
    has_rendered: bool = False
    """Whether the step that runs has rendered something; `plan.rehearsing` sets it back for each."""
    _branches: dict[tuple[str, str], str] = field(default_factory=dict)
    _tags: dict[tuple[str, str], str] = field(default_factory=dict)

    def call(self, step: str, door: str, operation: str, what: str) -> None:
        """Record that something would be done."""
        self.calls.append(PlannedCall(step, door, operation, what))

    def move_branch(self, mirror: Mirror, branch: str, commit: str) -> None:
        """Take note that a branch would be at a commit."""
        self._branches[mirror.key, branch] = commit

    def branch(self, mirror: Mirror, branch: str) -> str | None:
        """Return where the plan itself would have brought a branch; None where it would not have touched it."""
        return self._branches.get((mirror.key, branch))

    def set_tag(self, mirror: Mirror, tag: str, commit: str) -> None:
        """Take note that a tag would lead to a commit."""
        self._tags[mirror.key, tag] = commit

    def tag(self, mirror: Mirror, tag: str) -> str | None:
        """Return the commit that the plan itself would have put a tag on; None where it would not have touched it."""
        return self._tags.get((mirror.key, tag))

    def meant(self, text: str) -> str:
        """Return the value that a text such as `(known after commit)` stands for, if it is one alone; else the text."""
        found = [
            value
            for value, source in self.provisional.items()
            if value != text and text == str(Unknown(source))
        ]
        return found[0] if len(found) == 1 else text

    def told(self, text: str) -> str:
        """Return a text for people in which ids of commits that the plan makes, short ones too, are named by their steps."""
        for value, source in self.provisional.items():
            if _COMMIT.fullmatch(value):
                for id_ in (value, short_id(value)):
                    text = text.replace(id_, str(Unknown(source)))
        return text

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
