"""The part that plans promotions, with the folder it works in."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from towpath.app import quantities
from towpath.promotion.plan.kept import KeptPlans
from towpath.promotion.plan.planner import Planner
from towpath.promotion.plan.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.app.operator import PromotionSettings
    from towpath.clients.git.repository import Repositories
    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.promotion.doors.factory import Outside
    from towpath.promotion.engine import Engine
    from towpath.promotion.programs import Programs
    from towpath.runtime.aside import Aside
    from towpath.store.contract import Store


@asynccontextmanager
async def planning(
    settings: PromotionSettings,
    *,
    folder: Path,
    programs: Programs,
    store: Store,
    clock: Clock,
    engine: Engine,
    repositories: Repositories,
    credentials: Credentials,
    outside: Outside,
    aside: Aside,
) -> AsyncIterator[Planner]:
    """Plan promotions, each in a work directory below the folder; what is left of others goes first.

    Plans that were made are kept there as well. `programs` runs those that steps need, `aside` compares what is rendered.
    """
    bench = Workbench(
        store=store,
        clock=clock,
        engine=engine,
        repositories=repositories,
        credentials=credentials,
        outside=outside,
        folder=folder / "making",
        bytes_each=quantities.read(settings.disk),
        programs=programs,
        aside=aside,
    )
    planner = Planner(bench=bench, kept=KeptPlans(folder / "kept"))
    await planner.start()
    yield planner
