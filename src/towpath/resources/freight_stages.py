"""What Freight is found by without reading all that there is: the Stages that its status names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAMED: Final = "stages.named[]"
"""Each Stage that the status of Freight says something of: that it is there, was verified there, or was approved for it."""

IN: Final = "currentlyIn"
VERIFIED: Final = "verifiedIn"
APPROVED: Final = "approvedFor"


def named(document: Mapping[str, Any]) -> Iterable[str]:
    """Return the names of the Stages that a status names, whatever else may be wrong with it."""
    status = document.get("status")
    if not isinstance(status, dict):
        return ()
    places = (status.get(place) for place in (IN, VERIFIED, APPROVED))
    return {str(name) for place in places if isinstance(place, dict) for name in place}
