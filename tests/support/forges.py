"""Stands for the part of GitHub, GitLab and Gitea that has pull requests; what it is asked and what it answers fit their descriptions.

The branches are those of a Git server of the tests, and merging is done there.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from tests.support.contracts import Contract
from tests.support.git_server import git
from tests.support.shared import ROOT
from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.git_server import GitServer
    from towpath.demo.loopback import Answer, Request

KINDS = ("github", "gitlab", "gitea")
_FILES = {
    "github": (("github", "rest-pulls.json"), ("github", "rest-issues.json")),
    "gitlab": (("gitlab", "rest-v4.json"),),
    "gitea": (("gitea", "rest.json"),),
}
_BELOW = {"github": "", "gitlab": "/api/v4", "gitea": "/api/v1"}
_PROOF = {"github": "Bearer", "gitlab": "Bearer", "gitea": "token"}
_NO_TEXTS = frozenset({"draft", "labels", "source_project_id", "target_project_id"})
CREATED = "2026-01-02T03:04:05Z"


@dataclass
class StoodRequest:
    """A pull request."""

    number: int
    source: str
    target: str
    title: str
    body: str
    head: str
    is_open: bool = True
    commit: str = ""
    labels: list[str] = field(default_factory=list)
    is_draft: bool = False
    conflicts: bool = False
    is_unknown: bool = False
    """Whether the forge is still finding out whether it can be merged."""
    method: str = ""
    """How it was merged."""
    is_foreign: bool = False
    """Whether its source branch is in a fork; its commits are in the repository all the same, as forges have them."""


@dataclass
class ForgeServer:
    """One repository, `you/deploy`, at a forge of one kind."""

    kind: str
    git: GitServer
    repository: str = "you/deploy.git"
    """At the Git server."""
    place: str = "you/deploy"
    """At the forge."""
    requests: list[StoodRequest] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    unchanged: int = 0
    """Answers that said that nothing has changed."""
    labels: list[str] = field(default_factory=lambda: ["promotion", "ours"])
    special: Callable[[Request], Answer | None] = lambda _: None
    """Answers first, where it does."""
    wrong: list[BaseException] = field(default_factory=list)
    """What did not fit the contract."""

    def __post_init__(self) -> None:
        there = (ROOT / "contracts").exists()
        self._contracts = [Contract(*each) for each in _FILES[self.kind]] if there else []
        self.shows: Callable[[StoodRequest], dict[str, Any]] = self._shown
        """How the forge tells of one."""
        self.http = Loopback(self._respond)

    @property
    def api(self) -> str:
        """Where its interface is."""
        return f"{self.http.url}{_BELOW[self.kind]}"

    def close(self) -> None:
        """Stop. Fails where something did not fit the contract."""
        self.http.close()
        assert self.wrong == [], self.wrong[0]

    def merged(self, number: int) -> None:
        """Merge one, as somebody does on its page."""
        self._merge(self.requests[number - 1], {})

    def _respond(self, request: Request) -> Answer:
        self.asked.append(f"{request.method} {request.path}")
        if (found := self.special(request)) is not None:
            return found
        named = {name.lower(): value for name, value in request.headers.items()}
        if named.get("authorization") != f"{_PROOF[self.kind]} {self.git.password}":
            return 401, {}, json.dumps({"message": "Bad credentials"}).encode()
        try:
            return self._unless_known(named.get("if-none-match"), self._answered(request))
        except BaseException as error:  # noqa: BLE001 - the test raises it, on its own thread
            self.wrong.append(error)
            return 500, {}, b""

    def _unless_known(self, known: str | None, answer: Answer) -> Answer:
        """Return an answer with its ETag, as GitHub and GitLab give one; 304 where that is known."""
        status, headers, body = answer
        if self.kind == "gitea" or status != 200:
            return answer
        etag = f'W/"{hashlib.sha256(body).hexdigest()}"'
        if known == etag:
            self.unchanged += 1
            return 304, {"ETag": etag}, b""
        return status, {**headers, "ETag": etag}, body

    def _answered(self, request: Request) -> Answer:
        body = json.loads(request.body) if request.body else None
        below = "" if self.kind != "gitea" else _BELOW["gitea"]
        path = request.path.removeprefix(below)
        contract, template = self._contract(request.method, path, body)
        status, document = self._done(request.method, path, parse_qs(request.query), body)
        if contract is not None and document is not None:
            sample = contract.sample(request.method, template, status) if status < 300 else document
            # GitLab's description has the item of a list in the place of the list.
            is_listed = self.kind == "gitlab" and isinstance(document, list)
            document = _over([sample] if is_listed else sample, document)
            for each in document if is_listed else [document]:
                contract.answer(request.method, template, status, _described(self.kind, each))
        return (
            status,
            {"Content-Type": "application/json"},
            b"" if document is None else json.dumps(document).encode(),
        )

    def _contract(self, method: str, path: str, body: Any) -> tuple[Contract | None, str]:
        for each in self._contracts:
            try:
                return each, each.request(method, path, body)
            except AssertionError as error:
                if "has no" not in str(error):
                    raise
        assert not self._contracts, f"no contract has {method} {path}"
        return None, ""

    def _done(
        self, method: str, path: str, query: dict[str, list[str]], body: Any
    ) -> tuple[int, Any]:
        place = unquote(path)
        assert self.place in place
        rest = place.partition(self.place)[2].strip("/")
        if self.kind == "gitlab":
            rest = rest.replace("merge_requests", "pulls")
        number = int(found[1]) if (found := re.search(r"(?:pulls|issues)/(\d+)", rest)) else 0
        one = next((each for each in self.requests if each.number == number), None)
        if number and one is None:
            return 404, {"message": "Not Found"}
        match method, re.sub(r"\d+", "N", rest):
            case "GET", "pulls":
                page = int(query.get("page", ["1"])[0])
                size = int((query.get("per_page") or query["limit"])[0])
                found_ones = self._listed(query)[(page - 1) * size : page * size]
                return 200, [self.shows(each) for each in found_ones]
            case "POST", "pulls":
                return self._create(body)
            case "GET", "labels":
                listed = self.labels if query.get("page", ["1"])[0] == "1" else []
                return 200, [{"id": self.labels.index(each) + 7, "name": each} for each in listed]
        assert one is not None, f"{method} {path}"
        match method, re.sub(r"\d+", "N", rest):
            case "GET", "pulls/N":
                return 200, self.shows(one)
            case (("POST" | "PUT"), "pulls/N/merge"):
                return self._merge(one, body)
            case "PUT", "pulls/N":
                one.labels += body["add_labels"]
                return 200, self.shows(one)
            case "POST", "issues/N/labels":
                given = body["labels"]
                one.labels += [
                    self.labels[each - 7] if isinstance(each, int) else each for each in given
                ]
                return 200, [_label(each) for each in one.labels]
        raise AssertionError(f"{method} {path} is not known here")

    def _listed(self, query: dict[str, list[str]]) -> list[StoodRequest]:
        source = query.get("source_branch") or [
            each.partition(":")[2] for each in query.get("head", ())
        ]
        # GitHub is asked for the branches of one owner; the others list those of forks too.
        return [
            each
            for each in reversed(self.requests)
            if (not source or each.source in source)
            and not (self.kind == "github" and each.is_foreign)
        ]

    def _create(self, body: Any) -> tuple[int, Any]:
        source = body.get("source_branch") or body["head"]
        target = body.get("target_branch") or body["base"]
        for each in self.requests:
            if (
                each.is_open
                and not each.is_foreign
                and (each.source, each.target) == (source, target)
            ):
                said = f"A pull request already exists for you:{source}."
                if self.kind == "github":
                    return 422, {"message": "Validation Failed", "errors": [{"resource": "PullRequest", "code": "custom", "message": said}]}  # fmt: skip
                return 409, {
                    "message": [f"Another open merge request already exists: !{each.number}"]
                }
        head = self.git.head(self.repository, source)
        assert head, f"there is no branch {source}"
        text = body.get("description", body.get("body", ""))
        one = StoodRequest(len(self.requests) + 1, source, target, body["title"], text, head)
        self.requests.append(one)
        return 201, self.shows(one)

    def _merge(self, one: StoodRequest, body: Any) -> tuple[int, Any]:
        given = body or {}
        if (sha := given.get("sha") or given.get("head_commit_id")) and sha != one.head:
            return 409, {"message": "SHA does not match HEAD of source branch"}
        one.method = (
            given.get("merge_method")
            or given.get("do")
            or ("squash" if given.get("squash") else "")
        )
        place, ref = self.git.path(self.repository), f"refs/heads/{one.target}"
        made = git(
            place, "-c", "user.name=Forge", "-c", "user.email=forge@example.com", "commit-tree",
            f"{one.head}^{{tree}}", "-p", ref, "-p", one.head, "-m", f"Merge {one.number}",
        ).strip()  # fmt: skip
        git(place, "update-ref", ref, made)
        one.is_open, one.commit = False, made
        if self.kind == "github":
            return 200, {"sha": made, "merged": True, "message": "Pull Request successfully merged"}
        return 200, self.shows(one) if self.kind == "gitlab" else None

    def _shown(self, one: StoodRequest) -> dict[str, Any]:
        url = f"https://{self.kind}.example/you/deploy/pull/{one.number}"
        if self.kind == "gitlab":
            state = "opened" if one.is_open else "merged" if one.commit else "closed"
            status = "conflict" if one.conflicts else "checking" if one.is_unknown else "mergeable"
            return {
                "iid": one.number, "web_url": url, "state": state, "sha": one.head, "title": one.title,
                "description": one.body, "merge_commit_sha": one.commit or None, "draft": one.is_draft,
                "detailed_merge_status": status, "created_at": CREATED, "labels": one.labels,
                "source_branch": one.source, "target_branch": one.target,
                "source_project_id": 99 if one.is_foreign else 12, "target_project_id": 12,
            }  # fmt: skip
        shown = {
            "number": one.number, "html_url": url, "state": "open" if one.is_open else "closed", "title": one.title,
            "body": one.body, "draft": one.is_draft, "created_at": CREATED, "merge_commit_sha": one.commit or None,
            "merged_at": CREATED if one.commit else None, "merged": bool(one.commit),
            "head": {"ref": one.source, "sha": one.head, "repo": {"id": 99 if one.is_foreign else 12}},
            "base": {"ref": one.target, "repo": {"id": 12}},
        }  # fmt: skip
        can = None if one.is_unknown else not one.conflicts
        labels: list[Any] = [_label(each) for each in one.labels]
        if self.kind == "gitea":
            return {**shown, "labels": labels, "mergeable": bool(can)}
        state = "dirty" if one.conflicts else "unknown" if one.is_unknown else "clean"
        return {**shown, "labels": labels, "mergeable": can, "mergeable_state": state}


def _described(kind: str, document: Any) -> Any:
    """Return of an answer what its description tells the truth about: GitLab's has these as texts, which they are not."""
    if kind != "gitlab" or not isinstance(document, dict):
        return document
    return {key: each for key, each in document.items() if key not in _NO_TEXTS}


def _label(name: str) -> dict[str, Any]:
    return {
        "id": 7, "node_id": "x", "url": "https://x.example/", "name": name, "description": None, "color": "ededed",
        "default": False,
    }  # fmt: skip


def _over(sample: Any, document: Any) -> Any:
    """Return a document with what a sample has besides."""
    if isinstance(sample, dict) and isinstance(document, dict):
        return {**sample, **{key: _over(sample.get(key), each) for key, each in document.items()}}
    if isinstance(sample, list) and sample and isinstance(document, list):
        return [_over(sample[0], each) for each in document]
    return document
