"""Changes of other objects after which a Promotion must be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime.source import Source, without_status
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.store.contract import Stored


def sources() -> tuple[Source, ...]:
    """Return the sources of the Promotion controller: Promotions, and Stages, which say whose turn it is."""
    return (
        Source(query=Query(kind=scheme.PROMOTION), mark=without_status),
        Source(query=Query(kind=scheme.STAGE), keys=_current, mark=_whose_turn),
    )


def _whose_turn(stored: Stored) -> object:
    return (stored.document.get("status") or {}).get("currentPromotion")


def _current(stored: Stored) -> Iterable[Ref]:
    current = (stored.document.get("status") or {}).get("currentPromotion")
    return (Ref(scheme.PROMOTION, stored.ref.namespace, current["name"]),) if current else ()
