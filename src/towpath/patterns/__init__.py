r"""The only way to regular expressions: RE2, linear in its input, with Go's syntax and ASCII classes.

Users write patterns and hostile text meets them, so Python's backtracking `re` never sees
either. `$` without `(?m)` is the true end of text, `\d` and `\w` are ASCII, look-around and
back-references do not exist, as in Go's `regexp`. What RE2 accepts and Go does not is refused here: `\C`,
group names that are not ASCII or come twice, groups nested more than 1000 deep. The reverse is left: a
pattern that is much work to compile (`\pL{30}`, see `weight`) is read by Go and not here.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import re2

from towpath.patterns.weight import estimate

MAX_PATTERN_CHARS: Final = 4096
MOST_WEIGHT: Final = 25_000
"""Of a pattern, and of all that one document holds: some 50 ms of work, during which nobody else is answered."""
_OF_ANY: Final = 100
"""What any pattern weighs at least."""
_DEEPEST_GROUP: Final = 1000
_MAX_PROGRAM_BYTES: Final = 8 << 20
"""For one pattern: its program and the states that matching caches."""
_MOST_CACHED: Final = 128
"""Compiled patterns kept; with the bound above, what hostile patterns can make us hold."""

_options = re2.Options()
_options.log_errors = False
_options.max_mem = _MAX_PROGRAM_BYTES


class PatternError(ValueError):
    """The pattern is not valid RE2; the text says why, in RE2's words."""


class Pattern:
    """A compiled pattern. Text with lone surrogates, which UTF-8 cannot carry, matches nothing.

    Bytes are matched as UTF-8; what is not UTF-8 in them matches nothing, not even `.`.
    """

    __slots__ = ("_compiled", "text")

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATTERN_CHARS:
            raise PatternError(f"pattern is longer than {MAX_PATTERN_CHARS} characters")
        refuse_weight(found := weight(text), "pattern is")
        _spending.add(found)
        try:
            self._compiled = re2.compile(text, _options)
        except (re2.error, UnicodeEncodeError) as error:
            raise PatternError(_reason(error)) from error
        _refuse_what_go_refuses(text)
        self.text = text

    def search(self, subject: str | bytes) -> bool:
        """Whether the pattern matches anywhere in `subject` (unanchored, as Go's MatchString)."""
        try:
            return self._compiled.search(subject) is not None
        except UnicodeEncodeError:
            return False

    def every(self, subject: str) -> list[str]:
        """Return what the pattern matches in `subject`, from its beginning on; of one with groups the first group of each."""
        try:
            return [
                (found[1] if self._compiled.groups else found[0]) or ""
                for found in self._compiled.finditer(subject)
            ]
        except UnicodeEncodeError:
            return []

    def fullmatch(self, subject: str | bytes) -> bool:
        """Whether the pattern matches the whole of `subject`."""
        try:
            return self._compiled.fullmatch(subject) is not None
        except UnicodeEncodeError:
            return False


class Effort:
    """What the patterns of one document, or of one expression, are together: little, or refused."""

    def __init__(self) -> None:
        self._weight = 0

    @property
    def weight(self) -> int:
        """What they are so far."""
        return self._weight

    @property
    def is_spent(self) -> bool:
        """Whether it is as much as it may be."""
        return self._weight >= MOST_WEIGHT

    def add(self, weight_: int) -> None:
        """Count what was read."""
        self._weight += weight_

    def take(self, weight_: int) -> None:
        """Count what is to be read. Raises PatternError when it is too much, and from then on."""
        self._weight += weight_
        refuse_weight(self._weight, "with those before it, the patterns are")


class _Cache:
    """The patterns that were asked for last. Threads may ask at the same time: each step of it is whole by itself."""

    def __init__(self) -> None:
        self._patterns: dict[str, Pattern] = {}

    def __contains__(self, text: str) -> bool:
        return text in self._patterns

    def find(self, text: str) -> Pattern | None:
        found = self._patterns.pop(text, None)
        if found is not None:
            self._patterns[text] = found
        return found

    def keep(self, pattern: Pattern) -> None:
        self._patterns[pattern.text] = pattern
        if len(self._patterns) > _MOST_CACHED:
            with suppress(
                RuntimeError, StopIteration
            ):  # another thread was at it: the next one removes it
                self._patterns.pop(next(iter(self._patterns)), None)


_cache: Final = _Cache()
_spending: Final = Effort()


def compile(text: str) -> Pattern:  # noqa: A001 - the field's word for it
    """Compile `text`, from a cache. Raises PatternError."""
    found = _cache.find(text)
    if found is None:
        found = Pattern(text)
        _cache.keep(found)
    return found


def spent() -> int:
    """Return what was compiled since the process began: the difference is what something took."""
    return _spending.weight


def weight(text: str) -> int:
    """Return how much work it is to compile a pattern, in instructions."""
    return _OF_ANY + (estimate(text) if len(text) <= MAX_PATTERN_CHARS else 0)


def refuse_weight(found: int, what: str) -> None:
    """Raise PatternError for what is more work than patterns may be."""
    if found > MOST_WEIGHT:
        raise PatternError(
            f"{what} too much work: about {found:,} instructions, at most {MOST_WEIGHT:,}; repeat less, or name "
            "smaller classes"
        )


def work(text: str) -> int:
    """Return how much work `compile` has now: none with what is in the cache, or is refused unread."""
    if text in _cache:
        return 0
    found = weight(text)
    return found if found <= MOST_WEIGHT else _OF_ANY + len(text)


def _refuse_what_go_refuses(text: str) -> None:
    """Raise PatternError for what RE2 has accepted and Go's `regexp/syntax` does not, in Go's words."""
    names: set[str] = set()
    depth = position = 0
    while position < len(text):
        match text[position]:
            case "\\":
                position = _after_escape(text, position)
                continue
            case "[":
                position = _after_class(text, position)
                continue
            case "(":
                depth += 1
                _take_name(text, position, names)
            case ")":
                depth -= 1
        if depth > _DEEPEST_GROUP:
            raise PatternError("expression nests too deeply")
        position += 1


def _after_escape(text: str, start: int) -> int:
    match text[start + 1 : start + 2]:
        case "Q":  # all is literal up to \E
            end = text.find("\\E", start + 2)
            return len(text) if end < 0 else end + 2
        case "C":
            raise PatternError(r"invalid escape sequence: \C")
        case _:
            return start + 2


def _after_class(text: str, start: int) -> int:
    position = start + 1
    position += text.startswith("^", position)
    position += text.startswith("]", position)  # first in a class, it is itself
    while position < len(text) and text[position] != "]":
        if text[position] == "\\":
            position += 2
        elif text.startswith("[:", position) and (end := text.find(":]", position + 2)) > 0:
            position = end + 2
        else:
            position += 1
    return position + 1


def _take_name(text: str, start: int, names: set[str]) -> None:
    opening = next((form for form in ("(?P<", "(?<") if text.startswith(form, start)), None)
    if opening is None:
        return
    name = text[start + len(opening) : text.find(">", start)]
    if not name.isascii():  # RE2 has seen to it that it is a word
        raise PatternError(f"invalid named capture: `{opening}{name}>`")
    if name in names:
        raise PatternError(f"duplicate capture group name: `{name}`")
    names.add(name)


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "pattern holds a lone surrogate, which is not valid Unicode"
    [reason] = error.args or ("invalid pattern",)
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
