"""The form in which it is said what was released: of each artifact what became of it, and by which commits.

It travels as JSON between whoever looks at repositories and whoever evaluates expressions or answers requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from towpath.messages import cut, plain
from towpath.resources.fields import Field, Struct, Time
from towpath.rules.released.changes import ArtifactChange, ChangeKind, version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_COMMITS = 500
"""Of one artifact, in each direction."""
MOST_IN_ALL = 2_000
"""Of all artifacts together, in both directions."""
MOST_ARTIFACTS = 100
"""Of one comparison."""
SUBJECT_BYTES = 200
BODY_BYTES = 1 << 10
"""Of a commit's message below its first line, in which issues are looked for."""
_NAME_BYTES = 200


class ReleasedCommit(Struct):
    """A commit, in words that are harmless and of bounded length."""

    id: Annotated[str, Field("Full SHA.")]
    subject: Annotated[str, Field("First line of its message.")] = ""
    author: Annotated[str, Field("`Name <address>`.")] = ""
    date: Annotated[Time | None, Field("When it was committed.")] = None
    body: Annotated[str, Field("What follows the first line, cut.")] = ""


class ReleasedArtifact(Struct, kw_only=True):
    """An artifact before and after."""

    kind: Annotated[str, Field("What it is: commit, image, chart, artifact.")]
    name: Annotated[str, Field("Its repository, or the name of its subscription.")]
    origin: Annotated[str, Field("Name of the Warehouse.")] = ""
    change: Annotated[str, Field("What became of it: added, removed, changed, same.")]
    before: Annotated[str, Field("Version that was there.")] = ""
    after: Annotated[str, Field("Version that comes.")] = ""
    repo_url: Annotated[str, Field("Git repository of the commits.")] = ""
    commits: Annotated[list[ReleasedCommit], Field("Commits that come, the newest first.")] = (
        msgspec.field(default_factory=list)
    )
    removed_commits: Annotated[
        list[ReleasedCommit], Field("Commits that go away, the newest first.")
    ] = msgspec.field(default_factory=list)
    is_cut: Annotated[bool, Field("Whether there are more commits that come.")] = False
    is_removed_cut: Annotated[bool, Field("Whether there are more commits that go away.")] = False
    unknown: Annotated[str, Field("Why it is not known which commits; empty if it is.")] = ""


class ReleaseReport(Struct):
    """What was released."""

    artifacts: Annotated[list[ReleasedArtifact], Field("The artifacts, before and after.")] = (
        msgspec.field(default_factory=list)
    )
    left_out: Annotated[int, Field("How many more artifacts there are.")] = 0

    @property
    def differing(self) -> list[ReleasedArtifact]:
        """The artifacts that are not the same."""
        return [each for each in self.artifacts if each.change != ChangeKind.SAME]

    @property
    def commits(self) -> list[tuple[str, ReleasedCommit]]:
        """The commits that come, with their repositories: each once, whichever artifacts it is in."""
        return list(_once(self.artifacts, removed=False))

    @property
    def removed_commits(self) -> list[tuple[str, ReleasedCommit]]:
        """The commits that go away, likewise."""
        return list(_once(self.artifacts, removed=True))


def commit(
    id_: str, subject: str, author: str, date: str | None = None, body: str = ""
) -> ReleasedCommit:
    """Return a commit whose words come from anybody: plain, on one line where it is one, and cut."""
    return ReleasedCommit(
        id=id_,
        subject=_line(subject, SUBJECT_BYTES),
        author=_line(author, _NAME_BYTES),
        date=date,
        body=cut(plain(body[: 4 * BODY_BYTES]).strip(), BODY_BYTES),
    )


def artifact(change: ArtifactChange, **known: Any) -> ReleasedArtifact:
    """Return what is said of an artifact; `known`: fields of its commits, or why there are none."""
    return ReleasedArtifact(
        kind=change.kind,
        name=_line(change.name, 4 * _NAME_BYTES),
        origin=change.origin,
        change=change.change,
        before=_line(version(change.kind, change.before), _NAME_BYTES),
        after=_line(version(change.kind, change.after), _NAME_BYTES),
        **known,
    )


def bounded(artifacts: Sequence[ReleasedArtifact], left_out: int = 0) -> ReleaseReport:
    """Return a report with no more commits than it may have: what is too much is cut, and said to be."""
    left = MOST_IN_ALL
    for found in artifacts:
        if len(found.commits) > left:
            found.commits, found.is_cut = found.commits[:left], True
        left -= len(found.commits)
        if len(found.removed_commits) > left:
            found.removed_commits, found.is_removed_cut = found.removed_commits[:left], True
        left -= len(found.removed_commits)
    return ReleaseReport(artifacts=list(artifacts), left_out=left_out)


def shown(report: ReleaseReport) -> dict[str, Any]:
    """Return a report as the API answers it."""
    return {
        "artifacts": [_shown(each) for each in report.artifacts],
        "leftOut": report.left_out,
    }


def shown_part(report: ReleaseReport, skip: int, most: int) -> dict[str, Any]:
    """Return the same with only some of the commits, of all artifacts together in their order, and how many there are.

    `missing` says of which artifacts it is not known which commits they are of, and why.
    """
    artifacts, passed = [], 0
    for found in report.artifacts:
        told = _shown(found)
        for name in ("commits", "removedCommits"):
            of: list[Any] = told[name]
            first = max(0, skip - passed)
            last = max(0, skip + most - passed)
            passed += len(of)
            told[name] = of[first:last]
        artifacts.append(told)
    return {
        "artifacts": artifacts,
        "leftOut": report.left_out,
        "commits": passed,
        "cursor": skip + most if skip + most < passed else None,
        "missing": [
            {"kind": str(each.kind), "name": each.name, "why": each.unknown}
            for each in report.artifacts
            if each.unknown
        ],
    }


def _shown(found: ReleasedArtifact) -> dict[str, Any]:
    return {
        "kind": str(found.kind),
        "name": found.name,
        "origin": found.origin,
        "change": str(found.change),
        "before": found.before,
        "after": found.after,
        "repoURL": found.repo_url,
        "commits": [_commit(each) for each in found.commits],
        "removedCommits": [_commit(each) for each in found.removed_commits],
        "isCut": found.is_cut,
        "isRemovedCut": found.is_removed_cut,
        "unknown": found.unknown,
    }


def _commit(each: ReleasedCommit) -> dict[str, Any]:
    return {"id": each.id, "subject": each.subject, "author": each.author, "date": each.date}


def value_of(repo_url: str, each: ReleasedCommit) -> Mapping[str, Any]:
    """Return a commit as expressions see it."""
    return {**_commit(each), "repoURL": repo_url}


def _line(text: str, most_bytes: int) -> str:
    return cut(" ".join(plain(text[: 4 * most_bytes]).split()), most_bytes)


def _once(
    artifacts: Sequence[ReleasedArtifact], *, removed: bool
) -> Iterator[tuple[str, ReleasedCommit]]:
    seen = set[str]()
    for found in artifacts:
        for each in found.removed_commits if removed else found.commits:
            if each.id not in seen:
                seen.add(each.id)
                yield found.repo_url, each
