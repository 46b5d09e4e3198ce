"""The connection of a Stage, by what the Stage says now: its shard and its annotation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.resources import scheme
from towpath.resources.annotations import ARGOCD_CONNECTION
from towpath.resources.kinds import Ref
from towpath.resources.stage import Stage

if TYPE_CHECKING:
    from towpath.argocd.connection import NamedConnection
    from towpath.argocd.connections import Connections
    from towpath.store.contract import Store


class StageConnections:
    """Finds the connections of Stages."""

    def __init__(self, connections: Connections, store: Store) -> None:
        self._connections = connections
        self._store = store

    async def serving(self, project: str, stage: str) -> NamedConnection:
        """Return the connection that a Stage uses. Raises NotFound where none serves it, Forbidden where it may not."""
        stored = await self._store.get(Ref(scheme.STAGE, project, stage))
        return self.of(stored.view(Stage))

    def of(self, stage: Stage) -> NamedConnection:
        """Return the connection of a Stage that is at hand. Raises as `serving` does."""
        return self._connections.serving(
            stage.metadata.namespace,
            shard=stage.spec.shard,
            wanted=stage.metadata.annotations.get(ARGOCD_CONNECTION, ""),
        )
