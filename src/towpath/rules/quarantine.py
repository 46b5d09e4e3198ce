"""Freight that somebody keeps back from every Stage: it stays where it is, and nobody promotes it until it is released."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from towpath.resources.annotations import QUARANTINE

if TYPE_CHECKING:
    from towpath.resources.freight import Freight


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Who keeps Freight back, since when, and why; each is empty where nobody said."""

    actor: str = ""
    at: str = ""
    reason: str = ""

    def annotation(self) -> str:
        """Return it as Freight carries it."""
        return json.dumps({"actor": self.actor, "at": self.at, "reason": self.reason})


def in_name_of(actor: str, text: str) -> str:
    """Return an annotation as whoever writes it may have it: it says that they keep the Freight back; empty stays empty."""
    return replace(_read(text), actor=actor).annotation() if text else ""


def of(freight: Freight) -> Quarantine | None:
    """Return the quarantine of Freight, None where there is none. Any text keeps Freight back, whatever it says."""
    text = freight.metadata.annotations.get(QUARANTINE, "")
    return _read(text) if text else None


def _read(text: str) -> Quarantine:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Quarantine(reason=text)
    if not isinstance(found, dict):
        return Quarantine(reason=text)
    texts = {key: str(found.get(key) or "") for key in ("actor", "at", "reason")}
    return Quarantine(**texts)
