"""Truth written as text, as Go reads it (`strconv.ParseBool`): the one reader of such words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})


def parse(text: str) -> bool | None:
    """Return what a text says; None for what Go does not read."""
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def is_set(marks: Mapping[str, Any] | None, key: str) -> bool:
    """Whether a label, an annotation or a value of a Secret says `true`; those are compared letter for letter."""
    return (marks or {}).get(key) == "true"
