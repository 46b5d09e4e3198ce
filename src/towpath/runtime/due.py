"""When what waits in a controller is looked at again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from towpath.resources import moments

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.clock import Clock
    from towpath.runtime.controller import WaitingKey


def of(found: WaitingKey | None, clock: Clock) -> datetime | None:
    """Return when something that waits is looked at again (UTC); None if that is not known, or nothing waits."""
    if found is None or found.seconds is None:
        return None
    return moments.later(clock.now(), timedelta(seconds=found.seconds))
