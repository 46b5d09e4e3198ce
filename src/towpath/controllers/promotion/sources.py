"""What happens elsewhere and concerns a Promotion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime.source import Source
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from towpath.store.contract import Stored


def sources() -> tuple[Source, ...]:
    """Return the sources of the Promotion controller: Promotions, and Stages, which say whose turn it is."""
    return (
        Source(query=Query(kind=scheme.PROMOTION)),
        Source(query=Query(kind=scheme.STAGE), keys=_current),
    )


def _current(stored: Stored) -> Iterable[Ref]:
    current = (stored.document.get("status") or {}).get("currentPromotion")
    return (Ref(scheme.PROMOTION, stored.ref.namespace, current["name"]),) if current else ()
