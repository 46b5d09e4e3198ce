"""One connection while it is wanted: opened, watched, opened anew when that may help, and asked by others meanwhile."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

from towpath import errors
from towpath.argocd.application_index import ApplicationIndex
from towpath.argocd.following import BACK_OFF, Following
from towpath.argocd.kept_fields import cut
from towpath.argocd.reach import MeasuredInstallation, Reach, State
from towpath.argocd.refreshing import Refreshing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from typing import NoReturn

    from towpath.argocd.application_index import IndexChange
    from towpath.argocd.definition import Definition
    from towpath.clients.argocd.contract import ArgoCD
    from towpath.clients.argocd.opening import OpenArgoCD
    from towpath.clock import Clock

_log = logging.getLogger(__name__)


class Opener(Protocol):
    """Opens what a definition says."""

    def __call__(self, definition: Definition) -> AbstractAsyncContextManager[OpenArgoCD]:
        """Return the open installation as a context. Raises BadRequest, Unauthenticated, Timeout on entering it."""
        ...


class NamedConnection:
    """A named connection, whether its installation can be reached or not."""

    def __init__(
        self,
        definition: Definition,
        opener: Opener,
        clock: Clock,
        *,
        jitter: Callable[[], float],
        changed: Callable[[NamedConnection, IndexChange], None],
        turned: Callable[[NamedConnection], None],
    ) -> None:
        """`changed` is told of each change of an Application, `turned` when the connection comes or goes."""
        self.definition = definition
        self.index = ApplicationIndex()
        self.reach = Reach(clock, turned=lambda: turned(self))
        self.refreshing = Refreshing(clock, self.reach)
        self._opener = opener
        self._clock = clock
        self._jitter = jitter
        self._changed = changed
        self._api: ArgoCD | None = None
        self._watched: frozenset[str] = frozenset()
        """The namespaces whose Applications the index has, the empty one standing for all."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.definition.name

    @property
    def namespace(self) -> str:
        """Where Applications are of which no namespace is said."""
        return self.definition.namespace

    @property
    def api(self) -> ArgoCD:
        """The installation. Raises Unavailable, with what is in the way, while it is not open."""
        if self._api is None:
            why = self.reach.error or "it is being opened"
            raise errors.Unavailable(f"Argo CD connection {self.name} is not open: {why}")
        return self._api

    @property
    def is_current(self) -> bool:
        """Whether the index follows what happens: else it says what was there when the connection was lost."""
        return self.reach.state in (State.CONNECTED, State.POLLING)

    async def application(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return what Stages are judged by of an Application; None if there is none.

        It is taken from the index while that is current, else asked for. Raises as `ArgoCD.get` does.
        """
        if self.is_current and self._watched & {"", namespace}:
            found = self.index.get(namespace, name)
            if found is not None or not self.index.has(namespace, name):
                return found
        asked = await self.api.get(namespace, name)
        return None if asked is None else cut(asked)

    def link(self, namespace: str, name: str) -> str:
        """Return where people see an Application; empty where there are no pages."""
        return self.definition.link(namespace, name)

    async def refresh(self, namespace: str, name: str, kind: str = "normal") -> bool:
        """Ask for a comparison anew, at most once in 30 s; return whether it was asked for. Raises as `ArgoCD.patch` does."""
        return await self.refreshing.ask(self.api, namespace, name, kind)

    async def run(self) -> NoReturn:
        """Keep it open until cancelled."""
        failures = 0
        while True:
            begun = self._clock.monotonic()
            try:
                async with self._opened() as watched:
                    await _all(each.run() for each in watched)
            except Exception as error:  # noqa: BLE001 - whatever it is, the other connections and the next try are none of it
                # Credentials are read anew: they may have been renewed, and a file may be there now.
                said = (
                    error.message
                    if isinstance(error, errors.TowpathError)
                    else f"a fault in Towpath: {type(error).__name__}; its log says more"
                )
                is_fault = not isinstance(error, errors.TowpathError)
                lasted = self._clock.monotonic() - begun > BACK_OFF.longest_seconds
                failures = 1 if lasted else failures + 1
                seconds = BACK_OFF.seconds(failures) * (0.5 + self._jitter())
                _log.warning(
                    "Argo CD connection %s: opened again in %.1f s: %s",
                    *(self.name, seconds, error),
                    exc_info=error if is_fault else None,
                )
                self.reach.become(State.DOWN, said)
                await self._clock.sleep(seconds)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[list[Following]]:
        async with self._opener(self.definition) as opened:
            self._api = MeasuredInstallation(opened.api, self.reach, self._clock)
            self._watched = frozenset(namespace for namespace, _ in opened.watched)
            self.reach.opened(self._watched)
            try:
                yield [
                    Following(
                        f"Argo CD connection {self.name}",
                        api,
                        namespace=namespace,
                        index=self.index,
                        reach=self.reach,
                        clock=self._clock,
                        jitter=self._jitter,
                        changed=self._tell,
                    )
                    for namespace, api in opened.watched
                ]
            finally:
                self._api = None

    def _tell(self, change: IndexChange) -> None:
        self._changed(self, change)


async def _all(runs: Any) -> None:
    """Run all of them until one raises, which ends the others."""
    tasks = [asyncio.ensure_future(each) for each in runs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
