"""Reads a JSONPath template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from towpath.documents.jsonpath.syntax import (
    Below,
    Filter,
    Literal,
    NamedKey,
    Span,
    Union,
    Wildcard,
)
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from towpath.documents.jsonpath.syntax import Path, PathStep, Template

LONGEST: Final = 4096
"""Characters of a template."""
_DEEPEST: Final = 8
"""Filters and unions in one another."""
# Our own and linear; the texts are at most LONGEST long.
_SPAN: Final = re.compile(r"(-?\d{0,9})(:-?\d{0,9})?(:-?\d{0,9})?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_WORD: Final = re.compile(r"\w+", re.ASCII)
_QUOTED: Final = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_COMPARISON: Final = re.compile(r"([^!<>=]+)([!<>=]+)(.+)", re.DOTALL)
_OPERATORS: Final = ("==", "!=", "<", "<=", ">", ">=")
_ENDS_NAME: Final = frozenset(" .,[]$@{}\n\t")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def parse(template: str) -> Template:
    """Return what a template is made of. Raises BadRequest, which names the place."""
    if len(template) > LONGEST:
        raise BadRequest(f"the JSONPath is longer than {LONGEST} characters")
    found: list[Path] = []
    at = 0
    while at < len(template):
        opening = template.find("{", at)
        text = template[at:] if opening < 0 else template[at:opening]
        if text:
            found.append((Literal(text),))
        if opening < 0:
            break
        action = _Action(template, opening + 1, 0)
        found.append(action.path(until="}"))
        at = action.at
    return tuple(found)


class _Action:
    """What stands in braces, read from the left."""

    def __init__(self, text: str, at: int, depth: int) -> None:
        self.text = text
        self.at = at
        self._depth = depth

    def path(self, *, until: str = "") -> Path:
        """Return the path up to a closing sign, or to the end of the text."""
        found: list[PathStep] = []
        while True:
            if self.at >= len(self.text):
                if until:
                    raise self._wrong("it has no closing brace }")
                return tuple(found)
            character = self.text[self.at]
            if until and character == until:
                self.at += 1
                return tuple(found)
            self._step(character, found)

    def _step(self, character: str, found: list[PathStep]) -> None:
        if self.text.startswith("[?(", self.at):
            found.append(self._filter())
        elif self.text.startswith("..", self.at):
            found.append(Below())
            self.at += 2
            if self.at < len(self.text) and self.text[self.at] not in ".[ }":
                found.append(self._member())
        elif character in " @$":
            self.at += 1
        elif character == "[":
            found.extend(self._brackets())
        elif character in "\"'":
            found.append(Literal(self._quoted(character)))
        elif character == ".":
            self.at += 1
            found.append(self._member())
        elif number := _NUMBER.match(self.text, self.at):
            self.at = number.end()
            found.append(Literal(float(number[0])))
        elif word := _WORD.match(self.text, self.at):
            if word[0] not in ("true", "false"):
                raise self._wrong(
                    f"{word[0]!r} is not known here; the name of a key begins with a dot, a text stands in quotes"
                )
            self.at = word.end()
            found.append(Literal(word[0] == "true"))
        else:
            raise self._wrong(f"{character!r} has no meaning here")

    def _member(self) -> PathStep:
        name: list[str] = []
        while self.at < len(self.text) and self.text[self.at] not in _ENDS_NAME:
            if self.text[self.at] == "\\" and self.at + 1 < len(self.text):
                self.at += 1
            name.append(self.text[self.at])
            self.at += 1
        if not name:
            raise self._wrong("a name is missing after the dot")
        return Wildcard() if name == ["*"] else NamedKey("".join(name))

    def _quoted(self, quote: str) -> str:
        found: list[str] = []
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] != quote:
            character = self.text[self.at]
            if character == "\\" and self.at + 1 < len(self.text):
                self.at += 1
                character = _ESCAPES.get(self.text[self.at], self.text[self.at])
            found.append(character)
            self.at += 1
        if self.at >= len(self.text):
            raise self._wrong(f"a text has no closing {quote}")
        self.at += 1
        return "".join(found)

    def _brackets(self) -> Path:
        opening = self.at
        end = self._end_of_brackets()
        inner = self.text[opening + 1 : end]
        parts = _parts(inner)
        self.at = end + 1
        if len(parts) == 1:
            return self._bracketed(parts[0], opening)
        return (Union(tuple(self._bracketed(part.strip(" "), opening) for part in parts)),)

    def _bracketed(self, inner: str, opening: int) -> Path:
        if quoted := _QUOTED.fullmatch(inner):
            # As upstream reads it: `['a.b']` is `.a.b`, and `['a\.b']` is one name.
            name = quoted[1] if quoted[1] is not None else quoted[2]
            return self._within(f".{name}").path()
        span = _SPAN.fullmatch(":" if inner == "*" else inner)
        if span is None or not inner:
            self.at = opening
            raise self._wrong(f"[{inner}] is no place, no range of places and no name in quotes")
        first, second, third = span.groups()
        start = int(first) if first not in ("", "-") else None
        if second is None:
            if start is None:
                self.at = opening
                raise self._wrong(f"[{inner}] is no place")
            return (Span(start, start + 1, None, is_one=True),)
        numbers = [
            int(part[1:]) if part is not None and part[1:] not in ("", "-") else None
            for part in (second, third)
        ]
        return (Span(start, numbers[0], numbers[1]),)

    def _end_of_brackets(self) -> int:
        quote = ""
        for place in range(self.at + 1, len(self.text)):
            character = self.text[place]
            if quote:
                quote = "" if character == quote else quote
            elif character in "'\"":
                quote = character
            elif character == "]":
                return place
        raise self._wrong("[ has no closing ]")

    def _filter(self) -> Filter:
        opening = self.at
        self.at += len("[?(")
        begin, quote, depth = self.at, "", 0
        while self.at < len(self.text):
            character = self.text[self.at]
            if quote:
                if character == "\\":
                    self.at += 1
                elif character == quote:
                    quote = ""
            elif character in "'\"":
                quote = character
            elif character == "(":
                depth += 1
            elif character == ")":
                if not depth:
                    break
                depth -= 1
            self.at += 1
        if self.text[self.at : self.at + 2] != ")]":
            self.at = opening
            raise self._wrong("the filter [?( has no closing )]")
        inner = self.text[begin : self.at]
        self.at += 2
        compared = _COMPARISON.fullmatch(inner)
        if compared is None:
            return Filter(self._within(inner).path())
        left, operator, right = compared.groups()
        if operator not in _OPERATORS:
            self.at = opening
            raise self._wrong(f"{operator!r} compares nothing; there are {', '.join(_OPERATORS)}")
        return Filter(self._within(left).path(), operator, self._within(right).path())

    def _within(self, text: str) -> _Action:
        if self._depth >= _DEEPEST:
            raise self._wrong(f"more than {_DEEPEST} filters lie in one another")
        return _Action(text, 0, self._depth + 1)

    def _wrong(self, why: str) -> BadRequest:
        shown = self.text if len(self.text) <= 200 else f"{self.text[:200]}…"
        return BadRequest(
            f"the JSONPath {shown!r} cannot be read at character {self.at + 1}: {why}"
        )


def _parts(inner: str) -> list[str]:
    """Return what commas part, those in quotes not counted."""
    parts, begin, quote = [], 0, ""
    for place, character in enumerate(inner):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == ",":
            parts.append(inner[begin:place])
            begin = place + 1
    return [*parts, inner[begin:]]
