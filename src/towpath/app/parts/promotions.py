"""The part that carries Promotions out."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from towpath.admission.event_recorder import EventRecorder
from towpath.app.parts.carrying import carrying
from towpath.controllers import promotion

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.admission.authority import SystemAuthority
    from towpath.controllers.promotion import PromotionReconciler
    from towpath.controllers.promotion.tally import Tally
    from towpath.promotion.surroundings import StepSurroundings


@asynccontextmanager
async def promotions(
    around: StepSurroundings, writer: SystemAuthority, *, folder: Path, tally: Tally
) -> AsyncIterator[PromotionReconciler]:
    """Carry out Promotions, each in a work directory below the folder; those of ended ones go first."""
    async with carrying(around, writer, folder=folder, requester=promotion.REQUESTER) as carried:
        reconciler = promotion.PromotionReconciler(
            around.store,
            writer,
            around.clock,
            EventRecorder(around.store, around.clock, promotion.REQUESTER),
            carrying=carried,
            tally=tally,
        )
        await reconciler.sweep()
        yield reconciler
