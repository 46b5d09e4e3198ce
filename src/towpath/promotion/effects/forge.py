"""Pull requests as steps see them: opened, looked at and merged at the forge that keeps a repository."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from towpath.promotion.effects.classes import EffectClass, effect

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeRepository:
    """A repository, and the forge that keeps it."""

    url: str
    provider: str = ""
    """The kind of forge; empty: the host tells it."""
    insecure: bool = False
    """Whether any certificate will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPullRequest:
    """A pull request to have open."""

    source: str
    target: str
    title: str = ""
    """Empty: the first line of the newest commit's message."""
    description: str = ""
    """Empty: the rest of that message."""
    labels: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPullRequest:
    """A pull request that there is."""

    number: int
    url: str
    is_open: bool
    is_merged: bool
    commit: str = ""
    """What stands on the target branch for it; empty while it is not merged."""
    is_found: bool = False
    """Whether it was there already."""


@dataclass(frozen=True, slots=True)
class NothingToMerge:
    """That both branches have the same files."""

    said: str


@dataclass(frozen=True, slots=True)
class NotMerged:
    """That a pull request was not merged, and why."""

    why: str
    is_final: bool
    """Whether it will not be merged as it is."""
    is_under_way: bool = False
    """Whether the forge is merging it: there is nothing to decide, only to wait for."""


class ForgeDoor(Protocol):
    """Pull requests for one step.

    Each operation raises NotFound for a repository, branch or pull request that is not there or not to be seen, BadRequest for
    what the forge does not take or a kind of forge that nobody knows, Unsupported, Unauthenticated, Forbidden; and Unavailable,
    Timeout and TooManyRequests, which pass.
    """

    @effect(EffectClass.PROBED)
    async def open(
        self, repository: ForgeRepository, wanted: WantedPullRequest
    ) -> SeenPullRequest | NothingToMerge:
        """Have a pull request: one of these branches at this commit that is there is taken, also one that was merged."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def look(self, repository: ForgeRepository, number: int) -> SeenPullRequest:
        """Return a pull request as it is."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def merge(
        self, repository: ForgeRepository, number: int, method: str = ""
    ) -> SeenPullRequest | NotMerged:
        """Merge a pull request; one that is merged stays. `method`: as the forge calls it."""
        ...
