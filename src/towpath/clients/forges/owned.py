"""Pull requests of repositories that are found by their owner and their name: GitHub's, and Gitea's, whose interface is made after it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from towpath.clients.forges.pull_request import numbered

if TYPE_CHECKING:
    from towpath.clients.forges.asking import ForgeRequests
    from towpath.clients.forges.pull_request import NewPullRequest, PullRequest


@dataclass(frozen=True, slots=True)
class OwnedPullRequests(ABC):
    """What both have in common of a `Forge`: where things are, how one is asked for, and how one is made."""

    requests: ForgeRequests
    owner: str
    repository: str

    @staticmethod
    @abstractmethod
    def read(document: Any) -> PullRequest:
        """Return a pull request as this forge answers it; what is missing is empty."""

    @property
    def name(self) -> str:
        """See `Forge.name`."""
        return self.requests.name

    async def get(self, number: int) -> PullRequest:
        """See `Forge.get`."""
        what = f"pull request {number}"
        found = await self.requests.answered("GET", self.at(f"pulls/{number}"), what)
        return numbered(self.name, what, self.read(found))

    def at(self, path: str) -> str:
        """Return where the interface has something of the repository, such as `pulls/7`."""
        return f"/repos/{quote(self.owner, safe='')}/{quote(self.repository, safe='')}/{path}"


def body_of(wanted: NewPullRequest) -> dict[str, str]:
    """Return what is sent to have one made."""
    return {
        "title": wanted.title,
        "head": wanted.source,
        "base": wanted.target,
        "body": wanted.description,
    }
