"""Whether a revision that Argo CD names is the one that is wanted.

What the texts alone tell is told here: a short or upper-case commit stands for the commit, `v1.2.0` and `1.2.0+b3` for the
version `1.2.0`. How two different commits are related only their repository knows; who has asked it passes that in.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.versions import semver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.rules.argocd.application import Application

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT: Final = re.compile(r"[0-9a-f]{7,63}")


class Relation(enum.Enum):
    """How what was observed is related to what is wanted."""

    SAME = "it is the revision that is wanted"
    SAME_TREES = "it is a later commit, in which the folders of all sources are the same"
    NEWER = "it is a later commit, which changes a folder of a source"
    OLDER = "it is an earlier commit: the wanted one was taken back, or not yet seen"
    OTHER = "it is another revision"
    NONE = "no revision was observed yet"
    UNKNOWN = "nobody can tell"

    @property
    def matches(self) -> bool:
        """Whether what is wanted is there."""
        return self in (Relation.SAME, Relation.SAME_TREES)


@dataclass(frozen=True, slots=True)
class Related:
    """What a repository said about two revisions of it."""

    relation: Relation
    why: str = ""
    """Why nobody can tell, for people."""


Known = Mapping[tuple[int, str, str], Related]
"""What repositories said: place of the source, wanted, observed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One source: what is wanted, what was observed, how they are related."""

    place: int
    repo_url: str
    wanted: str
    observed: str
    relation: Relation
    why: str = ""

    @property
    def said(self) -> str:
        """The comparison, for people."""
        source = f"source {self.place + 1} ({self.repo_url})"
        if self.relation is Relation.NONE:
            return f"{source} has no revision yet; {self.wanted} is wanted"
        why = f": {self.why}" if self.why else ""
        return (
            f"{source} is at {self.observed}, {self.wanted} is wanted: {self.relation.value}{why}"
        )


def is_commit(text: str) -> bool:
    """Whether a text is a full commit of Git, in whatever case."""
    return _COMMIT.fullmatch(text.lower()) is not None


def same(wanted: str, observed: str) -> bool:
    """Whether two texts name one revision, as far as the texts tell."""
    if wanted == observed:
        return True
    if is_commit(observed) and _SHORT.fullmatch(wanted.lower()):
        return observed.lower().startswith(wanted.lower())
    if is_commit(wanted) or is_commit(observed):
        return wanted.lower() == observed.lower()
    versions = _version(wanted), _version(observed)
    return None not in versions and versions[0] == versions[1]


def _version(text: str) -> tuple[int, int, int, str] | None:
    """Return a full version without its `v` and its metadata; None for a range, and for any other text."""
    try:
        found = semver.parse_strict(text)
    except semver.VersionError:
        return None
    return (found.major, found.minor, found.patch, found.prerelease)


def compared(
    application: Application,
    wanted: Sequence[str],
    observed: Sequence[str],
    known: Known | None = None,
) -> list[Compared]:
    """Return the comparison of every source of which a revision is wanted, by position.

    `known`: what repositories said of revisions whose texts differ.
    """
    found = []
    for place, revision in enumerate(wanted):
        if not revision:
            continue
        seen = observed[place] if place < len(observed) else ""
        related = _related(place, revision, seen, known or {})
        sources = application.sources
        found.append(
            Compared(
                place=place,
                repo_url=sources[place].repo_url if place < len(sources) else "",
                wanted=revision,
                observed=seen,
                relation=related.relation,
                why=related.why,
            )
        )
    return found


def _related(place: int, wanted: str, observed: str, known: Known) -> Related:
    if not observed:
        return Related(Relation.NONE)
    if same(wanted, observed):
        return Related(Relation.SAME)
    return known.get((place, wanted, observed)) or Related(Relation.OTHER)


def questions(
    application: Application, wanted: Sequence[str], observed: Sequence[str]
) -> list[tuple[int, str, str]]:
    """Return which revisions a repository has to be asked about: those of Git sources whose texts do not tell."""
    return [
        (each.place, each.wanted, each.observed)
        for each in compared(application, wanted, observed)
        if each.relation is Relation.OTHER
        and each.place < len(application.sources)
        and application.sources[each.place].is_git
        and is_commit(each.observed)
    ]
