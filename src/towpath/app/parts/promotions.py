"""The part that carries Promotions out, with the folder they work in."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from towpath.admission.event_recorder import EventRecorder
from towpath.app import quantities
from towpath.app.parts.closing import closed
from towpath.controllers import promotion
from towpath.promotion.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.admission.authority import SystemAuthority
    from towpath.app.operator import PromotionSettings
    from towpath.clients.git.repository import Repositories
    from towpath.clock import Clock
    from towpath.controllers.promotion import PromotionReconciler
    from towpath.controllers.promotion.tally import Tally
    from towpath.credentials.finder import Credentials
    from towpath.promotion.doors.factory import Outside
    from towpath.promotion.engine import Engine
    from towpath.promotion.programs import Programs
    from towpath.store.contract import Store


@asynccontextmanager
async def promotions(
    settings: PromotionSettings,
    *,
    folder: Path,
    programs: Programs,
    store: Store,
    writer: SystemAuthority,
    clock: Clock,
    engine: Engine,
    repositories: Repositories,
    credentials: Credentials,
    outside: Outside,
    tally: Tally,
) -> AsyncIterator[PromotionReconciler]:
    """Carry out Promotions, each in a work directory below the folder; those of ended ones go first.

    `programs` runs those that steps need.
    """
    workshop = Workshop(
        folder,
        bytes_each=quantities.read(settings.disk),
        programs=programs,
    )
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
            outside=outside,
            tally=tally,
        )
        await reconciler.sweep()
        yield reconciler
    finally:
        await closed(workshop.close(), "work directories", clock)
