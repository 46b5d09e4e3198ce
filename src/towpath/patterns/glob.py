"""Globs, translated to RE2: `*`, `**`, `?`, classes, alternatives and escapes, as Go's doublestar reads them.

`*` and `?` stay within one segment of a path, `**` between slashes spans any number of segments, none included:
`x/**` is `x` and all below it. Names of Stages, branches and tags are matched in the same way.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from towpath import patterns
from towpath.patterns import MAX_PATTERN_CHARS, Pattern, PatternError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/ ")
_MOST_ALTERNATIVES: Final = 1024
"""Texts that the braces of one glob may stand for, together."""

_MOST_TOKENS: Final = 100_000
"""Characters that are written while braces are resolved, those in between counted too."""

Tokens = list[str]
"""Single characters, escaped ones with their backslash; the empty text where an alternative begins."""
_BEGINNING: Final = ""


class Glob:
    """A glob that is ready to match."""

    __slots__ = ("_patterns",)

    def __init__(self, compiled: list[Pattern]) -> None:
        self._patterns = compiled

    def fullmatch(self, subject: str) -> bool:
        """Whether the glob stands for the whole of `subject`."""
        return any(pattern.fullmatch(subject) for pattern in self._patterns)


def compile(text: str) -> Glob:  # noqa: A001 - as in `patterns`
    """Read a glob. Raises PatternError for a text that is not one."""
    groups = _groups(text)
    patterns.refuse_weight(sum(map(patterns.weight, groups)), f"glob {text[:100]!r}: it is")
    return Glob([patterns.compile(group) for group in groups])


def weight(text: str) -> int:
    """Return how much work it is to read a glob, as `patterns.weight` does; none for what is no glob."""
    try:
        return sum(map(patterns.weight, _groups(text)))
    except PatternError:
        return 0


@functools.lru_cache(maxsize=64)
def _groups(text: str) -> tuple[str, ...]:
    """Return the regular expressions that a glob stands for. Raises PatternError."""
    if len(text) > MAX_PATTERN_CHARS:
        raise PatternError(f"pattern is longer than {MAX_PATTERN_CHARS} characters")
    tokens = _tokens(text)
    translated = []
    for number, alternative in enumerate(_expanded(tokens, text), 1):
        if number > _MOST_ALTERNATIVES:
            raise _too_many(text)
        translated.append(_translated(alternative, text))
    return tuple(f"(?s:{group})" for group in _grouped(translated))


def _too_many(text: str) -> PatternError:
    return PatternError(f"glob {text[:100]!r}: its braces have too many alternatives")


def _grouped(translated: list[str]) -> Iterator[str]:
    """Yield regular expressions that are short enough to be compiled, each for some of the alternatives."""
    group: list[str] = []
    size = 0
    for one in translated:
        if group and size + len(one) > MAX_PATTERN_CHARS // 2:
            yield "|".join(group)
            group, size = [], 0
        group.append(one)
        size += len(one) + 1
    yield "|".join(group)


def _tokens(text: str) -> Tokens:
    """Split a glob into characters. Raises PatternError unless its classes, braces and escapes are whole."""
    found: Tokens = []
    depth = position = 0
    in_class = False
    while position < len(text):
        character = text[position]
        position += 1
        if character == "\\":
            if position == len(text):
                raise _wrong(text, "a character must follow \\")
            character += text[position]
            position += 1
        found.append(character)
        if in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
            if text[position : position + 1] in ("!", "^") and position < len(text):
                found.append(text[position])
                position += 1
            if text[position : position + 1] == "]":
                raise _wrong(text, "a class must not be empty")
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth < 0:
                raise _wrong(text, "} closes nothing")
    if in_class:
        raise _wrong(text, "[ is not closed")
    if depth:
        raise _wrong(text, "{ is not closed")
    return found


def _expanded(tokens: Tokens, text: str) -> Iterator[Tokens]:
    """Yield the globs without braces that a glob stands for. Raises PatternError when they are too much together."""
    waiting = [(tokens, 0)]
    count = 0
    while waiting:
        one, start = waiting.pop()
        place = _opening(one, start)
        if place is None:
            yield one
            continue
        alternatives, end = _alternatives(one, place)
        braces = end - place
        count += len(alternatives) * (len(one) - braces) + braces
        if count > _MOST_TOKENS:
            raise _too_many(text)
        waiting += [
            ([*one[:place], _BEGINNING, *alternative, *one[end:]], place)
            for alternative in reversed(alternatives)
        ]


def _opening(tokens: Tokens, start: int) -> int | None:
    """Return the place of the first brace outside classes."""
    in_class = False
    for place in range(start, len(tokens)):
        match tokens[place]:
            case "[":
                in_class = True
            case "]":
                in_class = False
            case "{" if not in_class:
                return place
    return None


def _alternatives(tokens: Tokens, place: int) -> tuple[list[Tokens], int]:
    """Return what stands between the commas of the brace at a place, and the place behind it."""
    found: list[Tokens] = [[]]
    depth = 0
    while True:
        place += 1
        if place == len(tokens):  # its closing brace was one of a class
            return found, place
        token = tokens[place]
        if token == "}" and not depth:  # noqa: S105 - a brace
            return found, place + 1
        depth += (token == "{") - (token == "}")  # noqa: S105 - braces
        if token == "," and not depth:  # noqa: S105 - a comma
            found.append([])
        else:
            found[-1].append(token)


def _translated(tokens: Tokens, text: str) -> str:
    """Return the regular expression of a glob without braces.

    What may match nothing at the end may be missing: `/**`, `/**/` and `**/`.
    """
    written = [token for token in tokens if token]
    for tail, pattern in (
        (["/", "*", "*", "/"], "(?:/(?:.*/)?)?"),
        (["/", "*", "*"], "(?:/.*)?"),
        (["*", "*", "/"], "(?:[^/]*/)?"),
    ):
        if written[-len(tail) :] == tail and (tail[0] == "/" or len(written) > len(tail)):
            begin = _place_of(tokens, len(written) - len(tail))
            return _Translation(tokens[:begin], text).run() + pattern
    return _Translation(tokens, text).run()


def _place_of(tokens: Tokens, number: int) -> int:
    """Return the index of the token before which `number` tokens are not empty."""
    for place, token in enumerate(tokens):
        if token:
            if not number:
                return place
            number -= 1
    return len(tokens)


class _Translation:
    """One pass over a glob without braces."""

    def __init__(self, tokens: Tokens, text: str) -> None:
        self._tokens = tokens
        self._text = text
        self._at = 0

    def run(self) -> str:
        parts: list[str] = []
        begins = True
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            match token:
                case "":
                    begins = True
                    continue
                case "*":
                    spans, part = self._stars(begins)
                    parts.append(part)
                    begins = spans
                    continue
                case "?":
                    parts.append("[^/]")
                case "[":
                    parts.append(self._class())
                case _:
                    parts.append(_quoted(token[-1]))
            begins = token[-1] == "/"
        return "".join(parts)

    def _stars(self, begins: bool) -> tuple[bool, str]:
        """Return whether a segment begins behind the stars, and what they are."""
        begin = self._at - 1
        while self._next() == "*":
            self._at += 1
        if begins and self._at - begin == 2:
            if self._at == len(self._tokens):
                return False, ".*"
            if self._next() == "/":
                self._at += 1
                return True, "(?:.*/)?"
        return False, "[^/]*"

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _class(self) -> str:
        negated = self._next() in ("!", "^")
        self._at += negated
        members: list[str] = []
        last = ""
        while (token := self._next()) != "]":
            self._at += 1
            if token == "-" and last and self._next() != "]":  # noqa: S105 - a hyphen
                high = self._next()[-1:]
                self._at += 1
                if last <= high:
                    members.append(f"{_quoted(last)}-{_quoted(high)}")
                last = ""
                continue
            last = token[-1:]
            members.append(_quoted(last))
        self._at += 1
        return f"[{'^' if negated else ''}{''.join(members)}]"


def _wrong(text: str, why: str) -> PatternError:
    return PatternError(f"glob {text!r}: {why}")


def _quoted(character: str) -> str:
    return character if character in _PLAIN else f"\\x{{{ord(character):x}}}"
