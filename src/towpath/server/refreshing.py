"""Asking a controller to look at an object now: an annotation with a token, which its status repeats when it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources import moments
from towpath.resources.annotations import REFRESH

if TYPE_CHECKING:
    from towpath.admission.requester import Requester
    from towpath.resources.kinds import Ref
    from towpath.server.services import Services


async def refresh(services: Services, ref: Ref, requester: Requester) -> None:
    """Note the request on the object; the controller notes in its status when it was met. Raises NotFound."""
    token = moments.precise(services.clock.now())
    await services.writer.annotate(ref, {REFRESH: token}, requester)
