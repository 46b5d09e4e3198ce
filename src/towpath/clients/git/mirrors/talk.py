"""What may be said to a server without git: the contract between a mirror and whoever does so.

Whatever is not done so is git's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from towpath.clients.git.push_outcomes import Outcome


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """One branch that is to be at a commit."""

    commit: str
    ref: str
    """With `refs/heads/`."""
    is_forced: bool = False
    """Whether it is to be there wherever it was."""


class Talk(Protocol):
    """Small fetches and pushes of one mirror."""

    async def fetched(self, branch: str) -> bool:
        """Bring what the mirror remembers of a branch up to date; false: nothing was done, git has to. The lock is held."""
        ...

    async def push(self, update: RefUpdate) -> Outcome | None:
        """Return what became of an update; None if git has to send it: it may or may not be done.

        Raises Unreachable and Timeout: then nobody knows what the server has done.
        """
        ...

    def has(self, ref: str, commit: str) -> None:
        """Take note that a ref of the server is at a commit, which the mirror has with all that leads to it."""
        ...

    def forget(self) -> None:
        """Take note that something was taken out of the mirror."""
        ...

    async def close(self) -> None:
        """End what is under way."""
        ...


class Silence(Talk):
    """Leaves everything to git."""

    async def fetched(self, branch: str) -> bool:
        """Do nothing."""
        del branch
        return False

    async def push(self, update: RefUpdate) -> Outcome | None:
        """Do nothing."""
        del update
        return None

    def has(self, ref: str, commit: str) -> None:
        """Keep nothing."""

    def forget(self) -> None:
        """Keep nothing."""

    async def close(self) -> None:
        """End nothing."""
