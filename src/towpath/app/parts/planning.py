"""The part that plans promotions, with the folder it works in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.promotion.plan.kept import KeptPlans
from towpath.promotion.plan.planner import Planner
from towpath.promotion.plan.workbench import Workbench

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.promotion.surroundings import StepSurroundings
    from towpath.runtime.aside import Aside


async def planning(around: StepSurroundings, *, folder: Path, aside: Aside) -> Planner:
    """Plan promotions, each in a work directory below the folder; what is left of others goes first.

    Plans that were made are kept there as well. `aside` compares what is rendered.
    """
    bench = Workbench(around=around, folder=folder / "making", aside=aside)
    planner = Planner(bench=bench, kept=KeptPlans(folder / "kept"))
    await planner.start()
    return planner
