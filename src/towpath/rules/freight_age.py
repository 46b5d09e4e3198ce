"""How old Freight is: what orders it from the oldest to the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.resources import moments

SECOND: Final = len("2006-01-02T15:04:05")
"""As much of a moment's text orders as its time does."""

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.freight import Freight


def age(freight: Freight) -> tuple[datetime, str]:
    """Return what orders Freight by age: when it was discovered (else created), then its name."""
    return born(freight) or moments.FIRST, freight.metadata.name


def is_of_same_second(one: Freight, other: Freight) -> bool:
    """Whether the texts of two times tell no more of their order: within a second it is not that of the times."""
    return (one.discovered_at or "")[:SECOND] == (other.discovered_at or "")[:SECOND]


def born(freight: Freight) -> datetime | None:
    """Return when Freight was discovered, else created; None if neither is known."""
    found = moments.read(freight.discovered_at)
    return found or moments.read(freight.metadata.creation_timestamp)
