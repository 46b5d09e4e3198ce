"""What is known of a Promotion before any of its steps has run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.promotion.step_scope import Facts
from towpath.resources import booleans
from towpath.resources.annotations import CREATE_ACTOR, ROLLBACK
from towpath.resources.structs import to_document

if TYPE_CHECKING:
    from towpath.resources.freight import Freight
    from towpath.resources.promotion import Promotion, PromotionStatus
    from towpath.resources.stage import Stage
    from towpath.store.contract import Document


def known(
    document: Document,
    promotion: Promotion,
    stage: Stage,
    freight: Freight,
    status: PromotionStatus,
) -> Facts:
    """Return the facts of a Promotion, given as its document and as what it says, whose Freight is in `status`."""
    annotations = promotion.metadata.annotations
    held = status.freight_collection.items if status.freight_collection else {}
    return Facts(
        project=promotion.metadata.namespace,
        stage=stage.metadata.name,
        promotion=promotion.metadata.name,
        actor=annotations.get(CREATE_ACTOR, ""),
        is_rollback=booleans.is_set(annotations, ROLLBACK),
        freight_name=freight.metadata.name,
        freight_alias=freight.alias,
        origin_name=freight.origin.name,
        variables=list(document["spec"].get("vars") or ()),
        requests=to_document(stage.spec.requested_freight),
        references=[to_document(reference) for reference in held.values()],
    )
