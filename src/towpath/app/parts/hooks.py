"""The parts that hooks are made of: who hands on what happened, and who carries out what follows."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from towpath.app.parts.carrying import carrying
from towpath.app.parts.closing import CLOSE_SECONDS, closed
from towpath.controllers import hook_run
from towpath.hooks.dispatcher import Dispatcher

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from towpath.admission.authority import SystemAuthority
    from towpath.clock import Clock
    from towpath.controllers.hook_run import HookRunReconciler
    from towpath.hooks.taker import Taker
    from towpath.promotion.surroundings import StepSurroundings
    from towpath.store.contract import Store


@asynccontextmanager
async def hook_runs(
    around: StepSurroundings, writer: SystemAuthority, *, folder: Path
) -> AsyncIterator[HookRunReconciler]:
    """Carry out the runs of hooks, each in a work directory below the folder; those of ended ones go first."""
    async with carrying(around, writer, folder=folder, requester=hook_run.REQUESTER) as carried:
        reconciler = hook_run.HookRunReconciler(
            around.store, writer, around.clock, carrying=carried
        )
        await reconciler.sweep()
        yield reconciler


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
