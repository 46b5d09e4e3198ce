"""What can become of a commit that is sent to a branch or tag."""

from __future__ import annotations

from dataclasses import dataclass

from towpath.clients.git import rejections


@dataclass(frozen=True, slots=True)
class Pushed:
    """The branch or tag now is at `commit`."""

    commit: str


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """The branch contained `commit` before; nothing was sent, or an earlier attempt had got through."""

    commit: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Refused because the branch moved: it is at `theirs` now (None: it is gone or could not be told)."""

    reason: str
    theirs: str | None = None
    remote: tuple[str, ...] = ()
    """What the server wrote about it, line by line."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The server said no: a hook or a protected branch. `remote` is what it wrote, line by line."""

    reason: str
    remote: tuple[str, ...]

    @property
    def explained(self) -> str:
        """The reason with what it means and what to do about it, as far as that is known."""
        return rejections.explained(self.reason, self.remote)


Outcome = Pushed | AlreadyThere | Moved | Refused
