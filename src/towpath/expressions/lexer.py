"""Text to tokens: numbers, strings, names and operators, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NoReturn

from towpath.expressions.failure import at

Kind = Literal["identifier", "number", "string", "bytes", "operator", "bracket", "end"]

LONGEST: Final = 100_000
"""Characters of an expression."""

WORD_OPERATORS: Final = frozenset(
    {
        "and", "contains", "else", "endsWith", "if", "in", "let", "matches", "not", "or", "startsWith",
    }
)  # fmt: skip

_TWO: Final = frozenset({"&&", "||", "==", "!=", "<=", ">=", "**", "??", "?.", "..", "::"})
_ONE: Final = frozenset("+-*/%^<>=!?:;,.|#&")
_SIMPLE: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `value` is what it means (unescaped text for strings), `text` how it is written."""

    kind: Kind
    value: str
    offset: int
    raw: bytes = b""
    """The content of a bytes literal."""

    def is_(self, kind: Kind, *values: str) -> bool:
        """Whether it is of a kind, and one of the values if there are any."""
        return self.kind == kind and (not values or self.value in values)


def tokens(source: str) -> list[Token]:
    """Return the tokens of an expression, an `end` token last. Raises ExpressionError."""
    if len(source) > LONGEST:
        raise at(source[:80], 0, f"the expression is longer than {LONGEST:,} characters")
    for offset, character in enumerate(source):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            raise at(
                source, offset, f"the character U+{ord(character):04X} cannot be in an expression"
            )
    lexer = _Lexer(source)
    found = []
    while True:
        token = lexer.next()
        found.append(token)
        if token.kind == "end":
            return found


def is_identifier_start(character: str) -> bool:
    """Whether a name can begin with a character."""
    return character in ("_", "$") or character.isalpha()


def is_identifier_part(character: str) -> bool:
    """Whether a name can go on with a character."""
    return is_identifier_start(character) or character.isdecimal()


class _Lexer:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0

    def next(self) -> Token:
        self._skip_space()
        source, start = self._source, self._at
        if start >= len(source):
            return Token("end", "", start)
        character = source[start]
        if character in "bB" and source[start + 1 : start + 2] in ('"', "'"):
            self._at += 1
            return self._quoted(start, is_bytes=True)
        if is_identifier_start(character):
            return self._word(start)
        if character in "0123456789" or (
            character == "." and source[start + 1 : start + 2].isdecimal()
        ):
            return self._number(start)
        if character in "\"'":
            return self._quoted(start, is_bytes=False)
        if character == "`":
            return self._backticks(start)
        if character in "([{}])":
            self._at += 1
            return Token("bracket", character, start)
        if source[start : start + 2] in _TWO:
            self._at += 2
            return Token("operator", source[start : start + 2], start)
        if character in _ONE and character != "&":
            self._at += 1
            return Token("operator", character, start)
        raise at(source, start, f"unrecognized character: {character!r}")

    def _skip_space(self) -> None:
        source = self._source
        while self._at < len(source):
            if source[self._at].isspace():
                self._at += 1
            elif source.startswith("//", self._at):
                end = source.find("\n", self._at)
                self._at = len(source) if end < 0 else end
            elif source.startswith("/*", self._at):
                end = source.find("*/", self._at + 2)
                if end < 0:
                    raise at(source, self._at, "unclosed comment")
                self._at = end + 2
            else:
                return

    def _word(self, start: int) -> Token:
        source = self._source
        while self._at < len(source) and is_identifier_part(source[self._at]):
            self._at += 1
        word = source[start : self._at]
        return Token("operator" if word in WORD_OPERATORS else "identifier", word, start)

    def _number(self, start: int) -> Token:
        source = self._source
        digits = "0123456789_"
        prefix = source[start : start + 2].lower()
        if prefix in ("0x", "0b", "0o"):
            self._at += 2
            digits = {"0x": "0123456789abcdefABCDEF_", "0b": "01_", "0o": "01234567_"}[prefix]
            self._take(digits)
        else:
            self._take(digits)
            if source[self._at : self._at + 1] == "." and source[self._at : self._at + 2] != "..":
                self._at += 1
                self._take(digits)
            if source[self._at : self._at + 1] in ("e", "E"):
                self._at += 1
                if source[self._at : self._at + 1] in ("+", "-"):
                    self._at += 1
                self._take(digits)
        if self._at < len(source) and is_identifier_part(source[self._at]):
            raise at(source, start, f"bad number syntax: {source[start : self._at + 1]!r}")
        return Token("number", source[start : self._at], start)

    def _take(self, characters: str) -> None:
        while self._at < len(self._source) and self._source[self._at] in characters:
            self._at += 1

    def _backticks(self, start: int) -> Token:
        parts, here = [], start + 1
        while True:
            end = self._source.find("`", here)
            if end < 0:
                raise at(self._source, start, "literal not terminated")
            parts.append(self._source[here:end])
            if self._source[end + 1 : end + 2] != "`":
                break
            parts.append("`")
            here = end + 2
        self._at = end + 1
        return Token("string", "".join(parts).replace("\r\n", "\n"), start)

    def _quoted(self, start: int, *, is_bytes: bool) -> Token:
        source = self._source
        quote = source[self._at]
        self._at += 1
        text: list[str] = []
        raw = bytearray()
        while True:
            if self._at >= len(source):
                raise at(source, start, "literal not terminated")
            character = source[self._at]
            if character == quote:
                self._at += 1
                break
            if character == "\n":
                raise at(source, self._at, "literal not terminated")
            self._at += 1
            piece = self._escape(quote, is_bytes=is_bytes) if character == "\\" else character
            if is_bytes:
                raw += piece if isinstance(piece, bytes) else piece.encode()
            else:
                text.append(piece if isinstance(piece, str) else piece.decode("latin-1"))
        if is_bytes:
            return Token("bytes", source[start : self._at], start, bytes(raw))
        return Token("string", "".join(text).replace("\r\n", "\n"), start)

    def _escape(self, quote: str, *, is_bytes: bool) -> str | bytes:
        """Return what an escape stands for; the backslash is behind us."""
        source, start = self._source, self._at - 1
        character = source[self._at : self._at + 1]
        self._at += 1
        if character == quote:
            return quote
        if character in _SIMPLE:
            return _SIMPLE[character]
        if character and character in "0123":
            value = self._digits(self._at - 1, 3, 8, start)
            self._at += 2
        elif character == "x":
            value = self._digits(self._at, 2, 16, start)
            self._at += 2
        elif character == "u" and not is_bytes and source[self._at : self._at + 1] == "{":
            end = source.find("}", self._at)
            if not 1 <= end - self._at - 1 <= 6:
                self._bad_escape(start)
            value = self._digits(self._at + 1, end - self._at - 1, 16, start)
            self._at = end + 1
        elif character in ("u", "U") and not is_bytes:
            width = 4 if character == "u" else 8
            value = self._digits(self._at, width, 16, start)
            self._at += width
        else:
            self._bad_escape(start)
        if is_bytes:
            return bytes((value,))
        if value > 0x10FFFF or 0xD800 <= value <= 0xDFFF:
            self._bad_escape(start)
        return chr(value)

    def _digits(self, start: int, width: int, base: int, escape: int) -> int:
        digits = self._source[start : start + width]
        allowed = "0123456789abcdefABCDEF" if base == 16 else "01234567"
        if len(digits) != width or any(digit not in allowed for digit in digits):
            self._bad_escape(escape)
        return int(digits, base)

    def _bad_escape(self, start: int) -> NoReturn:
        raise at(self._source, start, "unable to unescape string")
