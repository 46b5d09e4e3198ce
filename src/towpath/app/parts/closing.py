"""Closes what a part holds, in bounded time."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from towpath.runtime.deadline import within

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from towpath.clock import Clock

_log = logging.getLogger(__name__)
CLOSE_SECONDS: Final = 2.0


async def closed(closing: Coroutine[Any, Any, None], what: str, clock: Clock) -> None:
    """Close something; if that fails, or takes too long, the log says so and the stop goes on."""
    try:
        await within(clock, CLOSE_SECONDS, closing, what=f"closing the {what}")
    except Exception:  # noqa: BLE001 - the next start sees to what is left
        _log.exception("the %s could not be closed", what)
