"""What a Promotion was told in confidence, as long as this process works on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from towpath.promotion.disclosed import Disclosed


@dataclass(slots=True)
class Confidence:
    """What of a Promotion is secret, as long as this process works on it."""

    disclosed: Disclosed = field(default_factory=Disclosed)
    outputs: dict[str, Any] = field(default_factory=dict)
    """Outputs that hold secret values, or once did, by alias."""
    notes: list[dict[str, Any]] = field(default_factory=list)
    """Entries whose values hold some."""
    revision: int | None = None
    """Of the journal that this was read from or written to; None before."""
    is_taken_over: bool = False
    """Whether another process was told it: what became of it there, nobody knows."""
    saved: int = 0
    """How many of `disclosed.kept` are in the journal."""
