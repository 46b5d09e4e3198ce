"""What of a Warehouse is read when a webhook comes: its status may be large, and nothing of it is needed."""

from __future__ import annotations

from typing import Any

from towpath.resources.fields import Struct


class _Metadata(Struct):
    deletion_timestamp: Any = None
    labels: Any = None


class _Spec(Struct):
    subscriptions: Any = None


class _Status(Struct):
    last_handled_refresh: Any = None


class WarehouseView(Struct):
    """A Warehouse, as far as it matters whether it looks."""

    metadata: _Metadata
    spec: _Spec | None = None
    status: _Status | None = None

    @property
    def subscriptions(self) -> list[Any]:
        """The items of `spec.subscriptions`."""
        found = self.spec.subscriptions if self.spec is not None else None
        return found if isinstance(found, list) else []

    @property
    def is_going(self) -> bool:
        """Whether it is being deleted."""
        return bool(self.metadata.deletion_timestamp)

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        found = self.metadata.labels
        return found if isinstance(found, dict) else {}

    @property
    def handled(self) -> str:
        """The last request for a look that its status says was met."""
        found = self.status.last_handled_refresh if self.status is not None else None
        return found if isinstance(found, str) else ""
