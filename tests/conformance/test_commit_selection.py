"""Which commits a subscription to a Git repository selects: every case beside the checkout."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from tests.support.overrides import wanted
from tests.support.shared import cases
from towpath import errors
from towpath.artifacts.commit_search import CommitSearch
from towpath.artifacts.sieve import Sieve
from towpath.clients.git.mirrors.remote import Tag
from towpath.clients.git.objects import history, tag_details
from towpath.clients.git.objects.history import CommitEntry
from towpath.clients.git.objects.tag_details import TagDetails
from towpath.resources import moments
from towpath.resources.structs import view
from towpath.resources.warehouse import GitSubscription
from towpath.rules.commit_selection import commit_rules, path_rules, shown_subject
from towpath.runtime.evaluation import Evaluations
from towpath.versions import tags
from towpath.versions.tags import SelectionError

if TYPE_CHECKING:
    import pytest


class _Repository:
    """Stands in for a mirror: its commits and tags are those of a case."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._branch = [_entry(each, each["id"]) for each in given["commits"]]
        self._tagged = {each["commitID"]: _entry(each, each["commitID"]) for each in given["tags"]}
        self._details = {
            each["tag"]: TagDetails(
                each["commitID"], each["tagger"], _date(each["date"]), each["annotation"]
            )
            for each in given["tags"]
        }

    async def commits(
        self, _: Any, head: str, *, limit: int, skip: int, since: datetime | None, **__: Any
    ) -> list[CommitEntry]:
        """Return a page, as `history.commits` does."""
        ids = [entry.id for entry in self._branch]
        rest = self._branch[ids.index(head) + skip :]
        return [entry for entry in rest if since is None or entry.date >= since][:limit]

    async def these(self, _: Any, ids: Any, **__: Any) -> dict[str, CommitEntry]:
        """Return commits by id."""
        return {id_: self._tagged[id_] for id_ in ids}

    async def have(self, _: Any, wanted_: Any) -> dict[str, TagDetails]:
        """Return details of tags by name."""
        return {tag.name: self._details[tag.name] for tag in wanted_}


def _date(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _entry(each: dict[str, Any], id_: str) -> CommitEntry:
    return CommitEntry(
        id_,
        _date(each["date"]),
        each["author"],
        each["committer"],
        each["subject"],
        tuple(each["paths"]),
    )


async def _answer(given: dict[str, Any]) -> dict[str, Any]:
    # What is not said is off there: defaults are the API's.
    subscription = view(GitSubscription, {"strictSemvers": False, **given["subscription"]})
    rules = commit_rules(subscription, moments.read(subscription.since))
    sieve = Sieve(rules, Evaluations(), caller="shop")
    search = CommitSearch(cast("Any", None), rules, sieve, lambda _: None)
    if rules.tags is None:
        found = await search.along(given["commits"][0]["id"], None)
    else:
        commits = {each["tag"]: each["commitID"] for each in given["tags"]}
        names = tags.selected(list(commits), rules.tags)
        found = await search.among([Tag(name, commits[name], commits[name]) for name in names])
    answer: dict[str, Any] = {
        "commits": [
            {"id": each.id, "subject": shown_subject(each.subject)}
            | ({"tag": each.tag} if each.tag else {})
            for each in found
        ]
    }
    if given["refs"]:
        answer["matchesRef"] = {ref: rules.matches_ref(ref) for ref in given["refs"]}
    return answer


async def test_commit_selection(monkeypatch: pytest.MonkeyPatch) -> None:
    """commit-selection.jsonl, with what is found by the search that real repositories are searched by."""
    wrong = []
    for case in cases("commit-selection"):
        repository = _Repository(case["in"])
        monkeypatch.setattr(history, "commits", repository.commits)
        monkeypatch.setattr(history, "these", repository.these)
        monkeypatch.setattr(tag_details, "have", repository.have)
        try:
            answer: Any = await _answer(case["in"])
        except (SelectionError, errors.Unavailable):
            answer = None
        want = None if wanted(case, "error") else wanted(case)
        if answer != want:
            wrong.append((case["id"], answer, want))
    assert wrong == []


def test_path_filters() -> None:
    """path-filter.jsonl."""
    for case in cases("path-filter"):
        given = case["in"]
        rules = path_rules(given["includePaths"], given["excludePaths"])
        assert [rules.admits(each) for each in given["changes"]] == case["want"], case["id"]
