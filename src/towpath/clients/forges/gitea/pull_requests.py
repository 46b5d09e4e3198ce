"""Pull requests of Gitea and Forgejo (their own description, `/swagger.v1.json`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, messages
from towpath.clients.forges.labels import names
from towpath.clients.forges.owned import OwnedPullRequests, body_of
from towpath.clients.forges.pull_request import NotMergeable, PullRequest, check_method, numbered
from towpath.resources.document import at, items, number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.clients.forges.pull_request import NewPullRequest

_PAGE: Final = 10
_MOST_PAGES: Final = 100
_LABELS_PAGE: Final = 50
_MOST_LABELS_PAGES: Final = 20
_METHODS: Final = (
    "merge",
    "rebase",
    "rebase-merge",
    "squash",
    "fast-forward-only",
    "manually-merged",
)


def headers(token: str) -> dict[str, str]:
    """Return what proves to Gitea who asks."""
    return {"Authorization": f"token {token}"} if token else {}


@dataclass(frozen=True, slots=True)
class GiteaPullRequests(OwnedPullRequests):
    """The pull requests of one repository."""

    async def find(self, source: str, target: str, head: str) -> Sequence[PullRequest]:
        """See `Forge.find`. The list cannot be asked for by branches everywhere, so it is gone through, the newest first."""
        found: list[PullRequest] = []
        for page in range(1, _MOST_PAGES + 1):
            query = {"state": "all", "page": str(page), "limit": str(_PAGE)}
            answer = await self.requests.ask("GET", self.at("pulls"), "pull requests", query=query)
            listed = items(answer.document)
            wanted = (source, target, head)
            of_branches = [
                self.read(each)
                for each in listed
                if (text(each, "head", "ref"), text(each, "base", "ref"), text(each, "head", "sha"))
                == wanted
            ]
            found += [each for each in of_branches if not each.is_foreign]
            if found or not listed:
                break
        return found

    async def create(self, wanted: NewPullRequest) -> PullRequest | None:
        """See `Forge.create`."""
        what = f"a pull request from {wanted.source} to {wanted.target}"
        answer = await self.requests.ask("POST", self.at("pulls"), what, body=body_of(wanted))
        if answer.status == 409:
            return None
        if answer.status != 201:
            raise self.requests.refused(answer, what)
        return numbered(self.name, what, self.read(answer.document))

    async def label(self, number: int, labels: Sequence[str]) -> None:
        """See `Forge.label`. Labels go by their ids, which are those of the repository."""
        there = await self._labels()
        missing = [each for each in labels if each not in there]
        if missing:
            raise errors.BadRequest(
                f"{self.name}: label {missing[0]!r}: {messages.instead(missing[0], list(there), none='it has no labels')}"
            )
        what = f"labels of pull request {number}"
        await self.requests.answered(
            "POST",
            self.at(f"issues/{number}/labels"),
            what,
            body={"labels": [there[each] for each in labels]},
        )

    async def merge(self, number: int, method: str, head: str) -> NotMergeable | None:
        """See `Forge.merge`."""
        check_method(self.name, "Gitea", method, _METHODS)
        what = f"merging pull request {number}"
        wanted = method or "merge"
        # Versions differ in how they spell the field, and pass over what they do not know.
        body = {"do": wanted, "Do": wanted, "head_commit_id": head}
        answer = await self.requests.ask("POST", self.at(f"pulls/{number}/merge"), what, body=body)
        match answer.status:
            case 200 | 204:
                return None
            case 405 | 409:
                return NotMergeable(answer.said or "Gitea cannot merge it now")
        raise errors.Conflict(self.requests.refused(answer, what).message)

    async def _labels(self) -> dict[str, int]:
        """Return the ids of the repository's labels by their names."""
        found: dict[str, int] = {}
        for page in range(1, _MOST_LABELS_PAGES + 1):
            query = {"page": str(page), "limit": str(_LABELS_PAGE)}
            answer = await self.requests.ask("GET", self.at("labels"), "labels", query=query)
            listed = items(answer.document)
            found |= {text(each, "name"): number(each, "id") for each in listed}
            if not listed:
                break
        return found

    @staticmethod
    def read(document: Any) -> PullRequest:
        """See `OwnedPullRequests.read`."""
        is_merged = at(document, "merged") is True
        source = number(document, "head", "repo", "id")
        hindrance = ""
        if at(document, "draft") is True:
            hindrance = "it is a draft"
        elif at(document, "mergeable") is not True:
            hindrance = "Gitea says that it cannot be merged now"
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
        )
