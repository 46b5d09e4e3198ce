"""What differs between Freight, in answers of our own API."""

from __future__ import annotations

from msgspec import field

from towpath.server.shaped import Shaped


class ComparedSide(Shaped):
    """What is compared."""

    kind: str
    name: str
    alias: str


class ShownReleasedCommit(Shaped):
    """A commit that was released."""

    id: str
    subject: str
    author: str
    date: str


class ShownReleasedArtifact(Shaped):
    """An artifact that differs, or does not."""

    kind: str
    name: str
    origin: str
    change: str
    before: str
    after: str
    repo_url: str = field(name="repoURL")
    commits: list[ShownReleasedCommit]
    removed_commits: list[ShownReleasedCommit]
    is_cut: bool
    is_removed_cut: bool
    unknown: str


class UnknownCommits(Shaped):
    """An artifact of which it is not known which commits it is of, and why."""

    kind: str
    name: str
    why: str


class ShownComparison(Shaped):
    """What differs between two sides."""

    from_: ComparedSide = field(name="from")
    to: ComparedSide
    artifacts: list[ShownReleasedArtifact]
    left_out: int
    issues: list[str]
    """That the commits which come name, such as `SHOP-12`: each once, those of the newest commits first; at most 100."""
    notes: str = ""
    commits: int = 0
    cursor: int | None = None
    missing: list[UnknownCommits] = []
