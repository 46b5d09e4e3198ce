"""What steps are run with, whoever has them run: Promotions, runs of hooks, plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.clients.git.repository import Repositories
    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.promotion.doors.factory import Outside
    from towpath.promotion.engine import Engine
    from towpath.promotion.programs import Programs
    from towpath.store.contract import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSurroundings:
    """The same for all steps of a server."""

    store: Store
    clock: Clock
    engine: Engine
    repositories: Repositories
    credentials: Credentials
    outside: Outside
    programs: Programs
    """Run what steps run."""
    bytes_each: int
    """How much disk the files of one Promotion, one run or one plan may take."""
