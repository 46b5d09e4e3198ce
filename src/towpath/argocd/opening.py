"""Opens what a definition says, with what all connections share."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from towpath.argocd.definition import ByRest, InCluster, Kubeconfig, Origin
from towpath.clients.argocd import kubeconfig, opening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from towpath.argocd.definition import ByKubernetes, Definition
    from towpath.clients.argocd.opening import ConnectionSurroundings, OpenArgoCD
    from towpath.clients.argocd.server_access import ServerAccess


class ConnectionOpening:
    """See `connection.Opener`."""

    def __init__(self, around: ConnectionSurroundings) -> None:
        self._around = around

    @asynccontextmanager
    async def __call__(self, definition: Definition) -> AsyncIterator[OpenArgoCD]:
        """Open a connection; files are read anew each time."""
        access = definition.access
        # Only what the operator has named may lead to this machine.
        is_operators = definition.origin is Origin.CONFIGURATION
        if isinstance(access, ByRest):
            way = opening.by_rest(
                definition.name, access.server, self._around, is_operators=is_operators
            )
        else:
            way = opening.by_kubernetes(
                definition.name,
                await _server(access, definition.name),
                self._around,
                namespaces=access.namespaces,
                is_operators=is_operators,
            )
        async with way as opened:
            yield opened


async def _server(access: ByKubernetes, name: str) -> ServerAccess:
    match access.server:
        case Kubeconfig(path=path, context=context):
            source = f"argocd.connections.{name}.kubernetes.kubeconfig of the configuration"
            return await asyncio.to_thread(kubeconfig.from_file, path, context, source=source)
        case InCluster():
            return await asyncio.to_thread(kubeconfig.in_cluster)
        case known:
            return known
