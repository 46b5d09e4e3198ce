"""Which commits of a Git repository a subscription selects: the rules, as far as they need no repository."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from towpath import expressions
from towpath.expressions import ExpressionError
from towpath.expressions.gotext import text_of
from towpath.expressions.gotime import now_of
from towpath.patterns import PatternError, selector
from towpath.resources import booleans
from towpath.versions.tags import SelectionError, TagSelection, may_select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from towpath.expressions import Program
    from towpath.resources.warehouse import GitSubscription

_LONGEST_SUBJECT: Final = 80
_SHORT_ID: Final = 12
_MOST_COMPARED: Final = 500
"""Paths by which it is told which rule kept a commit out."""
_BRANCHES: Final = "refs/heads/"
_TAGS: Final = "refs/tags/"
_USUAL_BRANCHES: Final = ("main", "master")
"""What a default branch may be called, where only its name is known."""

ORDERS: Final[Mapping[str, Literal["version", "name", "none"]]] = {
    "SemVer": "version",
    "Lexical": "name",
    "NewestTag": "none",
}
"""The strategies that select tags, and the order that a tag's name has in each."""


@dataclass(frozen=True, slots=True)
class CommitCandidate:
    """A commit that comes into question, and the tag that led to it, if one did."""

    id: str
    date: datetime
    """When the commit was committed; of an annotated tag, when that was made. Aware."""
    author: str
    committer: str
    subject: str
    tag: str = ""
    tagger: str = ""
    annotation: str = ""
    """First line of what an annotated tag says."""

    @property
    def shown(self) -> str:
        """How people call it: the tag, else the commit, shortened."""
        return self.tag or self.id[:_SHORT_ID]

    def variables(self) -> dict[str, Any]:
        """Return what `expressionFilter` may name."""
        date = now_of(self.date)
        told = {
            "id": self.id,
            "author": self.author,
            "committer": self.committer,
            "subject": self.subject,
        }
        if not self.tag:
            return {**told, "commitDate": date}
        return {
            **told,
            "tag": self.tag,
            "creatorDate": date,
            "tagger": self.tagger,
            "annotation": self.annotation,
        }


@dataclass(frozen=True, slots=True)
class PathRules:
    """Which changes count."""

    include: tuple[Callable[[str], bool], ...] = ()
    exclude: tuple[Callable[[str], bool], ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is asked of paths."""
        return bool(self.include or self.exclude)

    def admits(self, paths: Iterable[str]) -> bool:
        """Whether one of the changed paths is included, and not excluded."""
        if not self:
            return True
        return any(
            (not self.include or any(selects(path) for selects in self.include))
            and not any(selects(path) for selects in self.exclude)
            for path in paths
        )

    def untouched(self, paths: Sequence[str]) -> tuple[str, str]:
        """Return which rule keeps a commit out that changes these paths, and why; they are not admitted."""
        shown = f"{len(paths):,} paths" if len(paths) != 1 else paths[0]
        some = paths[:_MOST_COMPARED]
        if self.include and not any(selects(path) for selects in self.include for path in some):
            return "includePaths", f"it changes {shown}, and includePaths selects none of that"
        return "excludePaths", f"it changes {shown}, and what of that is included is excluded"


@dataclass(frozen=True, slots=True)
class CommitRules:
    """What a subscription to a Git repository asks for, read and found to be right."""

    branch: str
    """Empty: the default branch."""
    since: datetime | None
    limit: int
    tags: TagSelection | None
    """Which tags are asked for, and in which order by their names; None where a branch is followed."""
    paths: PathRules
    filter: Program | None

    @property
    def by_age(self) -> bool:
        """Whether the order of tags is that of their making, which their names do not tell."""
        return self.tags is not None and self.tags.order == "none"

    @property
    def needs_paths(self) -> bool:
        """Whether it must be known what a commit changed."""
        return bool(self.paths)

    def matches_ref(self, ref: str) -> bool:
        """Whether a push to `ref` may bring something that is asked for, as far as its name tells."""
        if self.tags is None:
            if not ref.startswith(_BRANCHES):
                return False
            branch = ref.removeprefix(_BRANCHES)
            return branch == self.branch if self.branch else branch in _USUAL_BRANCHES
        return ref.startswith(_TAGS) and self.matches_tag(ref.removeprefix(_TAGS))

    def matches_tag(self, tag: str) -> bool:
        """Whether a tag comes into question by its name."""
        return self.tags is not None and may_select(tag, self.tags)


def commit_rules(wanted: GitSubscription, since: datetime | None = None) -> CommitRules:
    """Return the rules of a subscription. `since` is its field, read. Raises SelectionError that names the field."""
    order = ORDERS.get(wanted.commit_selection_strategy)
    selection = None
    if order is not None:
        selection = TagSelection(
            allow_tags=wanted.allow_tags,
            allow_tags_regexes=tuple(wanted.allow_tags_regexes),
            ignore_tags=tuple(wanted.ignore_tags),
            ignore_tags_regexes=tuple(wanted.ignore_tags_regexes),
            order=order,
            constraint=wanted.semver_constraint if order == "version" else "",
            strict=wanted.strict_semvers,
            constraint_field="semverConstraint",
        )
        _ = selection.rules, selection.range
    return CommitRules(
        branch=wanted.branch,
        since=since,
        limit=wanted.discovery_limit,
        tags=selection,
        paths=path_rules(wanted.include_paths, wanted.exclude_paths),
        filter=_filter(wanted.expression_filter),
    )


def path_rules(include: Iterable[str], exclude: Iterable[str]) -> PathRules:
    """Return the rules that selectors of paths stand for. Raises SelectionError that names the selector."""
    return PathRules(_selectors("includePaths", include), _selectors("excludePaths", exclude))


def truth(value: Any) -> bool:
    """Return what the value of `expressionFilter` means: a boolean, or a text that Go reads as one. Raises ExpressionError."""
    if isinstance(value, bool):
        return value
    found = booleans.parse(text_of(value))
    if found is None:
        raise ExpressionError(f"it must come to true or false, not {value!r}")
    return found


def shown_subject(subject: str) -> str:
    """Return a subject as it is kept: at most 80 characters."""
    if len(subject) <= _LONGEST_SUBJECT:
        return subject
    return f"{subject[: _LONGEST_SUBJECT - 3]}..."


def _filter(text: str) -> Program | None:
    if not text:
        return None
    try:
        return expressions.compile(text)
    except ExpressionError as error:
        raise SelectionError(f"expressionFilter: {error}") from error


def _selectors(field: str, texts: Iterable[str]) -> tuple[Callable[[str], bool], ...]:
    found = []
    for place, text in enumerate(texts):
        try:
            found.append(selector.path(text))
        except PatternError as error:
            raise SelectionError(f"{field}[{place}]: {text!r} selects no paths: {error}") from error
    return tuple(found)
