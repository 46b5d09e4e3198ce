"""Merge requests of GitLab (docs.gitlab.com, "Merge requests API")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from towpath import errors
from towpath.clients.forges.labels import names
from towpath.clients.forges.pull_request import NotMergeable, PullRequest, check_method, numbered
from towpath.resources.document import at, items, number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.clients.forges.asking import ForgeRequests
    from towpath.clients.forges.pull_request import NewPullRequest

_PAGE: Final = 10
_MOST_PAGES: Final = 100
_METHODS: Final = ("merge", "squash")
_HOPELESS: Final = frozenset({"conflict", "broken_status"})


def headers(token: str) -> dict[str, str]:
    """Return what proves to GitLab who asks; it takes tokens of every kind so."""
    return {"Authorization": f"Bearer {token}"} if token else {}


@dataclass(frozen=True, slots=True)
class GitLabMergeRequests:
    """The merge requests of one project."""

    requests: ForgeRequests
    project: str
    """Its path, groups included: `acme/shop/app`."""

    @property
    def name(self) -> str:
        """See `Forge.name`."""
        return self.requests.name

    async def find(self, source: str, target: str, head: str) -> Sequence[PullRequest]:
        """See `Forge.find`. Those of forks are listed too, so ours may be behind any number of them."""
        found: list[PullRequest] = []
        for page in range(1, _MOST_PAGES + 1):
            query = {
                "source_branch": source,
                "target_branch": target,
                "order_by": "created_at",
                "sort": "desc",
                "page": str(page),
                "per_page": str(_PAGE),
            }
            answer = await self.requests.ask("GET", self._at(), "merge requests", query=query)
            listed = [_read(each) for each in items(answer.document)]
            found += [each for each in listed if each.head == head and not each.is_foreign]
            if found or len(listed) < _PAGE:
                break
        return found

    async def create(self, wanted: NewPullRequest) -> PullRequest | None:
        """See `Forge.create`."""
        body = {
            "source_branch": wanted.source,
            "target_branch": wanted.target,
            "title": wanted.title,
            "description": wanted.description,
        }
        what = f"a merge request from {wanted.source} to {wanted.target}"
        answer = await self.requests.ask("POST", self._at(), what, body=body)
        if answer.status == 409 and "already exists" in answer.said:
            return None
        if answer.status != 201:
            raise self.requests.refused(answer, what)
        return numbered(self.name, what, _read(answer.document))

    async def label(self, number: int, labels: Sequence[str]) -> None:
        """See `Forge.label`."""
        what = f"labels of merge request {number}"
        await self.requests.answered(
            "PUT", self._at(f"/{number}"), what, body={"add_labels": list(labels)}
        )

    async def get(self, number: int) -> PullRequest:
        """See `Forge.get`."""
        what = f"merge request {number}"
        return numbered(
            self.name,
            what,
            _read(await self.requests.answered("GET", self._at(f"/{number}"), what)),
        )

    async def merge(self, number: int, method: str, head: str) -> NotMergeable | None:
        """See `Forge.merge`."""
        check_method(self.name, "GitLab", method, _METHODS)
        what = f"merging merge request {number}"
        body: dict[str, Any] = {"sha": head}
        if method:
            body["squash"] = method == "squash"
        answer = await self.requests.ask("PUT", self._at(f"/{number}/merge"), what, body=body)
        match answer.status:
            case 200:
                return None
            case 405 | 409:
                return NotMergeable(answer.said or "GitLab cannot merge it now")
        raise errors.Conflict(self.requests.refused(answer, what).message)

    def _at(self, path: str = "") -> str:
        return f"/projects/{quote(self.project, safe='')}/merge_requests{path}"


def _read(document: Any) -> PullRequest:
    state = text(document, "state")
    is_merged = state == "merged"
    head = text(document, "sha")
    source = number(document, "source_project_id")
    made = text(document, "merge_commit_sha") or text(document, "squash_commit_sha")
    status = text(document, "detailed_merge_status")
    hindrance = ""
    if at(document, "draft") is True:
        hindrance = "it is a draft"
    elif status != "mergeable":
        hindrance = f"GitLab says {status or 'nothing'} of whether it can be merged"
    return PullRequest(
        number=number(document, "iid"),
        url=text(document, "web_url"),
        is_open=state in ("opened", "locked"),
        is_merged=is_merged,
        head=head,
        is_foreign=not source or source != number(document, "target_project_id"),
        # Where a project only moves branches forward nothing else stands for it than its own last commit.
        commit=(made or head) if is_merged else "",
        created=text(document, "created_at"),
        labels=names(document, "labels"),
        hindrance=hindrance,
        is_hopeless=status in _HOPELESS,
        is_being_merged=state == "locked",
    )
