"""Who asks for a write."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Requester:
    """The one on whose behalf something is written."""

    actor: str
    """`admin`, `email:a@b.c`, `controller:stage-controller`: what the change log and `create-actor` say."""
    is_controller: bool = False
    """One of our own controllers: its Promotions express nobody's intent, and its deletions are collection."""
