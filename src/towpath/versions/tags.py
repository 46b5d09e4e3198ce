"""Which tags of an image are wanted, and in which order."""

from __future__ import annotations

import contextlib
import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec

from towpath import patterns
from towpath.patterns import PatternError
from towpath.versions import semver

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from towpath.patterns import Pattern


_TAG_WEIGHT: Final = 3
"""To match a tag, or to read it as a version and put it in its place, is as much work as to read so many bytes of YAML."""


class SelectionError(ValueError):
    """A rule cannot be read; the text names its field and says why."""


class Objection(NamedTuple):
    """Which rule keeps something out, by its field, and why."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class TagRules:
    """Which tags are candidates."""

    allow: tuple[Pattern, ...] = ()
    """One of them must match, unanchored, if there are any."""
    ignore: tuple[Pattern, ...] = ()
    """None of them may match."""
    ignored: frozenset[str] = frozenset()
    """Tags that are left out, literally."""

    def admits(self, tag: str) -> bool:
        """Whether a tag comes into question."""
        if tag in self.ignored or any(pattern.search(tag) for pattern in self.ignore):
            return False
        return not self.allow or any(pattern.search(tag) for pattern in self.allow)

    def objection(self, tag: str) -> Objection | None:
        """Return what keeps a tag from coming into question; None exactly where `admits` lets it in."""
        if tag in self.ignored:
            return Objection("ignoreTags", "it is listed there")
        for place, pattern in enumerate(self.ignore):
            if pattern.search(tag):
                return Objection(f"ignoreTagsRegexes[{place}]", "its pattern matches")
        if self.allow and not any(pattern.search(tag) for pattern in self.allow):
            return Objection("allowTagsRegexes", "no pattern of those that allow tags matches")
        return None


def rules(
    *,
    allow_tags: str = "",
    allow_tags_regexes: Sequence[str] = (),
    ignore_tags: Sequence[str] = (),
    ignore_tags_regexes: Sequence[str] = (),
) -> TagRules:
    """Return the rules of a subscription, of images or of Git tags. Raises SelectionError."""
    allow = [_compiled("allowTags", allow_tags)] if allow_tags else []
    allow += [
        _compiled(f"allowTagsRegexes[{place}]", text)
        for place, text in enumerate(allow_tags_regexes)
    ]
    ignore = [
        _compiled(f"ignoreTagsRegexes[{place}]", text)
        for place, text in enumerate(ignore_tags_regexes)
    ]
    return TagRules(tuple(allow), tuple(ignore), frozenset(ignore_tags))


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSelection:
    """Which tags a subscription selects, as plain data: it can be handed to another process."""

    allow_tags: str = ""
    allow_tags_regexes: tuple[str, ...] = ()
    ignore_tags: tuple[str, ...] = ()
    ignore_tags_regexes: tuple[str, ...] = ()
    order: Literal["version", "name", "none"] = "none"
    constraint: str = ""
    """A range, of versions."""
    strict: bool = True
    constraint_field: str = "constraint"
    """What the manifest calls the range."""

    @property
    def rules(self) -> TagRules:
        """Which tags come into question. Raises SelectionError."""
        return rules(
            allow_tags=self.allow_tags,
            allow_tags_regexes=self.allow_tags_regexes,
            ignore_tags=self.ignore_tags,
            ignore_tags_regexes=self.ignore_tags_regexes,
        )

    @property
    def range(self) -> semver.Range | None:
        """The versions that come into question; None for all. Raises SelectionError."""
        if self.order != "version" or not self.constraint:
            return None
        return _range(self.constraint, self.constraint_field)

    def weight(self, count: int) -> int:
        """Return how much work it is on so many tags, in bytes of YAML that are read."""
        patterns_ = 1 + len(self.allow_tags_regexes) + len(self.ignore_tags_regexes)
        return count * _TAG_WEIGHT * patterns_


def may_select(tag: str, wanted: TagSelection) -> bool:
    """Whether a tag comes into question, as far as its name tells. Raises SelectionError."""
    if not wanted.rules.admits(tag):
        return False
    if wanted.order != "version":
        return True
    try:
        version = semver.parse_strict(tag) if wanted.strict else semver.parse(tag)
    except semver.VersionError:
        return False
    range_ = wanted.range
    return range_ is None or range_.contains(version)


def selected(tags: Iterable[str], wanted: TagSelection) -> list[str]:
    """Return the tags that are wanted, in the order that is. Raises SelectionError."""
    admits = wanted.rules.admits
    admitted = [tag for tag in tags if admits(tag)]
    match wanted.order:
        case "version":
            return by_version(admitted, constraint=wanted.constraint, strict=wanted.strict)
        case "name":
            return by_name(admitted)
    return admitted


class JudgedTags(NamedTuple):
    """What became of each of many tags."""

    ordered: list[str]
    """Those that are wanted, as `selected` returns them."""
    excluded: list[tuple[str, str, str]]
    """Of the others the ones that would come first: tag, rule, reason."""
    counts: dict[str, int]
    """How many each rule keeps out."""


def judged(tags: Iterable[str], wanted: TagSelection, most: int) -> JudgedTags:
    """Return what `selected` does, and which rule keeps each other tag out. Raises SelectionError."""
    known = list(tags)
    ordered = selected(known, wanted)
    inside, counts = set(ordered), dict[str, int]()
    rules_, range_ = wanted.rules, wanted.range

    def others() -> Iterator[tuple[str, str, str]]:
        for tag in known:
            if tag not in inside:
                rule, reason = rules_.objection(tag) or _no_version(tag, wanted, range_)
                counts[rule] = counts.get(rule, 0) + 1
                yield tag, rule, reason

    excluded = heapq.nlargest(most, others(), key=lambda each: _likeness(each[0], wanted.order))
    return JudgedTags(ordered, excluded, counts)


def judged_json(tags: bytes, wanted: TagSelection, most: int) -> bytes:
    """Return what `judged` does, of a list in JSON and as JSON."""
    return msgspec.json.encode(judged(msgspec.json.decode(tags, type=list[str]), wanted, most))


def _no_version(tag: str, wanted: TagSelection, range_: semver.Range | None) -> Objection:
    """Return why a tag that comes into question by its name is none of the versions that do."""
    try:
        version = semver.parse_strict(tag) if wanted.strict else semver.parse(tag)
    except semver.VersionError:
        return _odd(tag, strict=wanted.strict)
    bare = replace(version, prerelease="", metadata="")
    if version.prerelease and range_ is not None and range_.contains(bare):
        said = f"pre-releases are in {wanted.constraint!r} only where it names one"
        return Objection(wanted.constraint_field, said)
    return Objection(wanted.constraint_field, f"{version} is not in {wanted.constraint!r}")


def _odd(tag: str, *, strict: bool) -> Objection:
    if strict:
        with contextlib.suppress(semver.VersionError):
            semver.parse(tag)
            return Objection("strictSemvers", "it is a version without all three of its numbers")
    return Objection("version", "it is no semantic version")


def _likeness(tag: str, order: str) -> tuple[object, ...]:
    """Return what excluded tags are sorted by: how they would be if nothing had kept them out."""
    if order == "version":
        with contextlib.suppress(semver.VersionError):
            return (True, semver.parse(tag).order, tag)
        return (False, (), tag)
    return (True, (), tag)


def selected_json(tags: bytes, wanted: TagSelection) -> bytes:
    """Return what `selected` does, of a list in JSON and as one: half a million tags are soon written and read so."""
    return msgspec.json.encode(selected(msgspec.json.decode(tags, type=list[str]), wanted))


def by_version(tags: Iterable[str], *, constraint: str = "", strict: bool = True) -> list[str]:
    """Return tags that are versions in a range, the newest first; equal versions by text, the last one first.

    `strict`: only tags with all of major, minor and patch. Without a range pre-releases count too. Raises
    SelectionError.
    """
    wanted = _range(constraint) if constraint else None
    # A text is compared by its code points, which is the order of its bytes in UTF-8.
    found: list[tuple[*semver.Order, str]] = []
    for tag in tags:
        try:
            version = semver.parse_strict(tag) if strict else semver.parse(tag)
        except semver.VersionError:
            continue
        if wanted is None or wanted.contains(version):
            found.append((*version.order, tag))
    found.sort(reverse=True)
    return [item[-1] for item in found]


def by_name(tags: Iterable[str]) -> list[str]:
    """Return tags by their bytes, the last one first."""
    return sorted(tags, reverse=True)  # code points are in the order of their bytes


def _range(constraint: str, field: str = "constraint") -> semver.Range:
    try:
        return semver.parse_range(constraint)
    except semver.VersionError as error:
        raise SelectionError(f"{field}: {constraint!r} is no range of versions: {error}") from error


def _compiled(field: str, text: str) -> Pattern:
    try:
        return patterns.compile(text)
    except PatternError as error:
        raise SelectionError(
            f"{field}: {text!r} is no regular expression (RE2): {error}"
        ) from error
