"""Where people see the Applications of a Stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.argocd.stage_connections import StageConnections

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.stage import Stage
    from towpath.server.services import Services


def linking(stage: Stage | None, services: Services) -> Callable[[str, str], str]:
    """Return what leads people to Applications of a Stage, nowhere where there is none or no connection serves it."""
    if stage is None:
        return _nowhere
    try:
        return StageConnections(services.argocd, services.store).of(stage).link
    except errors.TowpathError:
        return _nowhere


def _nowhere(_namespace: str, _name: str) -> str:
    return ""
