"""The parts that hooks are made of: who hands on what happened, and who carries out what follows."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from towpath.app import quantities
from towpath.app.parts.closing import CLOSE_SECONDS, closed
from towpath.controllers import hook_run
from towpath.hooks.dispatcher import Dispatcher
from towpath.promotion.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from towpath.admission.authority import SystemAuthority
    from towpath.app.operator import PromotionSettings
    from towpath.clients.git.repository import Repositories
    from towpath.clock import Clock
    from towpath.controllers.hook_run import HookRunReconciler
    from towpath.credentials.finder import Credentials
    from towpath.hooks.taker import Taker
    from towpath.promotion.doors.factory import Outside
    from towpath.promotion.engine import Engine
    from towpath.promotion.programs import Programs
    from towpath.store.contract import Store


@asynccontextmanager
async def hook_runs(
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
) -> AsyncIterator[HookRunReconciler]:
    """Carry out the runs of hooks, each in a work directory below the folder; those of ended ones go first.

    `settings`, `programs`: as for Promotions.
    """
    workshop = Workshop(folder, bytes_each=quantities.read(settings.disk), programs=programs)
    try:
        reconciler = hook_run.HookRunReconciler(
            store,
            writer,
            clock,
            engine=engine,
            workshop=workshop,
            repositories=repositories,
            credentials=credentials,
            outside=outside,
        )
        await reconciler.sweep()
        yield reconciler
    finally:
        await closed(workshop.close(), "work directories of hooks", clock)


@asynccontextmanager
async def dispatching(
    store: Store, clock: Clock, takers: Sequence[Taker]
) -> AsyncIterator[Dispatcher]:
    """Hand on what happens, to each taker from where it was; where they are is written down at the end."""
    dispatcher = Dispatcher(store, clock, takers)
    await dispatcher.load()
    task = asyncio.create_task(dispatcher.run(), name="dispatcher")
    try:
        yield dispatcher
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=CLOSE_SECONDS)
        await closed(dispatcher.keep(), "the places of who takes what happened", clock)
