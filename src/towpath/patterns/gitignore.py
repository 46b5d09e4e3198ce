r"""Ignore rules as a `.gitignore` has them, matched as git matches them (`git help gitignore`).

The last rule that names a path decides. A rule without a slash names files and folders of that name anywhere; with one it is
meant from where the rules begin. `*` and `?` stay within one name, `**` between slashes spans any number of folders. What lies
in an ignored folder is ignored, whatever later rules say.

Git compares bytes; here `?` and classes stand for characters, as users write them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import patterns
from towpath.patterns import Pattern, PatternError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_RULES: Final = 2000
_SPECIAL: Final = frozenset("*?[\\")
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_NAMED: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r"\t\x20",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"!-.0-~",
    "lower": "a-z",
    "print": r"\x20-.0-~",
    "punct": r"!-.:-@\[-`{-~",
    "space": r"\t-\r\x20",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
"""Classes by name, without the slash, which no class stands for."""
_SLASH: Final = ord("/")
_NOTHING: Final = r"[^\x{0}-\x{10ffff}]"


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line."""

    is_negated: bool
    is_for_folders: bool
    is_anchored: bool
    literal: str | None = None
    """What it names, where no character of it has a meaning."""
    ending: str | None = None
    """What names end with, where it is `*` and plain text."""
    pattern: Pattern | None = None

    def names(self, path: str, name: str, *, is_folder: bool) -> bool:
        """Whether it is about a path; `name` is its last part."""
        if self.is_for_folders and not is_folder:
            return False
        subject = path if self.is_anchored else name
        if self.literal is not None:
            return subject == self.literal
        if self.ending is not None:
            return subject.endswith(self.ending)
        return self.pattern is not None and self.pattern.fullmatch(subject)


class Ignore:
    """Rules that are ready to match. Paths are relative to where the rules begin, with `/` between names."""

    __slots__ = ("_rules",)

    def __init__(self, rules: Iterable[_Rule] = ()) -> None:
        self._rules = tuple(rules)[::-1]

    def __bool__(self) -> bool:
        return bool(self._rules)

    def matches(self, path: str, *, is_folder: bool) -> bool:
        """Whether the rules ignore a path none of whose folders are ignored: for whoever walks down and stops there."""
        shown = path.encode("utf-8", "replace").decode() if not path.isascii() else path
        name = shown.rpartition("/")[2]
        for rule in self._rules:
            if rule.names(shown, name, is_folder=is_folder):
                return not rule.is_negated
        return False

    def hides(self, path: str, *, is_folder: bool) -> bool:
        """Whether the rules ignore a path, or a folder that it lies in."""
        parts = path.split("/")
        return any(
            self.matches("/".join(parts[:count]), is_folder=True) for count in range(1, len(parts))
        ) or self.matches(path, is_folder=is_folder)


def read(text: str) -> Ignore:
    """Read rules, one a line. Raises PatternError when they are too many, or too much work."""
    written = [each for line in text.split("\n") if (each := _trimmed(line))]
    if len(written) > MOST_RULES:
        raise PatternError(f"{len(written):,} ignore rules are too many, at most {MOST_RULES:,}")
    effort = patterns.Effort()
    rules = (_rule(each, effort) for each in written if not each.startswith("#"))
    return Ignore(rule for rule in rules if rule is not None)


def _trimmed(line: str) -> str:
    """Return a line without its end and the blanks there, unless a backslash keeps them."""
    line = line.removesuffix("\r")
    end = len(line.rstrip(" "))
    kept = len(line[:end]) - len(line[:end].rstrip("\\"))
    return line[: end + kept % 2]


def _rule(line: str, effort: patterns.Effort) -> _Rule | None:
    """Return what a line says; None if it can name nothing."""
    is_negated = line.startswith("!")
    line = line[is_negated:]
    is_for_folders = line.endswith("/")
    line = line[: len(line) - is_for_folders]
    is_anchored = "/" in line
    line = line.removeprefix("/")
    if not line:
        return None
    if not _SPECIAL & set(line):
        return _Rule(is_negated, is_for_folders, is_anchored, literal=line)
    if not is_anchored and line[0] == "*" and not _SPECIAL & set(line[1:]):
        return _Rule(is_negated, is_for_folders, is_anchored, ending=line[1:])
    translated = _translated(line)
    if translated is None:
        return None
    effort.take(patterns.weight(translated))
    return _Rule(
        is_negated, is_for_folders, is_anchored, pattern=patterns.compile(f"(?s:{translated})")
    )


def _translated(text: str) -> str | None:
    """Return the regular expression of a rule; None if its classes or escapes are not whole: git matches nothing with it."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        character = text[at]
        at += 1
        if character == "*":
            at, part = _stars(text, at - 1)
            parts.append(part)
        elif character == "?":
            parts.append("[^/]")
        elif character == "[":
            found = _class(text, at)
            if found is None:
                return None
            at, part = found
            parts.append(part)
        elif character == "\\":
            if at == len(text):
                return None
            parts.append(_quoted(text[at]))
            at += 1
        else:
            parts.append(_quoted(character))
    return "".join(parts)


def _stars(text: str, begin: int) -> tuple[int, str]:
    """Return where the stars from `begin` on end, the slash behind them included where it is theirs, and what they mean."""
    end = begin
    while end < len(text) and text[end] == "*":
        end += 1
    begins = begin == 0 or text[begin - 1] == "/"
    if end - begin > 1 and begins:
        if end == len(text):
            return end, ".+"
        if text[end] == "/":
            return end + 1, "(?:.*/)?"
    return end, "[^/]*"


def _class(text: str, at: int) -> tuple[int, str] | None:
    """Return where a class ends that begins behind its bracket, and its expression; None if it is not whole."""
    negated = text[at : at + 1] in ("!", "^") and at < len(text)
    at += negated
    members: list[str] = []
    first, last = True, ""
    while first or text[at : at + 1] != "]":
        if at >= len(text):
            return None
        if text.startswith("[:", at) and (end := text.find("]", at + 2)) >= 0:
            if text[end - 1] == ":" and end - 1 > at + 1:
                named = _NAMED.get(text[at + 2 : end - 1])
                if named is None:
                    return None
                members.append(named)
                at, first, last = end + 1, False, ""
                continue
        elif text.startswith("[:", at):
            return None
        if text[at] == "-" and last and text[at + 1 : at + 2] not in ("", "]"):
            found = _one(text, at + 1)
            if found is None:
                return None
            at, high = found
            members += _span(ord(last), ord(high))
            first, last = False, ""
            continue
        found = _one(text, at)
        if found is None:
            return None
        at, last = found
        members += _span(ord(last), ord(last))
        first = False
    return at + 1, _written(members, negated=negated)


def _one(text: str, at: int) -> tuple[int, str] | None:
    """Return the place behind a member of a class, and the member."""
    if text[at] != "\\":
        return at + 1, text[at]
    return (at + 2, text[at + 1]) if at + 1 < len(text) else None


def _span(low: int, high: int) -> Sequence[str]:
    """Return characters from one to another, without the slash."""
    parts = [(low, min(high, _SLASH - 1)), (max(low, _SLASH + 1), high)]
    return [
        f"\\x{{{begin:x}}}" if begin == end else f"\\x{{{begin:x}}}-\\x{{{end:x}}}"
        for begin, end in parts
        if begin <= end
    ]


def _written(members: list[str], *, negated: bool) -> str:
    if negated:
        return f"[^/{''.join(members)}]"
    return f"[{''.join(members)}]" if members else _NOTHING


def _quoted(character: str) -> str:
    return character if character in _PLAIN else f"\\x{{{ord(character):x}}}"
