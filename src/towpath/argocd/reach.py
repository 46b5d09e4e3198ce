"""How a connection fares: whether it is there, how fast it answers, what was heard last, and what is in the way."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from towpath.clients.argocd.contract import ApplicationEvent, ArgoCD
    from towpath.clock import Clock

ResultT = TypeVar("ResultT")
_OUT_OF_REACH: Final = (errors.Unavailable, errors.Timeout, errors.Unauthenticated)
_WEIGHT: Final = 0.2
"""Of the newest call in the mean latency."""


class State(enum.StrEnum):
    """Where a connection stands."""

    CONNECTING = "Connecting"
    """Nothing was heard yet."""

    CONNECTED = "Connected"
    """It is watched: changes come as they happen."""

    POLLING = "Polling"
    """Watching is refused: it is asked again and again."""

    DOWN = "Down"
    """It cannot be reached, or refuses us."""


_WORSE: Final = (State.CONNECTED, State.CONNECTING, State.POLLING, State.DOWN)


@dataclass(slots=True)
class ReachCounts:
    """What has happened since the start."""

    events: int = 0
    """Changes that were heard of."""
    calls: int = 0
    failed_calls: int = 0
    snapshots: int = 0
    """Times that all Applications were listed."""
    interruptions: int = 0
    """Times that the watch broke off, or could not begin."""
    refreshes: int = 0
    """Comparisons that were asked for."""


@dataclass(slots=True)
class Reach:
    """How one connection fares."""

    clock: Clock
    turned: Callable[[], None] = lambda: None
    """Called when the state, or what is in the way, becomes another."""
    state: State = State.CONNECTING
    since: datetime | None = None
    """When it came to be so."""
    error: str = ""
    """What is in the way; of a connection that is polled, why."""
    latency_seconds: float | None = None
    """Of calls, newer ones counting more; None: there was none."""
    last_event: datetime | None = None
    counts: ReachCounts = field(default_factory=ReachCounts)
    _watches: dict[str, tuple[State, str]] = field(default_factory=dict)
    """How each watch fares, where there are several."""

    def opened(self, watches: Iterable[str]) -> None:
        """Take that a connection is open, and what of it is watched; it fares as before until something is heard."""
        self._watches = dict.fromkeys(watches, (self.state, self.error))

    def state_of(self, watch: str) -> State:
        """Return where one watch stands."""
        return self._watches.get(watch, (self.state, ""))[0]

    def become(self, state: State, error: str = "", *, watch: str | None = None) -> None:
        """Take that a watch is in a state, None standing for all; the worst of all is that of the connection."""
        if watch is None:
            self._watches = dict.fromkeys(self._watches or ("",), (state, error))
        else:
            self._watches[watch] = (state, error)
        found, said = max(self._watches.values(), key=lambda each: _WORSE.index(each[0]))
        if found is self.state and said == self.error:
            return
        if found is not self.state or self.since is None:
            self.since = self.clock.now()
        self.state, self.error = found, said
        self.turned()

    def heard(self) -> None:
        """Take that a change was told."""
        self.counts.events += 1
        self.last_event = self.clock.now()

    def silent_seconds(self) -> float:
        """Return for how long no change was told; -1 if none ever was."""
        if self.last_event is None:
            return -1.0
        return max(0.0, (self.clock.now() - self.last_event).total_seconds())

    def answered(self, seconds: float) -> None:
        """Take how long a call took."""
        before = self.latency_seconds
        self.latency_seconds = seconds if before is None else before + _WEIGHT * (seconds - before)


class MeasuredInstallation:
    """An installation (`clients.argocd.ArgoCD`) of which it is noted how it fares."""

    def __init__(self, api: ArgoCD, reach: Reach, clock: Clock) -> None:
        self._api = api
        self._reach = reach
        self._clock = clock

    async def get(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """See `ArgoCD.get`."""
        return await self._timed(self._api.get(namespace, name))

    async def find(self, namespace: str, selector: str) -> Sequence[Mapping[str, Any]]:
        """See `ArgoCD.find`."""
        return await self._timed(self._api.find(namespace, selector))

    async def patch(self, namespace: str, name: str, patch: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `ArgoCD.patch`."""
        return await self._timed(self._api.patch(namespace, name, patch))

    async def project(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """See `ArgoCD.project`."""
        return await self._timed(self._api.project(namespace, name))

    def watch(self, since: str) -> AsyncGenerator[ApplicationEvent]:
        """See `ArgoCD.watch`: who follows it notes how that fares."""
        return self._api.watch(since)

    async def event(self, application: Mapping[str, Any], reason: str, message: str) -> None:
        """See `ArgoCD.event`."""
        await self._timed(self._api.event(application, reason, message))

    async def _timed(self, call: Awaitable[ResultT]) -> ResultT:
        counts, begun = self._reach.counts, self._clock.monotonic()
        counts.calls += 1
        try:
            found = await call
        except errors.TowpathError as error:
            counts.failed_calls += 1
            if not isinstance(error, _OUT_OF_REACH):
                self._reach.answered(self._clock.monotonic() - begun)
            raise
        self._reach.answered(self._clock.monotonic() - begun)
        return found
