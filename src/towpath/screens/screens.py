"""All that screens are drawn from, in one place: what handlers work with."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from towpath.rules.board import cells, facts
from towpath.rules.board.line import line
from towpath.runtime import due
from towpath.screens import pasts
from towpath.screens.answers import PackedAnswer
from towpath.screens.boards import Boards, told
from towpath.screens.channels import Channels
from towpath.screens.lenses import Lenses
from towpath.screens.live_projects import LiveProjects
from towpath.screens.overviews import Overviews

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from towpath.clock import Clock
    from towpath.resources.freight import Freight
    from towpath.resources.kinds import Ref
    from towpath.rules.board.line import Line
    from towpath.rules.board.patches import Document
    from towpath.rules.board.sight import Sight
    from towpath.runtime.controller import WaitingKey
    from towpath.store.contract import Store

_MOST_BYTES: Final = 16 << 20
"""Of documents that are kept as they are sent."""


class Screens:
    """Projects as screens show them, for whoever may see how much of them."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        waiting: Callable[[Ref], WaitingKey | None] = lambda _: None,
    ) -> None:
        """`waiting`: what an object waits for in the controllers, None if for nothing."""
        self.store = store
        self.clock = clock
        self.projects = LiveProjects(store, clock)
        self.boards = Boards(lambda ref: due.of(waiting(ref), clock))
        self.overviews = Overviews(store, self.projects, self.boards, clock)
        self.channels = Channels(self.projects, clock)
        self._lenses = Lenses(store, clock)
        self._packed: OrderedDict[tuple[str, Sight], tuple[Document, PackedAnswer]] = OrderedDict()
        self._bytes = 0

    async def board(self, project: str, sight: Sight) -> PackedAnswer:
        """Return the board of a Project, as the store has it now, for a sight."""
        live = await self.projects.project(project)
        document = self.boards.document(live, sight)
        key = (project, sight)
        known = self._packed.pop(key, None)
        if known is None or known[0] is not document:
            self._bytes -= known[1].size if known is not None else 0
            known = (document, PackedAnswer.of(told(document, project)))
            self._bytes += known[1].size
        self._packed[key] = known
        while self._bytes > _MOST_BYTES and len(self._packed) > 1:
            _, (_, dropped) = self._packed.popitem(last=False)
            self._bytes -= dropped.size
        return known[1]

    async def past_board(self, project: str, sight: Sight, at: datetime) -> PackedAnswer:
        """Return the board of a Project at a moment, for a sight."""
        live = await self.projects.project(project)
        document = await pasts.past_board(self.store, live, sight, at)
        return PackedAnswer.of(told(document, project))

    async def line(self, project: str, sight: Sight) -> Line:
        """Return the line of a Project, as the store has it now, for a sight; its Stages as the board has them in order."""
        live = await self.projects.project(project)
        ordered = [live.stages[each["name"]] for each in cells.ordered(live.cells)]
        unended = {each.name: live.unended(each.name) for each in ordered}
        return line(ordered, unended, sight)

    def labels(self, project: str) -> Mapping[str, str]:
        """Return the labels of a Project that is kept."""
        live = self.projects.known(project)
        return live.labels if live is not None else {}

    async def lens(self, project: str, freight: Freight, sight: Sight) -> PackedAnswer:
        """Return what a Freight means in the Stages of a Project, for a sight."""
        live = await self.projects.project(project)
        found = facts.of_freight(freight)
        return PackedAnswer.of(await self._lenses.lens(live, found, sight))

    async def onward(
        self, project: str, freight: Freight, sight: Sight, stage: str
    ) -> list[dict[str, Any]]:
        """Return when a Freight could come into a Stage and those behind it, for a sight."""
        live = await self.projects.project(project)
        found = facts.of_freight(freight)
        return await self._lenses.onward(live, found, sight, stage)

    async def close(self) -> None:
        """Follow the store no more."""
        await self.channels.close()
        await self.projects.close()
