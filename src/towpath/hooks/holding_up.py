"""Whether hooks hold a Stage up: runs of blocking ones, and what happened that hooks have not heard of yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.admission import holding_up
from towpath.hooks.hook_index import HookIndex
from towpath.rules.gates import hooks
from towpath.rules.named_selectors import selects

if TYPE_CHECKING:
    from towpath.hooks.dispatcher import Dispatch
    from towpath.resources.stage import Stage
    from towpath.store.contract import Store

_SOON_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class HeldUp:
    """Why a Promotion is not let run."""

    reason: str
    again_seconds: float | None = None
    """When to ask again; None: a run that changes is told."""


class HoldingUp:
    """Answers for all Stages."""

    def __init__(self, store: Store, dispatch: Dispatch) -> None:
        """`dispatch`: to the hooks."""
        self._store = store
        self._dispatch = dispatch
        self._index = HookIndex(store)
        self._marks: dict[tuple[str, str], int] = {}
        """The newest Event when a Stage asked first: until it is taken, a run may come of what happened."""

    async def stage(self, stage: Stage) -> HeldUp | None:
        """Return why no further Promotion to a Stage may begin; None if one may."""
        project, name = stage.metadata.namespace, stage.metadata.name
        await self._index.refresh()
        if not any(
            selects(each, name, stage.metadata.labels) for each in self._index.blocking(project)
        ):
            self._marks.pop((project, name), None)
        else:
            mark = self._marks.setdefault((project, name), self._dispatch.newest)
            if self._dispatch.reached < mark:
                return HeldUp("hooks that block to hear of what happened", _SOON_SECONDS)
        found = await holding_up.runs(self._store, project, name)
        if found:
            return HeldUp(hooks.said(found))
        self._marks.pop((project, name), None)
        return None
