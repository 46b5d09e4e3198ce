"""How long promotions took in the Stages of a Project, learnt from its history and kept until the Project changes."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from typing import TYPE_CHECKING, Final

from towpath.resources import moments
from towpath.rules import forecast
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from towpath.rules.forecast import Took
    from towpath.screens.live_project import LiveProject
    from towpath.store.contract import Store
    from towpath.store.history import PastPromotion

_LEARNT_FROM: Final = 500
"""Promotions of a Project, by which it is told how long they take."""
_ENOUGH: Final = 5
"""Promotions of one Stage by which it is judged for itself."""
_MOST_KEPT: Final = 200
"""Projects."""


class PromotionTimes:
    """Knows how long promotions take, by what they took."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[str, tuple[LiveProject, int, dict[str, Took]]] = OrderedDict()

    async def of(self, live: LiveProject) -> dict[str, Took]:
        """Return how long promotions took, by Stage; under the empty name, those of the whole Project.

        The end of a Promotion changes what is shown of its Project: until then there is nothing more to learn.
        """
        known = self._kept.pop(live.name, None)
        version = live.version
        if known is None or known[0] is not live or known[1] != version:
            known = (live, version, await self._learnt(live.name))
        self._kept[live.name] = known
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return known[2]

    async def _learnt(self, project: str) -> dict[str, Took]:
        selection = HistorySelection(project=project)
        past = await self._store.history.promotions(selection, limit=_LEARNT_FROM)
        seconds: dict[str, list[float]] = defaultdict(list)
        for each in past.items:
            known = _seconds(each)
            if known is not None:
                seconds[each.record.stage].append(known)
                seconds[""].append(known)
        overall = forecast.took(seconds[""])
        known_of = {name: forecast.took(of) for name, of in seconds.items() if len(of) >= _ENOUGH}
        return {**known_of, "": overall}


def _seconds(past: PastPromotion) -> float | None:
    began, ended = moments.read(past.record.started), moments.read(past.record.finished)
    if past.record.phase != "Succeeded" or began is None or ended is None:
        return None
    return (ended - began).total_seconds()
