"""Asks Argo CD to compare an Application anew, and not too often: each comparison makes its manifests."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from towpath.rules.argocd.application import REFRESH

if TYPE_CHECKING:
    from towpath.argocd.reach import Reach
    from towpath.clients.argocd.contract import ArgoCD
    from towpath.clock import Clock

SECONDS: Final = 30.0
"""In which one Application is refreshed at most once."""
_MOST_KEPT: Final = 50_000


class Refreshing:
    """The refreshes of one connection."""

    def __init__(self, clock: Clock, reach: Reach) -> None:
        self._clock = clock
        self._reach = reach
        self._asked: OrderedDict[tuple[str, str], float] = OrderedDict()

    def seconds_until(self, namespace: str, name: str) -> float:
        """Return in how many seconds an Application may be refreshed; 0: now."""
        asked = self._asked.get((namespace, name))
        return 0.0 if asked is None else max(0.0, asked + SECONDS - self._clock.monotonic())

    async def ask(self, api: ArgoCD, namespace: str, name: str, kind: str = "normal") -> bool:
        """Ask for a comparison, unless one was asked for in the last 30 s; return whether it was asked for.

        `kind`: `normal`, or `hard`: its manifests are made anew as well. Raises as `ArgoCD.patch` does; what was not asked for may be at once.
        """
        key = (namespace, name)
        if self.seconds_until(namespace, name) > 0:
            return False
        self._note(key)
        try:
            await api.patch(namespace, name, {"metadata": {"annotations": {REFRESH: kind}}})
        except BaseException:
            self._asked.pop(key, None)
            raise
        self._reach.counts.refreshes += 1
        return True

    def _note(self, key: tuple[str, str]) -> None:
        self._asked[key] = self._clock.monotonic()
        self._asked.move_to_end(key)
        while len(self._asked) > _MOST_KEPT:
            self._asked.popitem(last=False)
