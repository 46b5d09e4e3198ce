"""Semantic versions as the field reads them: leniently, with ranges (the rules of Masterminds/semver 3).

`v1.2` is `1.2.0`; `1.2.3-rc.1` comes before `1.2.3`; what follows `+` does not count in an order. A range
leaves pre-releases out unless one of its own versions is one.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_IDENTIFIERS: Final = r"[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*"
_TAIL: Final = rf"(?:-({_IDENTIFIERS}))?(?:\+({_IDENTIFIERS}))?"
_LENIENT: Final = re.compile(rf"v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?{_TAIL}", re.ASCII)
_STRICT_NUMBER: Final = "(0|[1-9][0-9]*)"
_STRICT: Final = re.compile(
    rf"v?{_STRICT_NUMBER}\.{_STRICT_NUMBER}\.{_STRICT_NUMBER}{_TAIL}", re.ASCII
)
_LARGEST: Final = (1 << 64) - 1
_LONGEST: Final = 256


Order = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]
"""A version's place among others."""


class VersionError(ValueError):
    """A text is no version, or no range of versions."""


@functools.total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A version. Versions that differ in metadata only are equal in order."""

    major: int
    minor: int
    patch: int
    prerelease: str = ""
    metadata: str = ""
    original: str = ""
    """The text it was read from."""

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        if self.prerelease:
            text += f"-{self.prerelease}"
        return f"{text}+{self.metadata}" if self.metadata else text

    def compare(self, other: Version) -> int:
        """Return -1, 0 or 1 by precedence (semver.org §11)."""
        mine, theirs = self._numbers, other._numbers
        if mine != theirs:
            return 1 if mine > theirs else -1
        return _compare_prereleases(self.prerelease, other.prerelease)

    @property
    def order(self) -> Order:
        """What versions are sorted by: it compares as they do, in a fraction of the time."""
        parts = tuple(map(_rank, self.prerelease.split("."))) if self.prerelease else ()
        return (self.major, self.minor, self.patch, not parts, parts)

    @property
    def _numbers(self) -> tuple[int, int, int]:
        return (self.major, self.minor, self.patch)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.compare(other) == 0

    def __lt__(self, other: Version) -> bool:
        return self.compare(other) < 0

    def __hash__(self) -> int:
        return hash((*self._numbers, self.prerelease))

    def incremented(self, part: str) -> Version:
        """Return the next version: of `major`, `minor` or `patch`; a pre-release's next patch is its release.

        A leading `v` of the original stays in that of the result.
        """
        match part:
            case "major":
                numbers = (self.major + 1, 0, 0)
            case "minor":
                numbers = (self.major, self.minor + 1, 0)
            case "patch":
                step = 0 if self.prerelease else 1
                numbers = (self.major, self.minor, self.patch + step)
            case _:
                raise VersionError(f"{part!r} is no part of a version: major, minor or patch")
        mark = "v" if self.original.startswith("v") else ""
        return Version(*numbers, original=f"{mark}{'.'.join(map(str, numbers))}")


def parse(text: str) -> Version:
    """Read a version leniently: parts may be missing, a `v` may lead. Raises VersionError."""
    return _read(text, _LENIENT)


def parse_strict(text: str) -> Version:
    """Read a version that has all parts and no leading zeros; one `v` may lead. Raises VersionError."""
    return _read(text, _STRICT)


def _read(text: str, form: re.Pattern[str]) -> Version:
    match = form.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise VersionError(f"{text[:80]!r} is not a semantic version")
    numbers = [int(part or 0) for part in match.groups()[:3]]
    if any(number > _LARGEST for number in numbers):
        raise VersionError(f"{text[:80]!r} has a number that is too large")
    prerelease, metadata = match[4] or "", match[5] or ""
    for part in prerelease.split(".") if prerelease else ():
        if part.isdigit() and len(part) > 1 and part.startswith("0"):
            raise VersionError(f"{text[:80]!r} has a part of its pre-release that starts with 0")
    return Version(numbers[0], numbers[1], numbers[2], prerelease, metadata, text)


def _compare_prereleases(mine: str, theirs: str) -> int:
    if mine == theirs:
        return 0
    if not mine or not theirs:
        return 1 if not mine else -1
    ours, others = mine.split("."), theirs.split(".")
    for one, other in zip(ours, others, strict=False):
        if one == other:
            continue
        numeric = (_number(one), _number(other))
        match numeric:
            case (None, None):
                return 1 if one > other else -1
            case (None, _):
                return 1
            case (_, None):
                return -1
            case (int() as first, int() as second) if first != second:
                return 1 if first > second else -1
    return (len(ours) > len(others)) - (len(ours) < len(others))


def _rank(part: str) -> tuple[bool, int, str]:
    """Return the place of a part of a pre-release: numbers by their value, before texts."""
    number = _number(part)
    return (True, 0, part) if number is None else (False, number, "")


def _number(part: str) -> int | None:
    if not part.isascii() or not part.isdigit():
        return None
    value = int(part)
    return value if value <= _LARGEST else None


# --- ranges ------------------------------------------------------------------------------------------

_OPERATORS: Final = ("!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^", "")
_OPERATOR: Final = "|".join(map(re.escape, _OPERATORS))
_WILD: Final = (
    rf"v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?(-{_IDENTIFIERS})?(?:\+{_IDENTIFIERS})?"
)
_TERM: Final = re.compile(rf"\s*({_OPERATOR})\s*({_WILD})\s*", re.ASCII)
_FIND: Final = re.compile(rf"({_OPERATOR})\s*({_WILD})", re.ASCII)
_BETWEEN: Final = re.compile(rf"\s*({_WILD})\s+-\s+({_WILD})\s*", re.ASCII)
_FORM: Final = re.compile(
    rf"\s*(?:{_OPERATOR})\s*{_WILD}\s*(?:(?:\s+|,\s*)(?:{_OPERATOR})\s*{_WILD}\s*)*".replace(
        "(v?", "(?:v?"
    ),
    re.ASCII,
)
_LONGEST_RANGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Term:
    """One comparison of a range, with the parts of its version that were left open."""

    operator: str
    version: Version
    any_major: bool
    any_minor: bool
    any_patch: bool

    @property
    def is_open(self) -> bool:
        return self.any_major or self.any_minor or self.any_patch

    def holds(self, version: Version) -> bool:
        return _HOLDS[self.operator](self, version)


class Range:
    """Which versions are wanted: alternatives (`||`) of terms that must all hold."""

    def __init__(self, text: str, alternatives: tuple[tuple[_Term, ...], ...]) -> None:
        self.text = text
        self._alternatives = alternatives

    def contains(self, version: Version) -> bool:
        """Whether a version is wanted."""
        return any(
            all(term.holds(version) for term in terms)
            for terms in self._alternatives
            if not version.prerelease or any(term.version.prerelease for term in terms)
        )


@functools.lru_cache(maxsize=1024)
def parse_range(text: str) -> Range:
    """Read a range such as `^1.2`, `>=1.2 <3 || 5.x`, `1.2 - 2.0`. Raises VersionError."""
    if len(text) > _LONGEST_RANGE:
        raise VersionError("the range is too long")
    rewritten = _BETWEEN.sub(lambda match: f">= {match[1]}, <= {match[6]} ", text)
    return Range(text, tuple(_alternative(part, text) for part in rewritten.split("||")))


def _alternative(part: str, text: str) -> tuple[_Term, ...]:
    if not _FORM.fullmatch(part):
        raise VersionError(f"{text[:80]!r} is not a range of semantic versions")
    return tuple(_term(match[0], text) for match in _FIND.finditer(part))


def _term(part: str, text: str) -> _Term:
    match = _TERM.fullmatch(part)
    if match is None:
        raise VersionError(f"{text[:80]!r} is not a range of semantic versions")
    major, minor, patch, prerelease = match[3], match[4], match[5], match[6] or ""
    open_parts = (False, False, False)
    if _is_open(major):
        written, open_parts = f"0.0.0{prerelease}", (True, False, False)
    elif _is_open(minor):
        written, open_parts = f"{major}.0.0{prerelease}", (False, True, False)
    elif _is_open(patch):
        written, open_parts = f"{major}{minor}.0{prerelease}", (False, False, True)
    else:
        written = match[2]
    return _Term(match[1], parse(written), *open_parts)


def _is_open(part: str | None) -> bool:
    return not part or part.removeprefix(".") in ("x", "X", "*")


def _not_equal(term: _Term, version: Version) -> bool:
    wanted = term.version
    if not term.is_open or version.major != wanted.major:
        return version != wanted
    if term.any_minor:
        return False
    if term.any_patch:
        return version.minor != wanted.minor or version.prerelease != wanted.prerelease
    return version != wanted  # `!=*` is `!=0.0.0`


def _greater(term: _Term, version: Version) -> bool:
    if not term.is_open:
        return version > term.version
    if version.major != term.version.major:
        return version.major > term.version.major
    if term.any_minor:  # 11.1.0 is not more than 11: that takes 12
        return False
    if term.any_patch:
        return version.minor > term.version.minor
    return version > term.version


def _at_most(term: _Term, version: Version) -> bool:
    if not term.is_open:
        return version <= term.version
    if version.major > term.version.major:
        return False
    same = version.major == term.version.major
    return not (same and version.minor > term.version.minor and not term.any_minor)


def _tilde(term: _Term, version: Version) -> bool:
    wanted = term.version
    if version < wanted:
        return False
    zero = (wanted.major, wanted.minor, wanted.patch) == (0, 0, 0)
    if zero and not term.any_minor and not term.any_patch:
        return True
    if version.major != wanted.major:
        return False
    return version.minor == wanted.minor or term.any_minor


def _equal(term: _Term, version: Version) -> bool:
    return _tilde(term, version) if term.is_open else version == term.version


def _caret(term: _Term, version: Version) -> bool:
    wanted = term.version
    if version < wanted:
        return False
    if wanted.major > 0 or term.any_minor:
        return version.major == wanted.major
    if version.major > 0:
        return False
    if wanted.minor > 0 or term.any_patch:
        return version.minor == wanted.minor
    return version.minor == 0 and version.patch == wanted.patch


_HOLDS: Final[dict[str, Callable[[_Term, Version], bool]]] = {
    "": _equal,
    "=": _equal,
    "!=": _not_equal,
    ">": _greater,
    "<": lambda term, version: version < term.version,
    ">=": lambda term, version: version >= term.version,
    "=>": lambda term, version: version >= term.version,
    "<=": _at_most,
    "=<": _at_most,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}


def difference(one: str, other: str) -> str:
    """Return in which part two versions differ first, as `semverDiff` says it.

    `Major`, `Minor`, `Patch`, `Metadata`, `None` (also when only the pre-release differs), or `Incomparable`
    when one of them is no version.
    """
    try:
        first, second = parse(one), parse(other)
    except VersionError:
        return "Incomparable"
    for name in ("major", "minor", "patch", "metadata"):
        if getattr(first, name) != getattr(second, name):
            return name.capitalize()
    return "None"
