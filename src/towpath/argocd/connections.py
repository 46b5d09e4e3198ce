"""All connections: defined and withdrawn while everything runs, each on its own, so that one that is down blocks no other."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.argocd import choosing
from towpath.argocd.connection import NamedConnection
from towpath.argocd.definition import Origin
from towpath.errors import AlreadyExists, NotFound
from towpath.messages import instead

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.argocd.application_index import IndexChange
    from towpath.argocd.connection import Opener
    from towpath.argocd.definition import Definition
    from towpath.clock import Clock

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ApplicationChange:
    """What became of an Application behind a connection."""

    connection: str
    namespace: str
    name: str
    stages: tuple[tuple[str, str], ...]
    """Project and name of the Stages that it concerns: authorised for it, and served by the connection."""
    matters: bool
    """Whether anything has changed but when it was looked at."""


class Connections:
    """The connections there are."""

    def __init__(
        self, opener: Opener, clock: Clock, *, jitter: Callable[[], float] = random.random
    ) -> None:
        self._opener = opener
        self._clock = clock
        self._jitter = jitter
        self._there: dict[str, NamedConnection] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._changed: list[Callable[[ApplicationChange], None]] = []
        self._turned: list[Callable[[NamedConnection], None]] = []

    def listen(
        self,
        changed: Callable[[ApplicationChange], None] = lambda _: None,
        turned: Callable[[NamedConnection], None] = lambda _: None,
    ) -> None:
        """Have `changed` called with each change of an Application, `turned` when a connection comes or goes, or is defined otherwise.

        Neither may raise, nor take long.
        """
        self._changed.append(changed)
        self._turned.append(turned)

    def every(self) -> list[NamedConnection]:
        """Return all, by name."""
        return [self._there[name] for name in sorted(self._there)]

    def get(self, name: str) -> NamedConnection:
        """Return a connection. Raises NotFound."""
        found = self._there.get(name)
        if found is None:
            raise NotFound(
                f"there is no Argo CD connection {name!r}; {instead(name, sorted(self._there))}"
            )
        return found

    def serving(self, project: str, *, shard: str = "", wanted: str = "") -> NamedConnection:
        """Return the connection of a Stage; see `choosing.choose`. Raises NotFound, Forbidden."""
        definitions = [each.definition for each in self._there.values()]
        return self._there[choosing.choose(definitions, project, shard=shard, wanted=wanted).name]

    def rivals(self, definition: Definition) -> dict[str, str]:
        """Return what else is the default for a Project that a connection is the default for; see `choosing.rivals`."""
        return choosing.rivals([each.definition for each in self._there.values()], definition)

    def define(self, definition: Definition) -> NamedConnection:
        """Have a connection, as defined; what is reached otherwise than before is opened anew, and what is known stays.

        Raises AlreadyExists where the operator's configuration has one of that name.
        """
        name = definition.name
        before = self._there.get(name)
        if before is None:
            self._there[name] = NamedConnection(
                definition,
                self._opener,
                self._clock,
                jitter=self._jitter,
                changed=self._tell,
                turned=self._tell_turn,
            )
            self._start(name)
            self._tell_turn(self._there[name])
            return self._there[name]
        if before.definition.origin is not definition.origin:
            raise AlreadyExists(
                f"the operator's configuration has an Argo CD connection {name}; give this one another name"
            )
        is_reached_otherwise = before.definition.access != definition.access
        is_the_same = before.definition == definition
        before.definition = definition
        if is_reached_otherwise:
            self._stop(name)
            before.index.forget_versions()  # it may be another cluster
            self._start(name)
        if not is_the_same:
            self._tell_turn(before)
        return before

    def withdraw(self, name: str, origin: Origin = Origin.RESOURCE) -> None:
        """Have a connection no more; one that is defined elsewhere stays."""
        found = self._there.get(name)
        if found is not None and found.definition.origin is origin:
            self._stop(name)
            del self._there[name]
            self._tell_turn(found)

    async def close(self) -> None:
        """End all."""
        for name in list(self._running):
            self._stop(name)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _start(self, name: str) -> None:
        task = asyncio.create_task(self._there[name].run(), name=f"argocd-{name}")
        self._running[name] = task
        task.add_done_callback(self._ended)

    def _stop(self, name: str) -> None:
        task = self._running.pop(name, None)
        if task is not None:
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s: ended by a fault", task.get_name(), exc_info=error)

    def _tell(self, connection: NamedConnection, change: IndexChange) -> None:
        served = tuple(each for each in change.stages if connection.definition.serves(each[0]))
        told = ApplicationChange(
            connection.name, change.namespace, change.name, served, change.matters
        )
        for each in self._changed:
            each(told)

    def _tell_turn(self, connection: NamedConnection) -> None:
        for each in self._turned:
            each(connection)
