"""Numbers as expressions write them: `42`, `1_000`, `0x2a`, `0b1`, `0o7`, `1.5`, `2e3`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.expressions.failure import ExpressionError
    from towpath.expressions.lexer import Token

_LARGEST: Final = (1 << 63) - 1


def value(token: Token, error: Callable[[str, Token], ExpressionError]) -> int | float:
    """Return the number that a token stands for. Raises what `error` makes of a message, for one that is none or too large."""
    text = token.value.replace("_", "").lower()
    try:
        if text.startswith(("0x", "0b", "0o")):
            number = int(text, 0)
        elif "." in text or "e" in text:
            found = float(text)
            if math.isinf(found):
                raise error(f"float literal {token.value} is out of range", token)
            return found
        else:
            number = int(text, 10)
    except ValueError as failed:
        raise error(f"invalid number literal {token.value}", token) from failed
    if number > _LARGEST:
        raise error(f"integer literal {token.value} is too large", token)
    return number
