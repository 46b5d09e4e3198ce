"""Follows the watch of a connection into its index: resumes, begins anew, waits longer each time, polls where it must."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.argocd.reach import State
from towpath.clients.argocd.contract import EventKind
from towpath.runtime.queue import BackOff

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from towpath.argocd.application_index import ApplicationIndex, IndexChange, Key
    from towpath.argocd.reach import Reach
    from towpath.clients.argocd.contract import ApplicationEvent, ArgoCD
    from towpath.clock import Clock

_log = logging.getLogger(__name__)
POLL_SECONDS: Final = 30.0
"""Between two looks where watching is refused."""
BACK_OFF: Final = BackOff(first_seconds=1.0, longest_seconds=60.0)
_SHORTEST_SECONDS: Final = 5.0
"""A watch that ended earlier counts as a failure: a server that ends each at once is not asked in circles."""
_NO_WATCH: Final = (errors.Forbidden, errors.BadRequest, errors.NotFound, errors.NotImplemented)


class Following:
    """Follows what becomes of the Applications of one namespace, or of all."""

    def __init__(
        self,
        name: str,
        api: ArgoCD,
        *,
        namespace: str,
        index: ApplicationIndex,
        reach: Reach,
        clock: Clock,
        jitter: Callable[[], float],
        changed: Callable[[IndexChange], None],
    ) -> None:
        """`jitter`: a number from 0 to 1, another one each time: those who lost a server together return one by one."""
        self._name = name
        self._api = api
        self._namespace = namespace
        self._index = index
        self._reach = reach
        self._clock = clock
        self._jitter = jitter
        self._changed = changed
        self._since = ""
        self._failures = 0
        self._expiries = 0
        """Positions that were refused one after the other, with no watch between that lasted."""
        self._is_listed = False
        """Whether it has told all there is."""
        self._unseen: set[Key] | None = None
        """What of the index a snapshot that is under way has not named yet."""

    async def run(self) -> NoReturn:
        """Follow until cancelled. Raises Unauthenticated, which another way of opening the connection may mend."""
        while True:
            self._is_listed = False
            try:
                if not await self._watch():
                    await self._pause(errors.Unavailable(f"{self._name}: the watch ends at once"))
            except errors.Expired as error:
                had_position, self._since = bool(self._since), ""
                self._index.forget_versions(self._namespace)
                self._expiries += 1
                # Not even a list was read to its end; or what was listed just now is refused again.
                if not had_position or self._expiries > 1:
                    await self._pause(error)
            except errors.Unauthenticated as error:
                self._reach.counts.interruptions += 1
                self._become(State.DOWN, error.message)
                raise
            except _NO_WATCH as error:
                if self._is_listed:
                    await self._poll(error)
                else:
                    await self._pause(error)
            except errors.TowpathError as error:
                await self._pause(error)

    async def _watch(self) -> bool:
        """Follow one watch to its end; return whether it lasted for a while."""
        watch = self._api.watch(self._since)
        self._unseen = None
        begun: float | None = None
        has_lasted = False
        try:
            async for event in watch:
                begun = self._clock.monotonic() if begun is None else begun
                self._take(event)
        finally:
            # What counts is how long it told something: a server may take long to refuse.
            has_lasted = begun is not None and self._clock.monotonic() - begun >= _SHORTEST_SECONDS
            if has_lasted:
                self._failures = self._expiries = 0
            await watch.aclose()
        return has_lasted

    def _take(self, event: ApplicationEvent) -> None:
        match event.kind:
            case EventKind.LISTING:
                self._unseen = self._index.keys(self._namespace)
                return  # until it is complete nothing can be resumed from
            case EventKind.LISTED:
                self._reach.counts.snapshots += 1
                for key in self._unseen or ():
                    self._tell(self._index.drop(*key))
                self._unseen, self._is_listed = None, True
            case EventKind.CHANGED:
                if self._unseen is not None:
                    self._unseen.discard((event.namespace, event.name))
                else:
                    self._reach.heard()
                if event.name:
                    self._tell(self._index.take(event.namespace, event.name, event.document))
            case EventKind.DELETED:
                self._reach.heard()
                self._tell(self._index.drop(event.namespace, event.name))
            case EventKind.BOOKMARK:
                pass
        if self._unseen is None:
            self._since = event.version or self._since
            if self._state is not State.POLLING or event.kind is not EventKind.LISTED:
                self._become(State.CONNECTED)

    @property
    def _state(self) -> State:
        return self._reach.state_of(self._namespace)

    def _become(self, state: State, error: str = "") -> None:
        self._reach.become(state, error, watch=self._namespace)

    def _tell(self, change: IndexChange | None) -> None:
        if change is not None:
            self._changed(change)

    async def _poll(self, error: errors.TowpathError) -> None:
        """Wait for the next look: a list each time, and another try to watch."""
        if self._state is not State.POLLING:
            _log.warning("%s: it is asked every %g s: %s", self._name, POLL_SECONDS, error)
        self._since = ""
        self._become(State.POLLING, f"it is asked every {POLL_SECONDS:g} s: {error.message}")
        await self._clock.sleep(POLL_SECONDS * (0.75 + 0.5 * self._jitter()))

    async def _pause(self, error: errors.TowpathError) -> None:
        self._failures += 1
        self._reach.counts.interruptions += 1
        seconds = BACK_OFF.seconds(self._failures) * (0.5 + self._jitter())
        _log.warning("%s: asked again in %.1f s: %s", self._name, seconds, error)
        if self._failures > 1 or self._state is not State.CONNECTED:
            # Once is no news: servers end connections, and it is watched again in a moment.
            self._become(State.DOWN, error.message)
        await self._clock.sleep(seconds)
