"""The part that carries Promotions out, with the folder they work in."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from towpath.admission.event_recorder import EventRecorder
from towpath.app.parts.closing import closed
from towpath.controllers import promotion
from towpath.controllers.promotion.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.admission.authority import SystemAuthority
    from towpath.clients.git.repository import Repositories
    from towpath.clock import Clock
    from towpath.controllers.promotion import PromotionReconciler
    from towpath.controllers.promotion.tally import Tally
    from towpath.credentials.finder import Credentials
    from towpath.promotion.engine import Engine
    from towpath.store.contract import Store


@asynccontextmanager
async def promotions(
    folder: Path,
    *,
    store: Store,
    writer: SystemAuthority,
    clock: Clock,
    engine: Engine,
    repositories: Repositories,
    credentials: Credentials,
    tally: Tally,
) -> AsyncIterator[PromotionReconciler]:
    """Carry out Promotions, each in a work directory below the folder; those of ended ones go first."""
    workshop = Workshop(folder)
    try:
        reconciler = promotion.PromotionReconciler(
            store,
            writer,
            clock,
            EventRecorder(store, clock, promotion.REQUESTER),
            engine=engine,
            workshop=workshop,
            repositories=repositories,
            credentials=credentials,
            tally=tally,
        )
        await reconciler.sweep()
        yield reconciler
    finally:
        await closed(workshop.close(), "work directories", clock)
