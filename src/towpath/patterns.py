r"""The one door to regular expressions: RE2, linear in its input, with Go's syntax and ASCII classes.

Users write patterns and hostile text meets them (DESIGN §8), so Python's backtracking `re` never sees
either. `$` without `(?m)` is the true end of text, `\d` and `\w` are ASCII, look-around and
back-references do not exist, as in Go's `regexp`.
"""

from __future__ import annotations

import functools
from typing import Final

import re2

MAX_PATTERN_CHARS: Final = 4096
_MAX_PROGRAM_BYTES: Final = 8 << 20

_options = re2.Options()
_options.log_errors = False
_options.max_mem = _MAX_PROGRAM_BYTES


class PatternError(ValueError):
    """The pattern is not valid RE2; the text says why, in RE2's words."""


class Pattern:
    """A compiled pattern. Text with lone surrogates, which UTF-8 cannot carry, matches nothing."""

    __slots__ = ("_compiled", "text")

    def __init__(self, text: str) -> None:
        _refuse_what_go_refuses(text)
        try:
            self._compiled = re2.compile(text, _options)
        except (re2.error, UnicodeEncodeError) as error:
            raise PatternError(_reason(error)) from error
        self.text = text

    def search(self, subject: str) -> bool:
        """Whether the pattern matches anywhere in `subject` (unanchored, as Go's MatchString)."""
        try:
            return self._compiled.search(subject) is not None
        except UnicodeEncodeError:
            return False

    def fullmatch(self, subject: str) -> bool:
        """Whether the pattern matches the whole of `subject`."""
        try:
            return self._compiled.fullmatch(subject) is not None
        except UnicodeEncodeError:
            return False


@functools.lru_cache(maxsize=4096)
def compile(text: str) -> Pattern:  # noqa: A001 - the field's word for it
    """Compile `text`, from a cache. Raises PatternError."""
    return Pattern(text)


def _refuse_what_go_refuses(text: str) -> None:
    if len(text) > MAX_PATTERN_CHARS:
        raise PatternError(f"pattern is longer than {MAX_PATTERN_CHARS} characters")
    escaped = False
    for character in text:
        if escaped and character == "C":
            raise PatternError(r"invalid escape sequence: \C")
        escaped = character == "\\" and not escaped


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "pattern holds a lone surrogate, which is not valid Unicode"
    [reason] = error.args or ("invalid pattern",)
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
