"""What is told, as an Event, of what a request has made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources import scheme

if TYPE_CHECKING:
    from towpath.admission.requester import Requester
    from towpath.admission.written import Written
    from towpath.server.services import Services


async def created(written: Written, services: Services, requester: Requester) -> None:
    """Tell of a new object where that is told: of Freight. Controllers tell of their own."""
    if written.stored.ref.kind is scheme.FREIGHT:
        await services.events.freight_created(written.stored, requester.via)
