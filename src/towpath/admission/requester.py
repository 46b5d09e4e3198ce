"""Who asks for a write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Requester:
    """The one on whose behalf something is written."""

    actor: str
    """`admin`, `email:a@b.c`, `controller:stage-controller`: what the change log and `create-actor` say."""
    is_controller: bool = False
    """One of our own controllers: its Promotions express nobody's intent, and its deletions are collection."""


def asked(request: dict[str, Any], requester: Requester) -> str:
    """Return a request that an annotation makes, as JSON that says who asked (resources.md §3).

    A controller passes on what somebody asked of it; anybody else asks in their own name, whatever they wrote.
    """
    if requester.is_controller:
        return json.dumps({"actor": requester.actor, **request, "controlPlane": True})
    return json.dumps({**request, "actor": requester.actor, "controlPlane": False})
