"""What knows values, and replaces them in texts.

Values that overlap become one. What is left of a value before or behind a cut is masked, too; and a text that is made to
cost too much is, as a whole.
"""

from __future__ import annotations

import weakref
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Final

from towpath.masking.forms import SHORTEST, cores, forms, in_lower_case
from towpath.masking.pieces import Ends, Pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MASK: Final = "***"
MOST_VALUES: Final = 10_000
MOST_FORMS: Final = 60_000
"""In which the values are looked for, all together."""
_MOST_CHARACTERS: Final = 16 << 20
"""Of all forms."""
_SHORTEST_CUT: Final = 4
"""Characters of a value that are left before or after a cut, from which on they are masked."""
_CUTS: Final = ("…", "...", "[...]", "\n[...]\n")
_DOTS: Final = ("…", "...")
"""One of them is in every cut."""
_EFFORT: Final = 8_000_000
"""What may be spent on one text or JSON value, in units of about 10 ns. Texts that are made to cost more, as one that
is nothing but places where a value might begin, are masked as a whole."""
_LOOK: Final = 32
"""What it costs to look at one place, beside the characters that are compared there."""
_CUT: Final = 1_600
"""What it costs to look at both sides of a cut, as if so many characters were compared."""
_PUBLIC: Final = frozenset({"true", "false", "null"})
_BASE64: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/-_=")

_NONE: Final[dict[int, set[str]]] = {}

_live: weakref.WeakSet[Masker] = weakref.WeakSet()


class TooMany(Exception):  # noqa: N818 - a bound, not a fault
    """There are more values than can be looked for."""


class _Exhausted(Exception):  # noqa: N818 - a signal
    """The effort for a text is spent."""


class _Effort:
    """How much may still be spent."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = _EFFORT

    def spend(self, characters: int) -> None:
        """Look at a place, and compare so many characters. Raises _Exhausted."""
        self._left -= _LOOK + (characters >> 3)
        if self._left < 0:
            raise _Exhausted


class Masker:
    """Knows values, and masks them. One for each piece of work that is told secrets."""

    def __init__(
        self, values: Iterable[str] = (), *, live: bool = False, shown: str = MASK
    ) -> None:
        """`live`: lines of the log are masked by it, too, for as long as it exists. `shown`: what stands for a value."""
        self._shown = shown
        self._values: dict[str, None] = {}
        self._whole: set[str] = set()
        """Values, in lower case, that are masked where they are a whole text."""
        self._heads: dict[str, dict[int, set[str]]] = {}
        """Forms, in lower case, by their first characters and their length."""
        self._cores: set[str] = set()
        """Forms that are the middle of something in base64: what surrounds them belongs to it."""
        self._tails: dict[str, set[str]] = {}
        """Forms by their last characters."""
        self._pieces, self._beginnings, self._ends = Pieces(), Ends(), Ends()
        self._count = self._characters = self._longest = 0
        for value in values:
            self.learn(value)
        if live:
            _live.add(self)

    def __bool__(self) -> bool:
        return bool(self._values)

    def __len__(self) -> int:
        """How many values were learnt."""
        return len(self._values)

    def learn(self, value: str) -> bool:
        """Take a value to be masked; whether it is new. Raises TooMany.

        A value that is nothing but spaces or asterisks, or says only true, false or null, is none.
        """
        bare = value.strip()
        if bare in self._values or not bare.strip("*") or bare.lower() in _PUBLIC:
            return False
        if len(self._values) >= MOST_VALUES:
            raise TooMany(f"more than {MOST_VALUES:,} secret values")
        self._whole.add(in_lower_case(bare))
        if len(bare) >= SHORTEST:
            for form in forms(bare):
                self._add(form)
            for core in cores(bare):
                self._add(core)
                self._cores.add(in_lower_case(core))
        self._values[bare] = None  # not before: a value that there was no room for is refused again
        return True

    def _add(self, form: str) -> None:
        lowered = in_lower_case(form)
        found = self._heads.setdefault(lowered[:SHORTEST], {}).setdefault(len(lowered), set())
        if lowered in found:
            return
        self._count += 1
        self._characters += len(lowered)
        if self._count > MOST_FORMS or self._characters > _MOST_CHARACTERS:
            raise TooMany("more secret text than can be looked for")
        found.add(lowered)
        self._tails.setdefault(lowered[-_SHORTEST_CUT:], set()).add(lowered)
        self._pieces.add(lowered)
        self._beginnings.add(lowered[:_SHORTEST_CUT])
        self._ends.add(lowered[-_SHORTEST_CUT:])
        self._longest = max(self._longest, len(lowered))

    def mask(self, text: str) -> str:
        """Return a text with every value in it replaced by the mask; values that overlap become one."""
        try:
            return self._masked_text(text, _Effort())
        except _Exhausted:
            return self._shown

    def _masked_text(self, text: str, effort: _Effort) -> str:
        if not self._values or not text:
            return text
        lowered = in_lower_case(text)
        if lowered.strip() in self._whole:
            return self._shown
        if len(lowered) < SHORTEST:
            return text  # no room for a form, nor for what a cut leaves of one
        spans = sorted(self._spans(text, lowered, effort))
        if not spans:
            return text
        parts, done, until = [], 0, -1
        for start, end in spans:
            if start > until:
                parts += [text[done:start], self._shown]
            until = done = max(until, end)
        parts.append(text[done:])
        return "".join(parts)

    def masked(self, value: Any) -> Any:
        """Return a JSON value with every text, key and number in it masked; the very same one if nothing was."""
        if not self._may_hold(value):
            return value
        try:
            return self._masked(value, _Effort())
        except _Exhausted:
            return _hidden(value, self._shown)

    def _may_hold(self, value: Any) -> bool:
        """Whether there may be something to mask in a JSON value: its texts are gone through at once, as one.

        In most there is nothing. Each of thousands of small texts would cost more than what stands in it.
        """
        if not self._values:
            return False
        lowered = [in_lower_case(text) for text in _texts(value)]
        if any(text.strip() in self._whole for text in lowered):
            return True
        joined = "\n".join(lowered)
        if any(dots in joined for dots in _DOTS):
            return True
        try:
            return next(self._found(joined, _Effort()), None) is not None
        except _Exhausted:
            return True

    def _masked(self, value: Any, effort: _Effort) -> Any:
        match value:
            case str():
                return self._masked_text(value, effort)
            case bool() | None:
                return value
            case int() | float():
                said = str(value)
                return self._shown if self._masked_text(said, effort) != said else value
            case list():
                items = [self._masked(item, effort) for item in value]
                return items if _differ(items, value) else value
            case dict():
                pairs = {
                    self._masked_text(str(key), effort): self._masked(item, effort)
                    for key, item in value.items()
                }
                same = pairs.keys() == value.keys() and not _differ(pairs.values(), value.values())
                return value if same else pairs
            case _:
                return value

    def holds(self, value: Any) -> bool:
        """Whether a JSON value holds a secret one."""
        return bool(self._values) and self.masked(value) is not value

    def _spans(self, text: str, lowered: str, effort: _Effort) -> Iterator[tuple[int, int]]:
        """Yield where something is to be masked."""
        start = end = 0
        for at, form in self._found(lowered, effort):
            if form not in self._cores:
                yield at, at + len(form)
                continue
            if start <= at < end:
                continue  # it stands in what was found last
            start, end = at, at + len(form)
            while start and text[start - 1] in _BASE64:
                start -= 1
            while end < len(text) and text[end] in _BASE64:
                end += 1
            yield start, end
        yield from self._beside_cuts(lowered, effort)

    def _beside_cuts(self, lowered: str, effort: _Effort) -> Iterator[tuple[int, int]]:
        """Yield what cuts have left of values."""
        if not any(dots in lowered for dots in _DOTS):
            return
        cuts: list[tuple[int, int]] = []
        for cut in _CUTS:
            at = lowered.find(cut)
            while at >= 0:
                effort.spend(0)
                cuts.append((at, at + len(cut)))
                at = lowered.find(cut, at + len(cut))
        if not cuts:
            return
        first, last = min(cuts)[0], max(end for _, end in cuts)
        starts = self._beginnings.places(lowered, first - self._longest, last)
        ends = [
            at + _SHORTEST_CUT for at in self._ends.places(lowered, first, last + self._longest)
        ]
        for begin, end in cuts if starts or ends else ():
            effort.spend(_CUT)
            yield from self._before(lowered, begin, starts, effort)
            yield from self._behind(lowered, end, ends, effort)

    def _found(self, lowered: str, effort: _Effort) -> Iterator[tuple[int, str]]:
        """Yield where forms stand, in order, and which."""
        for at in self._pieces.starts(lowered):
            for length, known in self._heads.get(lowered[at : at + SHORTEST], _NONE).items():
                effort.spend(length)
                if (form := lowered[at : at + length]) in known:
                    yield at, form

    def _before(
        self, lowered: str, cut: int, starts: list[int], effort: _Effort
    ) -> Iterator[tuple[int, int]]:
        """Yield the beginning of a value that ends where a text was cut. `starts`: where one might begin."""
        first = bisect_left(starts, cut - self._longest)
        for place in range(first, bisect_right(starts, cut - _SHORTEST_CUT)):
            at = starts[place]
            effort.spend(0)
            left = lowered[at:cut]
            for length, known in self._heads.get(lowered[at : at + _SHORTEST_CUT], _NONE).items():
                if length < len(left):
                    continue
                for form in known:
                    effort.spend(len(left))
                    if form.startswith(left):
                        yield at, cut
                        return  # whatever begins behind it is within it

    def _behind(
        self, lowered: str, cut: int, ends: list[int], effort: _Effort
    ) -> Iterator[tuple[int, int]]:
        """Yield the end of a value that begins where a text was cut. `ends`: where one might end."""
        first = bisect_left(ends, cut + _SHORTEST_CUT)
        for place in range(bisect_right(ends, cut + self._longest) - 1, first - 1, -1):
            end = ends[place]
            effort.spend(0)
            left = lowered[cut:end]
            for form in self._tails.get(lowered[end - _SHORTEST_CUT : end], ()):
                effort.spend(len(left))
                if form.endswith(left):
                    yield cut, end
                    return


def mask(text: str, values: Iterable[str]) -> str:
    """Return a text with every one of `values` in it masked."""
    return Masker(values).mask(text)


def mask_log_line(line: str) -> str:
    """Return a line of the log with the values masked that any work under way was told."""
    for masker in list(_live):
        line = masker.mask(line)
    return line


def _hidden(value: Any, mask: str) -> Any:
    """Return a JSON value of which nothing can be seen but how it is built."""
    match value:
        case bool() | None:
            return value
        case list():
            return [_hidden(item, mask) for item in value]
        case dict():
            return {
                f"{mask}{number}": _hidden(item, mask) for number, item in enumerate(value.values())
            }
        case _:
            return mask


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts of a JSON value: those that are values, keys, and what numbers are written as."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            yield from map(str, each)
            left.extend(each.values())
        elif isinstance(each, list):
            left.extend(each)
        elif isinstance(each, int | float) and not isinstance(each, bool):
            yield str(each)


def _differ(left: Iterable[Any], right: Iterable[Any]) -> bool:
    return any(one is not other for one, other in zip(left, right, strict=True))
