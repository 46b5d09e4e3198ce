"""Texts that select by name or by path: plain, `glob:…`, or `regex:…` (also `regexp:…`)."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from towpath import patterns
from towpath.patterns import PatternError, glob

if TYPE_CHECKING:
    from collections.abc import Callable

_FORMS: Final = ("glob", "regex", "regexp")


def is_pattern(text: str) -> bool:
    """Whether a text selects by a pattern rather than by itself."""
    return text.partition(":")[0] in _FORMS and ":" in text


def weight(text: str) -> int:
    """Return how much work it is to read a selector, as `patterns.weight` does."""
    form, colon, rest = text.partition(":")
    if not colon or form not in _FORMS:
        return 0
    return patterns.weight(rest) if form != "glob" else glob.weight(rest)


def name(text: str) -> Callable[[str], bool]:
    """Return the test that a selector of names stands for. Raises PatternError.

    A plain text selects the name that equals it; a regular expression is not anchored.
    """
    form, colon, rest = text.partition(":")
    if colon and form == "glob":
        return glob.compile(rest).fullmatch
    if colon and form in _FORMS:
        return patterns.compile(rest).search
    if colon:
        raise PatternError(f"{text!r}: what comes before the colon must be glob, regex or regexp")
    return lambda subject: subject == text


def path(text: str) -> Callable[[str], bool]:
    """Return the test that a selector of paths in a repository stands for. Raises PatternError.

    A plain text selects that path and all below it; a glob must match the whole path; a regular expression is
    not anchored.
    """
    form, colon, rest = text.partition(":")
    if colon and form == "glob":
        return glob.compile(rest).fullmatch
    if colon and form in _FORMS:
        return patterns.compile(rest).search
    return _below(text)


def _below(base: str) -> Callable[[str], bool]:
    """Return the test whether a path is a folder or lies in it; it compares whole segments, and `..` does not lead out of the folder."""
    is_absolute, folder = _segments(base)

    def selected(subject: str) -> bool:
        absolute, found = _segments(subject)
        rest = found[len(folder) :]
        return absolute == is_absolute and found[: len(folder)] == folder and ".." not in rest

    return selected


def _segments(path: str) -> tuple[bool, list[str]]:
    """Return whether a path begins at the root, and the names it consists of, without `.` and needless `..`."""
    names = posixpath.normpath(path).split("/") if path else []
    return path.startswith("/"), [name for name in names if name not in ("", ".")]
