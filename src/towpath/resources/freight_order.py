"""What the newest Freight of an origin is found by, however much there is: one derived index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.document import at

if TYPE_CHECKING:
    from collections.abc import Mapping

DISCOVERED: Final = "origin.discovered"
"""The origin of Freight, and when it was discovered: the text of the time, whose order is that of times to the second."""


def discovered(document: Mapping[str, Any]) -> str:
    """Return origin and time, the empty text for Freight of no origin."""
    origin, time = at(document, "origin", "name"), document.get("discoveredAt")
    if not isinstance(origin, str) or not origin:
        return ""
    return f"{origin}/{time if isinstance(time, str) else ''}"


def of(origin: str) -> tuple[str, str]:
    """Return the range of `DISCOVERED` for one origin (the Warehouse's name)."""
    return f"{origin}/", f"{origin}{chr(ord('/') + 1)}"
