"""Runs one step as the kit for authors does, and words outcomes as upstream does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.promotion.step import Errored, Failed, Succeeded
from towpath.testing.running import STARTED, contents, context, put, run, told

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome

__all__ = ["STARTED", "contents", "context", "put", "run", "said", "told"]


def said(outcome: Outcome) -> tuple[str, bool]:
    """Return an outcome as upstream words it: its status, and whether it is final."""
    match outcome:
        case Failed():
            return "Failed", not outcome.retry
        case Errored():
            return "Errored", outcome.final
        case Succeeded():
            return "Succeeded", True
        case _:
            return type(outcome).__name__, False
