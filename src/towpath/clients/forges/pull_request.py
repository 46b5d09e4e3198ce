"""Pull requests as all forges have them, and what a client of one forge can do with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request, or a merge request."""

    number: int
    url: str
    """Its page."""
    is_open: bool
    is_merged: bool
    head: str
    """The commit of the source branch that it is at."""
    commit: str = ""
    """What stands on the target branch for it; empty while it is not merged."""
    created: str = ""
    """As the forge writes it: the order of texts is that of moments."""
    labels: frozenset[str] = frozenset()
    hindrance: str = ""
    """Why it cannot be merged now; empty: as far as the forge has said, it can."""
    is_hopeless: bool = False
    """Whether that stays so until somebody changes the branches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPullRequest:
    """What is asked for."""

    source: str
    target: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class NotMergeable:
    """That a pull request was not merged, and why; it may be merged later."""

    why: str


class Forge(Protocol):
    """The pull requests of one repository.

    Each operation raises NotFound for a repository or pull request that is not there or not to be seen, Unauthenticated,
    Forbidden, BadRequest for what the forge does not take, with its words; and Unavailable, Timeout and TooManyRequests, which
    pass.
    """

    @property
    def name(self) -> str:
        """How messages call the repository."""
        ...

    async def find(self, source: str, target: str, head: str) -> Sequence[PullRequest]:
        """Return those of a branch at a commit into another branch, open or not."""
        ...

    async def create(self, wanted: NewPullRequest) -> PullRequest | None:
        """Make one; None where the forge says that there is an open one of these branches."""
        ...

    async def label(self, number: int, labels: Sequence[str]) -> None:
        """Give one labels, besides those that it has."""
        ...

    async def get(self, number: int) -> PullRequest:
        """Return one, as it is now."""
        ...

    async def merge(self, number: int, method: str) -> NotMergeable | None:
        """Merge one, which is open and has no hindrance; None: it is merged. `method`: empty for a merge commit, at GitLab for the project's own.

        Raises Conflict where the forge says that this is not allowed.
        """
        ...
