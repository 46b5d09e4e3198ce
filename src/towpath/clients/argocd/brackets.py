"""Where objects of a JSON text begin and end, found without decoding it.

Nothing recurses: a text may be nested deeper than any decoder likes. Quantifiers are possessive, so the time is linear.
"""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = rb'[^"{}\[\]]++'
_TEXT: Final = rb'"(?:[^"\\]++|\\.)*+"'
_FLAT: Final = rb"[{\[](?:" + _PLAIN + rb"|" + _TEXT + rb")*+[}\]]"
_NEXT: Final = re.compile(rb"(?:" + _PLAIN + rb"|" + _TEXT + rb")*+([{}\[\]])", re.DOTALL)
_NEXT_INSIDE: Final = re.compile(
    rb"(?:" + _PLAIN + rb"|" + _TEXT + rb"|" + _FLAT + rb")*+([{}\[\]])", re.DOTALL
)
"""The same, with objects and lists that hold no others passed over: there are many of them."""


def following(text: bytes, at: int, *, inside: bool) -> int:
    """Return where the next bracket stands that is no part of a text; -1 if none has come yet.

    `at` is no place within a text. `inside`: whether objects that hold no others may be passed over.
    """
    found = (_NEXT_INSIDE if inside else _NEXT).match(text, at)
    return found.start(1) if found else -1


def opens(text: bytes, where: int) -> bool:
    """Whether the bracket at a place opens."""
    return text[where] in b"{["
