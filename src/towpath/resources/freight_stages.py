"""What Freight is found by without reading all that there is: the Stages that its status names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAMED: Final = "stages.named[]"
"""Each Stage that the status of Freight says something of: that it is there, was verified there, or was approved for it."""
WHERE_VERIFIED: Final = "stages.verified[]"
"""Each Stage that Freight was verified in."""
WHERE_APPROVED: Final = "stages.approved[]"
"""Each Stage that Freight was approved for."""

IN: Final = "currentlyIn"
VERIFIED: Final = "verifiedIn"
APPROVED: Final = "approvedFor"


def named(document: Mapping[str, Any]) -> Iterable[str]:
    """Return the names of the Stages that a status names, whatever else may be wrong with it."""
    return _names(document, IN, VERIFIED, APPROVED)


def verified(document: Mapping[str, Any]) -> Iterable[str]:
    """Return the names of the Stages in which a status says that the Freight was verified."""
    return _names(document, VERIFIED)


def approved(document: Mapping[str, Any]) -> Iterable[str]:
    """Return the names of the Stages for which a status says that the Freight was approved."""
    return _names(document, APPROVED)


def _names(document: Mapping[str, Any], *places: str) -> set[str]:
    status = document.get("status")
    if not isinstance(status, dict):
        return set()
    found = (status.get(place) for place in places)
    return {str(name) for entries in found if isinstance(entries, dict) for name in entries}
