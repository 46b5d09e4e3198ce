"""Templates: literal text with `${{ … }}` or `${% … %}` in it."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.expressions import gotext, versions
from towpath.expressions.budget import DEEPEST, Budget
from towpath.expressions.coercion import coerced
from towpath.expressions.failure import ExpressionError, at
from towpath.expressions.need import Need
from towpath.expressions.program import (
    LONGEST_KEPT,
    MOST_KEPT,
    NOTHING,
    Library,
    Program,
    compiled,
)
from towpath.expressions.quoting import QUOTING, RESERVED, SIGNATURES
from towpath.expressions.values import Failure, Unknown
from towpath.expressions.versions import VERSIONS
from towpath.resources import sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from towpath.expressions.names_read import Path
    from towpath.expressions.values import Function

MOST_EXPRESSIONS: Final = 2_000
"""Of one text."""
MOST_CHARACTERS: Final = 200_000
"""Of the expressions of one text together."""
_TOO_DEEP: Final = f"the result is nested more than {DEEPEST} levels deep"
_DELIMITERS = (("${{", "}}"), ("${%", "%}"))

_ALWAYS = {**QUOTING, **VERSIONS}
_SIGNATURES = {**SIGNATURES, **versions.SIGNATURES}


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of literal text, or an expression."""

    text: str
    program: Program | None = None
    offset: int = 0


class Template:
    """A compiled template. It keeps nothing of an evaluation and may be shared."""

    __slots__ = ("parts", "source")

    def __init__(self, source: str, parts: tuple[Part, ...]) -> None:
        self.source = source
        self.parts = parts

    @property
    def reads(self) -> frozenset[Path]:
        """What its expressions look at."""
        programs = (part.program for part in self.parts if part.program is not None)
        return frozenset(path for program in programs for path in program.reads)

    @property
    def is_literal(self) -> bool:
        """Whether there is no expression in it."""
        return all(part.program is None for part in self.parts)

    def evaluate(
        self,
        env: Mapping[str, Any],
        functions: Mapping[str, Function] | None = None,
        *,
        known: Mapping[Need, Any] | None = None,
        now: datetime | None = None,
        light: bool = False,
        clock: Callable[[], float] | None = None,
        results: dict[int, Any] | None = None,
    ) -> Any:
        """Return the value of the template after coercion, or a `Need`, as `Program.evaluate` does.

        `results` is given what each expression in it came to, by its place in `parts`. Raises ExpressionError.
        """
        if self.is_literal and "${" not in self.source:
            return self.source
        for name in RESERVED:
            if name in env:
                raise ExpressionError(f"{name} is a function and cannot be a variable")
        every = {**(functions or {}), **_ALWAYS}
        texts = []
        unknown: Unknown | None = None
        budget = Budget(light=light, clock=clock)
        for number, part in enumerate(self.parts):
            if part.program is None:
                texts.append(part.text)
                continue
            value = part.program.evaluate(env, every, known=known, now=now, budget=budget)
            if isinstance(value, Need):
                return value
            if results is not None:
                results[number] = value
            if isinstance(value, Unknown):
                unknown = value
            texts.append(self._text(part, value))
        if unknown is not None:
            return unknown if len(texts) == 1 else Unknown(unknown.source, "".join(texts))
        try:
            value = coerced("".join(texts))
        except RecursionError as error:
            raise ExpressionError(_TOO_DEEP) from error
        if sizes.is_deeper(value, DEEPEST):
            raise ExpressionError(_TOO_DEEP)
        if isinstance(value, float) and not math.isfinite(value):
            raise ExpressionError("the result is a number that JSON does not have")
        return value

    def _text(self, part: Part, value: Any) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, Unknown):
            return str(value)
        try:
            return gotext.json_text(value)
        except Failure as failure:
            raise at(self.source, part.offset, str(failure)) from failure


@functools.lru_cache(maxsize=MOST_KEPT)
def _kept(text: str, signatures: Library) -> Template:
    return _parsed(text, signatures)


def _parsed(text: str, signatures: Library) -> Template:
    parts: list[Part] = []
    here = count = characters = 0
    next_ = {opener: text.find(opener) for opener, _ in _DELIMITERS}
    while True:
        for opener, start in next_.items():  # each is looked for once, where there is none any more
            if 0 <= start < here:
                next_[opener] = text.find(opener, here)
        starts = [(next_[opener], opener, closer) for opener, closer in _DELIMITERS]
        starts = [entry for entry in starts if entry[0] >= 0]
        if not starts:
            break
        start, opener, closer = min(starts)
        end = text.find(closer, start + len(opener))
        if end < 0:
            raise at(
                text, start, f'unclosed expression: expected "{closer}" but reached end of template'
            )
        if start > here:
            parts.append(Part(text[here:start]))
        here = end + len(closer)
        source = text[start + len(opener) : end]
        if not source:  # an empty expression ends the processing: the rest is copied
            break
        count, characters = count + 1, characters + len(source)
        if count > MOST_EXPRESSIONS or characters > MOST_CHARACTERS:
            raise ExpressionError(
                f"the text holds more than {MOST_EXPRESSIONS:,} expressions, or more than {MOST_CHARACTERS:,} characters of "
                "them; divide it, or write it by fewer"
            )
        parts.append(Part(source, compiled(source, signatures), start))
    if here < len(text):
        parts.append(Part(text[here:]))
    return Template(text, tuple(parts))


def template(text: str, library: Library = NOTHING) -> Template:
    """Return the template of a text, from a cache. Raises ExpressionError."""
    signatures = library.with_signatures(_SIGNATURES)
    return (_kept if len(text) <= LONGEST_KEPT else _parsed)(text, signatures)
