"""JSON as Go's encoder writes it, for texts that others compare byte by byte."""

from __future__ import annotations

from typing import Any, Final

import msgspec

_ESCAPED: Final = str.maketrans(
    {
        "<": r"\u003c",
        ">": r"\u003e",
        "&": r"\u0026",
        "\u2028": r"\u2028",
        "\u2029": r"\u2029",
    }
)
"""What it escapes beyond what JSON asks for."""


def encoded(value: Any) -> str:
    """Return JSON without blanks, keys sorted."""
    return msgspec.json.encode(value, order="sorted").decode().translate(_ESCAPED)
