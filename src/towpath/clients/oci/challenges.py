"""`WWW-Authenticate` headers (RFC 9110, section 11.6.1): what a registry wants to be told before it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE: Final = re.compile(
    r"""(?:
        (?P<name>[\w!#$%&'*+.^`|~-]+)[ \t]*=[ \t]*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s,"]+))
        |(?P<scheme>[\w!#$%&'*+.^`|~-]+)(?=[\s,]|\Z)
        |(?P<rest>[^\s,]+)
    )""",
    re.VERBOSE,
)
_ESCAPED: Final = re.compile(r"\\(.)")
_LONGEST: Final = 4 << 10
"""Characters that are read; a hostile server could send any number of headers, which cost more than their length."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way in."""

    scheme: str
    """In lower case: `basic`, `bearer`."""
    parameters: dict[str, str] = field(default_factory=dict)
    """By name in lower case; of several of one name the first."""


def challenges(header: str) -> list[Challenge]:
    """Return the challenges of a header, or of several joined by commas, in their order."""
    found: list[Challenge] = []
    for scheme, name, value in _pieces(header[:_LONGEST]):
        if scheme:
            found.append(Challenge(scheme.lower()))
        elif name and found:
            found[-1].parameters.setdefault(name.lower(), value)
    return found


def _pieces(header: str) -> Iterator[tuple[str, str, str]]:
    for piece in _PIECE.finditer(header):
        if piece["quoted"] is not None:
            yield "", piece["name"], _ESCAPED.sub(r"\1", piece["quoted"])
        elif piece["name"]:
            yield "", piece["name"], piece["bare"]
        elif piece["scheme"]:
            yield piece["scheme"], "", ""
