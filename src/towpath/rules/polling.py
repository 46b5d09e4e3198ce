"""When a Warehouse is looked at again: when asked, or after the longer of its interval and the operator's minimum."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from towpath.resources import durations, moments

if TYPE_CHECKING:
    from towpath.resources.warehouse import Warehouse

DEFAULT: Final = timedelta(minutes=5)
SHORTEST: Final = timedelta(seconds=1)
"""An interval of `0s` is admitted; without a pause a registry would be asked all the time."""
SPREAD: Final = 0.1
"""The part of the interval over which looks are spread, so that many Warehouses do not all ask at once."""

_LEAST_SPREAD_SECONDS: Final = 5.0


_HEARD: Final = "/webhook-"
"""In the token of a request for a look that a delivery of a webhook made, before the id of the delivery."""


def heard_token(now: datetime, delivery: str, *, is_asked: bool) -> str:
    """Return the token by which a delivery asks for a look. It is another one each time.

    `is_asked`: somebody has asked for a look that has not begun: what they asked for is what is done.
    """
    between = "/asked-" if is_asked else _HEARD
    return f"{moments.precise(now)}{between}{delivery}"


def heard_at(token: str) -> datetime | None:
    """Return when the delivery came that asked for a look; None where somebody asked for it by hand."""
    time, heard, _ = token.partition(_HEARD)
    return moments.read(time) if heard else None


def unmet(warehouse: Warehouse, token: str) -> datetime | None:
    """Return when the delivery came that the token is of; None where that is none, or a look has succeeded since.

    A look that failed has met the request, and the one that is tried after it is still to find what was pushed.
    """
    heard = heard_at(token)
    found = warehouse.status.discovered_artifacts if warehouse.status else None
    looked = moments.read(found.discovered_at) if found else None
    return None if heard is None or (looked is not None and looked > heard) else heard


def due_at(warehouse: Warehouse, *, minimum_seconds: float, now: datetime) -> datetime | None:
    """Return when the artifacts are to be looked at again.

    None: at once, they never were, or the clock was set back behind the last look, which then says nothing.

    max(interval, minimum) after the last look, at least a second, and up to a tenth of that later: how much is the
    Warehouse's own and always the same.
    """
    found = warehouse.status.discovered_artifacts if warehouse.status else None
    looked = moments.read(found.discovered_at) if found else None
    if looked is None or looked > now:
        return None
    interval = interval_of(warehouse, minimum_seconds=minimum_seconds)
    return moments.later(looked, interval * (1 + SPREAD * _share(warehouse)))


def left_alone_until(warehouse: Warehouse, seconds: float, *, now: datetime) -> datetime:
    """Return when a Warehouse is looked at again whose host has asked to be left alone for so many seconds.

    Those of one host do not come back together: each up to a tenth later, at least a few seconds.
    """
    spread = max(seconds * SPREAD, _LEAST_SPREAD_SECONDS)
    return moments.later(now, timedelta(seconds=seconds + spread * _share(warehouse)))


def _share(warehouse: Warehouse) -> float:
    """Return a number from 0 to 1 that is the Warehouse's own and always the same."""
    digest = hashlib.sha256(warehouse.metadata.uid.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def interval_of(warehouse: Warehouse, *, minimum_seconds: float) -> timedelta:
    """Return how long after a look the next one is due: the longer of its interval and the operator's minimum."""
    wanted = durations.span(warehouse.spec.interval)
    least = max(timedelta(seconds=minimum_seconds), SHORTEST)
    return max(DEFAULT if wanted is None else wanted, least)
