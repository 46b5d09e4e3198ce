"""A burst of pushes makes one Freight: what was found has to stay the same for a while before Freight is made of it.

A Warehouse says for how long by its annotation `towpath.dev/settle`. What is known of a burst stands in the conditions, so that
it outlasts a restart: `Settling` says since when what was found is the same, `FreightCreated` since when Freight waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import durations, moments
from towpath.resources.annotations import SETTLE
from towpath.resources.meta import condition
from towpath.resources.validation import wording
from towpath.rules import discovery

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.errors import FieldError
    from towpath.resources.meta import Condition
    from towpath.resources.warehouse import Warehouse

MOST_TIMES: Final = 10
"""So many times the span a burst is waited for: pushes that never end do not keep Freight back for ever."""
LONGEST: Final = timedelta(hours=1)
_SHORTEST: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Burst:
    """Pushes that followed one another."""

    began: datetime
    """When the first of them was found."""
    changed: datetime
    """When the last was."""

    def until(self, span: timedelta) -> datetime:
        """Return when Freight is made if nothing else is found before."""
        return min(self.changed + span, self.latest(span))

    def latest(self, span: timedelta) -> datetime:
        """Return when Freight is made whatever is found."""
        return self.began + MOST_TIMES * span


def span_of(warehouse: Warehouse) -> timedelta | None:
    """Return for how long what was found has to stay the same; None: Freight is made at once."""
    given = durations.span(warehouse.metadata.annotations.get(SETTLE, ""))
    if given is None or given < _SHORTEST:
        return None
    return min(given, LONGEST)


def annotation_errors(annotations: Mapping[str, Any]) -> list[FieldError]:
    """Return what is wrong with the annotation."""
    given = annotations.get(SETTLE)
    if given is None:
        return []
    found = durations.span(given) if isinstance(given, str) else None
    if found is not None and (not found or _SHORTEST <= found <= LONGEST):
        return []
    said = f"write {durations.RIGHT_FORM}, from 1s to 1h; without it Freight is made at once"
    return [wording.invalid(f"metadata.annotations[{SETTLE}]", given, said)]


def burst_of(conditions: Sequence[Condition]) -> Burst | None:
    """Return the burst that conditions tell of, None if nothing settles."""
    settling = condition(conditions, discovery.SETTLING)
    changed = moments.read(settling.last_transition_time) if settling is not None else None
    if changed is None:
        return None
    created = condition(conditions, discovery.CREATED)
    waits = created is not None and created.reason == discovery.SETTLING
    began = moments.read(created.last_transition_time) if waits and created is not None else None
    return Burst(min(began or changed, changed), changed)


def goes_on(before: Burst | None, span: timedelta, *, is_same: bool, now: datetime) -> Burst | None:
    """Return the burst that what was found now is part of; None if it has settled.

    `is_same`: whether it is what was found at the last look. A clock that was set back begins a burst anew.
    """
    if before is None or before.changed > now:
        return Burst(now, now)
    found = before if is_same else Burst(before.began, now)
    return found if now < found.until(span) else None


def due_at(warehouse: Warehouse) -> datetime | None:
    """Return when to look whether a burst is over, which is past where nobody asks for that any more; None without one."""
    burst = burst_of(warehouse.status.conditions) if warehouse.status else None
    if burst is None:
        return None
    return burst.until(span_of(warehouse) or timedelta(0))


def waits(burst: Burst, span: timedelta, name: str) -> str:
    """Return what people are told of Freight that waits."""
    return (
        f"Freight {name} is made at {moments.whole_seconds(burst.until(span))} if nothing newer is found before "
        f"({SETTLE}: {durations.spoken_span(span)}), and at {moments.whole_seconds(burst.latest(span))} at the latest"
    )
