"""Pull requests as all forges have them, and what a client of one forge can do with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from towpath import errors

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
    """The commit of the source branch that it is at; empty where the forge does not say."""
    is_foreign: bool = False
    """Whether its source branch is in another repository, such as a fork, or in one that nobody knows any more."""
    commit: str = ""
    """What stands on the target branch for it; empty while it is not merged."""
    created: str = ""
    """As the forge writes it: the order of texts is that of moments."""
    labels: frozenset[str] = frozenset()
    hindrance: str = ""
    """Why it cannot be merged now; empty: as far as the forge has said, it can."""
    is_hopeless: bool = False
    """Whether that stays so until somebody changes the branches."""
    is_being_merged: bool = False
    """Whether the forge is at it."""


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
        """Return those of a branch of this repository at a commit into another branch, open or not.

        Whoever may fork a repository can have a branch of that name at that commit: those of forks are not meant.
        """
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

    async def merge(self, number: int, method: str, head: str) -> NotMergeable | None:
        """Merge one, which is open and has no hindrance; None: it is merged, or soon.

        `method`: empty for a merge commit, at GitLab for the project's own. `head`: the commit that it was seen at; the forge
        merges that one, and none that was pushed since. Raises Conflict where the forge says that this is not allowed.
        """
        ...


def numbered(forge: str, what: str, request: PullRequest) -> PullRequest:
    """Return a pull request that a forge answered with. Raises Unavailable where the answer is none: it has no number."""
    if not request.number:
        raise errors.Unavailable(f"{forge}: {what}: its answer has no number of a pull request")
    return request


def check_method(forge: str, kind: str, method: str, known: Sequence[str]) -> None:
    """Raise BadRequest for a way of merging that a kind of forge does not have; empty is one that it has."""
    if method and method not in known:
        raise errors.BadRequest(f"{forge}: mergeMethod {method!r}: {kind} has {', '.join(known)}")
