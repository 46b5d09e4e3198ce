"""The part that carries steps out, with the folder they work in: of Promotions, and of the runs of hooks."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from towpath.app.parts.closing import closed
from towpath.promotion.carrying import Carrying
from towpath.promotion.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.admission.authority import SystemAuthority
    from towpath.admission.requester import Requester
    from towpath.promotion.surroundings import StepSurroundings


@asynccontextmanager
async def carrying(
    around: StepSurroundings, writer: SystemAuthority, *, folder: Path, requester: Requester
) -> AsyncIterator[Carrying]:
    """Carry steps out in the name of a requester, each object's in a work directory below the folder."""
    workshop = Workshop(folder, bytes_each=around.bytes_each, programs=around.programs)
    try:
        yield Carrying(around, writer, workshop=workshop, requester=requester)
    finally:
        await closed(workshop.close(), f"work directories in {folder.name}", around.clock)
