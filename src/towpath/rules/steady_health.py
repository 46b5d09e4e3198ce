"""When a change of a Stage's health is recorded: once it has lasted, so that what flickers is not written, nor acted upon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.resources.stage import HealthState

if TYPE_CHECKING:
    from towpath.resources.stage import Health


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is to be recorded."""

    health: Health | None
    left_at: float | None = None
    """When what was seen began to differ from what is recorded (seconds of a monotonic clock); None: it does not."""


def recorded(
    before: Health | None,
    seen: Health | None,
    left_at: float | None,
    *,
    now: float,
    seconds: float,
    was_well: bool,
) -> Recorded:
    """Return the health to record.

    `before`: what is recorded, None where nothing is that checks have found; `left_at`: as it was returned last. A state
    that is recorded lasts so many seconds at least; news within one state is recorded at once, and so is that what is in
    the Stage got well for the first time (`was_well`: it has been before), as its verification waits for that.
    """
    if before is None or seen is None or before.status == seen.status:
        return Recorded(seen)
    if not was_well and seen.status == HealthState.HEALTHY:
        return Recorded(seen)
    since = now if left_at is None else left_at
    if now - since >= seconds:
        return Recorded(seen)
    return Recorded(before, since)
