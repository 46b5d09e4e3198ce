"""How old Freight is: what orders it from the oldest to the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources import moments

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.resources.freight import Freight


def age(freight: Freight) -> tuple[datetime, str]:
    """Return what orders Freight by age: when it was discovered (else created), then its name."""
    return born(freight) or moments.FIRST, freight.metadata.name


def born(freight: Freight) -> datetime | None:
    """Return when Freight was discovered, else created; None if neither is known."""
    found = moments.read(freight.discovered_at)
    return found or moments.read(freight.metadata.creation_timestamp)
