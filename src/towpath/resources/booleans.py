"""Truth written as text, as Go reads it (`strconv.ParseBool`): the one reader of such words."""

from __future__ import annotations

from typing import Final

_TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})


def parse(text: str) -> bool | None:
    """Return what a text says; None for what Go does not read."""
    if text in _TRUE:
        return True
    return False if text in _FALSE else None
