r"""How much work a pattern is, told from its text before RE2 sees it.

RE2 is linear in what it searches, but not in the pattern: `\pL` stands for 1,200 instructions, `[\pL\pN]{40}` for
eighty thousand, and twenty characters keep it busy for half a second, during which nobody else gets the interpreter.
The estimate is never far below the truth; above it may be.
"""

from __future__ import annotations

from typing import Final

_UNICODE: Final = 1_200
"""Instructions of a class of Unicode's (`\\pL`)."""
_COMPLEMENT: Final = 20
"""Of a class that says what does not match, and of `.`: any character in UTF-8, but some."""
_ITEM: Final = 5
"""Of a character or a range in a class."""
_FOLDED: Final = 3
"""Times as many, where upper and lower case are the same."""
_MOST_TIMES: Final = 1_000
"""RE2 refuses to repeat more often."""
_ENOUGH: Final = 1 << 40
"""What is heavier is not told apart."""


def estimate(text: str) -> int:
    """Return about how many instructions RE2 makes of a pattern; each takes it one or two microseconds."""
    return _Estimate(text).run()


class _Estimate:
    """One pass over a pattern."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._groups = [0]
        """What the groups that are open weigh so far, the innermost last."""
        self._last = 0
        """What the last atom weighs, which a repetition is about."""

    def run(self) -> int:
        while self._at < len(self._text):
            character = self._text[self._at]
            self._at += 1
            match character:
                case "\\":
                    self._add(self._escape())
                case "[":
                    self._add(self._class())
                case "(":
                    self._groups.append(1)
                case ")" if len(self._groups) > 1:
                    self._add(self._groups.pop())
                case "{":
                    self._repeat()
                case ".":
                    self._add(_COMPLEMENT)
                case _:
                    self._add(1)
        found = sum(self._groups)
        return min(_ENOUGH, found * _FOLDED if _folds_case(self._text) else found)

    def _add(self, weight: int) -> None:
        self._last = min(weight, _ENOUGH)
        self._groups[-1] = min(self._groups[-1] + self._last, _ENOUGH)

    def _escape(self) -> int:
        letter = self._text[self._at : self._at + 1]
        self._at += 1
        if letter in ("p", "P"):
            if self._text[self._at : self._at + 1] == "{":
                end = self._text.find("}", self._at)
                self._at = len(self._text) if end < 0 else end
            self._at += 1
            return _UNICODE
        if letter == "Q":
            end = self._text.find("\\E", self._at)
            end = len(self._text) if end < 0 else end
            count, self._at = end - self._at, end + 2
            return count + 1
        if letter == "x" and self._text[self._at : self._at + 1] == "{":
            end = self._text.find("}", self._at)
            self._at = len(self._text) if end < 0 else end + 1
        return _COMPLEMENT if letter in ("D", "W", "S", "C") else _ITEM

    def _class(self) -> int:
        """Return what the class weighs that begins here."""
        weight = _ITEM
        if self._text.startswith("^", self._at):
            weight += _COMPLEMENT
            self._at += 1
        is_first = True
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == "]" and not is_first:
                self._at += 1
                break
            is_first = False
            if self._text.startswith("[:", self._at):
                end = self._text.find(":]", self._at)
                self._at = self._at + 1 if end < 0 else end + 2
                weight += _COMPLEMENT
                continue
            self._at += 1
            weight += self._escape() if character == "\\" else _ITEM
        return weight

    def _repeat(self) -> None:
        """Count the last atom as often as a repetition says; a brace that begins no repetition counts as a character."""
        end = self._text.find("}", self._at, self._at + 12)
        least, comma, most = self._text[self._at : max(end, self._at)].partition(",")
        if end < 0 or not least.isdecimal() or (most and not most.isdecimal()):
            self._add(1)
            return
        self._at = end + 1
        times = min(int(most or least) + (bool(comma) and not most), _MOST_TIMES + 1)
        self._groups[-1] -= self._last
        self._add(max(1, self._last * max(1, times)))


def _folds_case(text: str) -> bool:
    """Whether a flag in the pattern says that upper and lower case are the same. In doubt the answer is yes."""
    start = text.find("(?")
    while start >= 0:
        flags = text[start + 2 : start + 8]
        for character in flags:
            if character == "i":
                return True
            if character not in "imsU":
                break
        start = text.find("(?", start + 2)
    return False
