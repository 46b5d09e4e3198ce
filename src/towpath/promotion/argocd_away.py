"""What a step about Argo CD does while Argo CD cannot be reached: it waits, and goes on as soon as it can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.promotion.argocd_fields import LOOK_SECONDS
from towpath.promotion.step import Waiting
from towpath.rules import wake_keys

if TYPE_CHECKING:
    from towpath.promotion.effects.argocd import ArgoCDDoor


async def until_reached(door: ArgoCDDoor, why: str) -> Waiting:
    """Return that the connection is waited for. `why`: what is in the way."""
    connection = await door.connection()
    return Waiting(
        waiting_for=why,
        wake=[wake_keys.argocd_connection(connection)],
        again_seconds=LOOK_SECONDS,
    )
