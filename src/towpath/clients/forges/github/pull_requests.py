"""Pull requests of GitHub (docs.github.com, "REST API endpoints for pull requests", version 2022-11-28)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.clients.forges.labels import names
from towpath.clients.forges.owned import OwnedPullRequests, body_of
from towpath.clients.forges.pull_request import NotMergeable, PullRequest, check_method, numbered
from towpath.resources.document import at, items, number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.clients.forges.pull_request import NewPullRequest

_PAGE: Final = 10
_METHODS: Final = ("merge", "squash", "rebase")
_READY: Final = frozenset({"clean", "unstable", "has_hooks", "blocked", "behind"})
"""States in which GitHub is asked to merge; of the last two it says itself whether this account may."""
_PASSING: Final = ("base branch was modified", "pull request is not mergeable")


def headers(token: str) -> dict[str, str]:
    """Return what a request to GitHub says of itself, and of who asks."""
    found = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    return found | ({"Authorization": f"Bearer {token}"} if token else {})


@dataclass(frozen=True, slots=True)
class GitHubPullRequests(OwnedPullRequests):
    """The pull requests of one repository."""

    async def find(self, source: str, target: str, head: str) -> Sequence[PullRequest]:
        """See `Forge.find`. `head` leaves out the forks of others, not those that the owner has."""
        query = {
            "head": f"{self.owner}:{source}",
            "base": target,
            "state": "all",
            "sort": "created",
            "direction": "desc",
            "per_page": str(_PAGE),
        }
        answer = await self.requests.ask("GET", self.at("pulls"), "pull requests", query=query)
        found = [self.read(each) for each in items(answer.document)]
        return [each for each in found if each.head == head and not each.is_foreign]

    async def create(self, wanted: NewPullRequest) -> PullRequest | None:
        """See `Forge.create`."""
        what = f"a pull request from {wanted.source} to {wanted.target}"
        answer = await self.requests.ask("POST", self.at("pulls"), what, body=body_of(wanted))
        if answer.status == 422 and "already exists" in answer.said:
            return None
        if answer.status != 201:
            raise self.requests.refused(answer, what)
        return numbered(self.name, what, self.read(answer.document))

    async def label(self, number: int, labels: Sequence[str]) -> None:
        """See `Forge.label`."""
        what = f"labels of pull request {number}"
        await self.requests.answered(
            "POST", self.at(f"issues/{number}/labels"), what, body={"labels": list(labels)}
        )

    async def merge(self, number: int, method: str, head: str) -> NotMergeable | None:
        """See `Forge.merge`."""
        check_method(self.name, "GitHub", method, _METHODS)
        what = f"merging pull request {number}"
        body = {"sha": head} | ({"merge_method": method} if method else {})
        answer = await self.requests.ask("PUT", self.at(f"pulls/{number}/merge"), what, body=body)
        match answer.status:
            case 200:
                return None
            case 409:
                return NotMergeable(answer.said or "its branch has moved")
            case 405 if any(each in answer.said.lower() for each in _PASSING):
                return NotMergeable(answer.said)
            case 405 if "not allowed" not in answer.said.lower():
                return NotMergeable(answer.said or "the rules of the branch do not let it in yet")
        raise errors.Conflict(self.requests.refused(answer, what).message)

    @staticmethod
    def read(document: Any) -> PullRequest:
        """See `OwnedPullRequests.read`."""
        is_merged = at(document, "merged") is True or bool(text(document, "merged_at"))
        hindrance, is_hopeless = _hindrance(document)
        source = number(document, "head", "repo", "id")
        return PullRequest(
            number=number(document, "number"),
            url=text(document, "html_url"),
            is_open=text(document, "state") == "open",
            is_merged=is_merged,
            head=text(document, "head", "sha"),
            is_foreign=not source or source != number(document, "base", "repo", "id"),
            commit=text(document, "merge_commit_sha") if is_merged else "",
            created=text(document, "created_at"),
            labels=names(document, "labels"),
            hindrance=hindrance,
            is_hopeless=is_hopeless,
        )


def _hindrance(document: Any) -> tuple[str, bool]:
    """Return why it cannot be merged now, and whether that stays so until somebody changes the branches."""
    state = text(document, "mergeable_state")
    if at(document, "draft") is True or state == "draft":
        return "it is a draft", False
    if state == "dirty":
        return "it conflicts with its target branch", True
    if state in _READY or at(document, "mergeable") is True:
        return "", False
    return "GitHub is still finding out whether it can be merged", False
