"""What a Stage will hold once a Promotion has succeeded: one Freight of each origin it requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources.freight import FreightReference, collection_id
from towpath.resources.promotion import FreightCollection

if TYPE_CHECKING:
    from towpath.resources.freight import Freight
    from towpath.resources.stage import Stage


def reference_of(freight: Freight) -> FreightReference:
    """Return Freight as others keep it."""
    return FreightReference(
        name=freight.metadata.name,
        origin=freight.origin,
        commits=freight.commits,
        images=freight.images,
        charts=freight.charts,
        artifacts=freight.artifacts,
    )


def collection_for(stage: Stage, target: Freight) -> FreightCollection:
    """Return the collection of a Promotion of `target`.

    Where the Stage requests several origins it starts from the last Promotion's collection, even of one that failed,
    without origins that are no longer requested.
    """
    requested = {request.origin.key for request in stage.spec.requested_freight}
    items: dict[str, FreightReference] = {}
    if len(requested) > 1 and stage.status and stage.status.last_promotion:
        last = stage.status.last_promotion.status
        before = last.freight_collection if last else None
        if before is not None:
            items = {key: item for key, item in before.items.items() if key in requested}
    items[target.origin.key] = reference_of(target)
    return FreightCollection(id=collection_id(item.name for item in items.values()), items=items)
