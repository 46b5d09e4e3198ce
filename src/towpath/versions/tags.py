"""Which tags of an image are wanted, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath import patterns
from towpath.patterns import PatternError
from towpath.versions import semver

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from towpath.patterns import Pattern


class SelectionError(ValueError):
    """A rule cannot be read; the text names its field and says why."""


@dataclass(frozen=True, slots=True)
class TagRules:
    """Which tags come into question at all."""

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


def by_version(tags: Iterable[str], *, constraint: str = "", strict: bool = True) -> list[str]:
    """Return tags that are versions in a range, the newest first; equal versions by text, the last one first.

    `strict`: only tags with all of major, minor and patch. Without a range pre-releases count too. Raises
    SelectionError.
    """
    wanted = None
    if constraint:
        try:
            wanted = semver.parse_range(constraint)
        except semver.VersionError as error:
            raise SelectionError(
                f"constraint: {constraint!r} is no range of versions: {error}"
            ) from error
    found: list[tuple[semver.Version, str]] = []
    for tag in tags:
        try:
            version = semver.parse_strict(tag) if strict else semver.parse(tag)
        except semver.VersionError:
            continue
        if wanted is None or wanted.contains(version):
            found.append((version, tag))
    found.sort(key=_version_key, reverse=True)
    return [tag for _, tag in found]


def _version_key(item: tuple[semver.Version, str]) -> tuple[Any, bytes]:
    return item[0], item[1].encode("utf-8", "surrogatepass")


def by_name(tags: Iterable[str]) -> list[str]:
    """Return tags by their bytes, the last one first."""
    return sorted(tags, key=lambda tag: tag.encode("utf-8", "surrogatepass"), reverse=True)


def _compiled(field: str, text: str) -> Pattern:
    try:
        return patterns.compile(text)
    except PatternError as error:
        raise SelectionError(
            f"{field}: {text!r} is no regular expression (RE2): {error}"
        ) from error
