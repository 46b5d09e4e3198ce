"""Globs, translated to RE2: `*`, `**`, `?`, classes, alternatives and escapes.

In names `*` matches anything, `/` included. In paths `*`, `?` and classes stay within one segment and `**` spans
segments, as in Go's doublestar, which has the last word on path selectors (resources.md §4.2).
"""

from __future__ import annotations

from typing import Final

from towpath import patterns
from towpath.patterns import Pattern, PatternError

_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/- ")
_DEEPEST: Final = 20


def compile(text: str, *, is_path: bool) -> Pattern:  # noqa: A001 - as in `patterns`
    """Return a pattern for `Pattern.fullmatch`. Raises PatternError for what is no glob."""
    return patterns.compile(f"(?s:{_Translation(text, is_path=is_path).run()})")


class _Translation:
    """One pass over a glob."""

    def __init__(self, text: str, *, is_path: bool) -> None:
        self._text = text
        self._at = 0
        self._any = "[^/]" if is_path else "."
        self._is_path = is_path

    def run(self) -> str:
        parts: list[str] = []
        depth = 0
        while self._at < len(self._text):
            character = self._text[self._at]
            self._at += 1
            match character:
                case "*":
                    parts.append(self._stars())
                case "?":
                    parts.append(self._any)
                case "[":
                    parts.append(self._class())
                case "{":
                    depth += 1
                    if depth > _DEEPEST:
                        raise self._wrong("alternatives are nested too deeply")
                    parts.append("(?:")
                case "}" if depth:
                    depth -= 1
                    parts.append(")")
                case "," if depth:
                    parts.append("|")
                case "\\":
                    parts.append(_quoted(self._take("a character must follow \\")))
                case _:
                    parts.append(_quoted(character))
        if depth:
            raise self._wrong("{ is not closed")
        return "".join(parts)

    def _stars(self) -> str:
        begin = self._at - 1
        while self._text[self._at : self._at + 1] == "*":
            self._at += 1
        if not self._is_path:
            return ".*"
        is_double = self._at - begin > 1
        is_segment = begin == 0 or self._text[begin - 1] in "/{,"
        after = self._text[self._at : self._at + 1]
        if not is_double or not is_segment or after not in ("", "/", "}", ","):
            return "[^/]*"
        if after == "/":
            self._at += 1
            return "(?:.*/)?"
        return ".*"

    def _class(self) -> str:
        negated = self._text[self._at : self._at + 1] in ("!", "^") and self._at < len(self._text)
        self._at += negated
        members: list[str] = []
        while True:
            character = self._take("[ is not closed")
            if character == "]":
                break
            low = self._member(character)
            if self._text[self._at : self._at + 1] == "-" and self._text[
                self._at + 1 : self._at + 2
            ] not in ("]", ""):
                self._at += 1
                high = self._member(self._take("[ is not closed"))
                if high < low:
                    raise self._wrong(f"{low}-{high} is no range")
                members.append(f"{_quoted(low)}-{_quoted(high)}")
            else:
                members.append(_quoted(low))
        if not members:
            raise self._wrong("a class must not be empty")
        if negated:
            return f"[^{'/' if self._is_path else ''}{''.join(members)}]"
        return f"[{''.join(members)}]"

    def _member(self, character: str) -> str:
        return self._take("[ is not closed") if character == "\\" else character

    def _take(self, wrong: str) -> str:
        if self._at >= len(self._text):
            raise self._wrong(wrong)
        self._at += 1
        return self._text[self._at - 1]

    def _wrong(self, why: str) -> PatternError:
        return PatternError(f"glob {self._text!r}: {why}")


def _quoted(character: str) -> str:
    if character in _PLAIN and character != "-":
        return character
    return f"\\x{{{ord(character):x}}}"
