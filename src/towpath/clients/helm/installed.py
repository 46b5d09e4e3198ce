"""Which Helm this machine has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.clients.helm.embedded import EmbeddedHelm
from towpath.clients.helm.program import HelmProgram

if TYPE_CHECKING:
    from towpath.clients.helm.rendering import Helm


def found(path: str) -> Helm | None:
    """Return the program on a PATH, else the one within Python, else None."""
    return HelmProgram.on(path) or EmbeddedHelm.installed()
