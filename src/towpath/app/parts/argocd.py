"""The part that keeps the connections to installations of Argo CD."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from towpath.app.parts.closing import closed
from towpath.argocd.connections import Connections
from towpath.argocd.opening import ConnectionOpening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from towpath.app.settings.argocd import ArgoCDSettings
    from towpath.clients.argocd.opening import ConnectionSurroundings


@asynccontextmanager
async def argocd(
    settings: ArgoCDSettings, around: ConnectionSurroundings
) -> AsyncIterator[Connections]:
    """Keep the connections that the operator configures; others are defined while it runs."""
    connections = Connections(ConnectionOpening(around), around.clock)
    try:
        for definition in await asyncio.to_thread(settings.definitions):
            connections.define(definition)
        yield connections
    finally:
        await closed(connections.close(), "Argo CD connections", around.clock)
