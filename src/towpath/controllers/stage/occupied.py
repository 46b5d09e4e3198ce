"""Stages that wait for the end of their current Promotion, and for nothing else: what is asked for behind it is no news to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.resources.kinds import Ref


class Occupied:
    """The Stages whose last pass has left them so.

    None is while a pass is made over it, so what comes after that pass has read is not missed; and the end of the current
    Promotion wakes the Stage in any case.
    """

    def __init__(self) -> None:
        self._stages: set[Ref] = set()

    def __contains__(self, stage: Ref) -> bool:
        return stage in self._stages

    def add(self, stage: Ref) -> None:
        """Take note that a pass has left it so."""
        self._stages.add(stage)

    def discard(self, stage: Ref) -> None:
        """Take note that a pass begins, or that it is gone."""
        self._stages.discard(stage)
