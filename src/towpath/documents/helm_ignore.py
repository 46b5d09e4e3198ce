"""Which files of a chart `.helmignore` leaves out, by Helm's own rules, which are not those of Git. Pure.

Rules are asked in their order, and the first that decides counts. A rule that begins with `!` decides for whatever it does
*not* fit: that is left out. A pattern with a slash is held against the whole path, one without against the last name; `*`
stays within one name, and `**` is refused. Source: https://helm.sh/docs/chart_template_guide/helm_ignore_file/ and
https://pkg.go.dev/path/filepath#Match.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.documents import encoding
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME: Final = ".helmignore"
_ALWAYS: Final = "templates/.?*"


@dataclass(frozen=True, slots=True)
class HelmIgnore:
    """The rules of one chart."""

    rules: Sequence[_Rule]

    def ignores(self, path: str) -> bool:
        """Whether a file of the chart is left out, or a folder that it lies in."""
        parts = path.split("/")
        return any(
            self._leaves_out(parts[:count], is_folder=count < len(parts))
            for count in range(1, len(parts) + 1)
        )

    def _leaves_out(self, path: Sequence[str], *, is_folder: bool) -> bool:
        for rule in self.rules:
            fits = (is_folder or not rule.is_for_folders) and rule.fits(path)
            if fits != rule.is_negated:
                return True
        return False


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line."""

    names: Sequence[Sequence[_Piece]]
    """Patterns of the names of a path; one alone where `is_anywhere`."""
    is_anywhere: bool
    is_for_folders: bool
    is_negated: bool

    def fits(self, path: Sequence[str]) -> bool:
        """Whether the pattern fits a path, by its names."""
        if self.is_anywhere:
            return _fits(path[-1], self.names[0])
        return len(path) == len(self.names) and all(map(_fits, path, self.names))


def read(data: bytes, source: str) -> HelmIgnore:
    """Return the rules of a `.helmignore`, empty if there is none. Raises BadRequest naming `source` and the line."""
    _, lines = encoding.decoded(data, source)
    rules = []
    for number, line in enumerate(lines.split("\n"), 1):
        written = line.strip()
        if written and not written.startswith("#"):
            rules.append(_rule(written, f"{source}: line {number}"))
    return HelmIgnore((*rules, _rule(_ALWAYS, source)))


def _rule(written: str, place: str) -> _Rule:
    if "**" in written:
        raise BadRequest(f"{place}: Helm does not know `**`; name each folder, or end with `NAME/`")
    pattern = written.removeprefix("!")
    is_for_folders = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    is_anywhere = "/" not in pattern
    names = [_pieces(name, place) for name in pattern.removeprefix("/").split("/")]
    return _Rule(names, is_anywhere, is_for_folders, written.startswith("!"))


# --- patterns of one name, as Go's filepath.Match reads them -----------------------------------------


@dataclass(frozen=True, slots=True)
class _Characters:
    """One character out of some ranges, or of none of them."""

    ranges: Sequence[tuple[str, str]]
    is_negated: bool

    def has(self, character: str) -> bool:
        """Whether a character is one of them."""
        return any(low <= character <= high for low, high in self.ranges) != self.is_negated


_ANY: Final = _Characters((), is_negated=True)
_STAR: Final = None
"""Stands for any number of any characters."""
_Piece = _Characters | None


def _pieces(pattern: str, place: str) -> list[_Piece]:
    found: list[_Piece] = []
    at = 0
    while at < len(pattern):
        match pattern[at]:
            case "*":
                found.append(_STAR)
                at += 1
            case "?":
                found.append(_ANY)
                at += 1
            case "[":
                characters, at = _class(pattern, at + 1, place)
                found.append(characters)
            case _:
                character, at = _character(pattern, at, place)
                found.append(_Characters(((character, character),), is_negated=False))
    return found


def _class(pattern: str, at: int, place: str) -> tuple[_Characters, int]:
    is_negated = pattern[at : at + 1] == "^"
    at += is_negated
    ranges: list[tuple[str, str]] = []
    while pattern[at : at + 1] != "]" or not ranges:
        if pattern[at : at + 1] in ("", "-", "]"):
            raise _unreadable(pattern, place)
        low, at = _character(pattern, at, place)
        high = low
        if pattern[at : at + 1] == "-":
            if pattern[at + 1 : at + 2] in ("", "-", "]"):
                raise _unreadable(pattern, place)
            high, at = _character(pattern, at + 1, place)
        ranges.append((low, high))
    return _Characters(tuple(ranges), is_negated), at + 1


def _character(pattern: str, at: int, place: str) -> tuple[str, int]:
    if pattern[at] == "\\":
        at += 1
        if at == len(pattern):
            raise _unreadable(pattern, place)
    return pattern[at], at + 1


def _unreadable(pattern: str, place: str) -> BadRequest:
    return BadRequest(f"{place}: the pattern {pattern[:100]!r} cannot be read")


def _fits(name: str, pieces: Sequence[_Piece]) -> bool:
    """Whether a pattern fits a name. Of stars only the last one is tried again, so that it takes no more than the product."""
    at = piece = 0
    star, resumed = -1, 0
    while at < len(name):
        wanted = pieces[piece] if piece < len(pieces) else _Characters((), is_negated=False)
        if wanted is _STAR:
            star, resumed = piece, at
            piece += 1
        elif wanted.has(name[at]):
            at, piece = at + 1, piece + 1
        elif star >= 0:
            resumed += 1
            at, piece = resumed, star + 1
        else:
            return False
    return all(each is _STAR for each in pieces[piece:])
