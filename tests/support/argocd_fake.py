"""An installation of Argo CD in memory: its watches tell what a test says, and it notes what it is asked."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from towpath.argocd.definition import ByRest, Definition, Origin
from towpath.clients.argocd import ApplicationEvent, EventKind
from towpath.clients.argocd.opening import OpenArgoCD
from towpath.clients.argocd.server_access import ServerAccess

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence

    from towpath.clients.argocd import ArgoCD


def changed(document: dict[str, Any], version: str = "") -> ApplicationEvent:
    """Return that there is an Application."""
    metadata = document["metadata"]
    return ApplicationEvent(
        EventKind.CHANGED,
        metadata["namespace"],
        metadata["name"],
        version,
        json.dumps(document).encode(),
    )


def deleted(name: str, version: str = "") -> ApplicationEvent:
    """Return that there is one no more."""
    return ApplicationEvent(EventKind.DELETED, "argocd", name, version)


def snapshot(*documents: dict[str, Any], version: str = "10") -> list[ApplicationEvent]:
    """Return that these are all."""
    return [
        ApplicationEvent(EventKind.LISTING),
        *map(changed, documents),
        ApplicationEvent(EventKind.LISTED, version=version),
    ]


@dataclass
class FakeArgoCD:
    """See `clients.argocd.ArgoCD`."""

    there: dict[str, dict[str, Any]] = field(default_factory=dict)
    error: Exception | None = None
    """Raised by every call."""
    patches: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    watched: list[str] = field(default_factory=list)
    """From where each watch began."""
    _queue: asyncio.Queue[ApplicationEvent | Exception | None] = field(
        default_factory=asyncio.Queue
    )

    def tell(self, *events: ApplicationEvent | Exception | None) -> None:
        """Have the watch tell events; None ends it, an error breaks it off."""
        for event in events:
            self._queue.put_nowait(event)

    async def get(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """See `ArgoCD.get`."""
        self._raise()
        return self.there.get(f"{namespace}/{name}")

    async def find(self, namespace: str, selector: str) -> Sequence[Mapping[str, Any]]:
        """See `ArgoCD.find`."""
        del selector
        self._raise()
        return [each for key, each in sorted(self.there.items()) if key.startswith(f"{namespace}/")]

    async def patch(self, namespace: str, name: str, patch: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `ArgoCD.patch`."""
        self._raise()
        self.patches.append((f"{namespace}/{name}", patch))
        return self.there.get(f"{namespace}/{name}", {})

    async def project(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        """See `ArgoCD.project`."""
        del namespace, name
        self._raise()
        return None

    async def event(self, application: Mapping[str, Any], reason: str, message: str) -> None:
        """See `ArgoCD.event`."""
        del application, reason, message
        self._raise()

    async def watch(self, since: str) -> AsyncGenerator[ApplicationEvent]:
        """See `ArgoCD.watch`."""
        self.watched.append(since)
        while (event := await self._queue.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error


@dataclass
class Opener:
    """Opens connections to installations in memory, by name."""

    there: dict[str, ArgoCD] = field(default_factory=dict)
    errors: dict[str, Exception] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def __call__(self, definition: Definition) -> AsyncIterator[OpenArgoCD]:
        """Open a connection."""
        self.opened.append(definition.name)
        if definition.name in self.errors:
            raise self.errors[definition.name]
        api = self.there[definition.name]
        yield OpenArgoCD(api, [("", api)])


def definition(name: str, *projects: str, token: str = "", **more: Any) -> Definition:
    """Return a connection, of all Projects where none is named."""
    server = ServerAccess(server=f"https://{name}.example.com", source=token or "a test")
    return Definition(
        name=name,
        access=ByRest(server=server),
        projects=projects or ("*",),
        **{"origin": Origin.CONFIGURATION, **more},
    )
