"""What Promotions of a Stage are found by without reading those that ended long ago: two derived indexes.

A Stage asks for what has ended since the last one that it took in together with what has not ended, and for the newest
that has ended with one Freight. Each is one range of one index, however many Promotions the Stage has had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.document import text
from towpath.resources.promotion import PromotionPhase
from towpath.resources.promotion_age import rank

if TYPE_CHECKING:
    from collections.abc import Mapping

ORDER: Final = "queue.order"
"""Stage and age of a Promotion that has ended; behind all of these, Stage and name of one that has not."""
ENDED_WITH: Final = "queue.endedWith"
"""Stage, Freight and age of a Promotion that has ended."""

_WAITS: Final = "waits/"
"""Follows the ages, which begin with 0 or 1."""


def order(document: Mapping[str, Any]) -> str:
    """Return the Stage and where a Promotion stands in it: by age where it has ended, behind those where it has not."""
    stage, name = text(document, "spec", "stage"), text(document, "metadata", "name")
    if not stage:
        return ""
    return f"{stage}/{_spelt(name) if _has_ended(document) else _WAITS + name}"


def ended_with(document: Mapping[str, Any]) -> str:
    """Return Stage, Freight and age, if the Promotion has ended."""
    stage, freight = text(document, "spec", "stage"), text(document, "spec", "freight")
    if not stage or not _has_ended(document):
        return ""
    return f"{stage}/{freight}/{_spelt(text(document, 'metadata', 'name'))}"


def unsettled(stage: str, last: str) -> tuple[str, str]:
    """Return the range of `ORDER` with what ended from a Promotion on, which need not be there, and all that has not ended.

    `last`: that Promotion; with what ended from the first on, if it is empty.
    """
    return f"{stage}/{_spelt(last) if last else ''}", _after(stage)


def ended_since(stage: str, earlier: str) -> tuple[str, str]:
    """Return the range of `ORDER` with what ended from a Promotion on."""
    return f"{stage}/{_spelt(earlier)}", f"{stage}/{_WAITS}"


def waiting(stage: str) -> tuple[str, str]:
    """Return the range of `ORDER` with what has not ended."""
    return f"{stage}/{_WAITS}", _after(stage)


def with_freight(stage: str, freight: str) -> tuple[str, str]:
    """Return the range of `ENDED_WITH` for one Freight."""
    return f"{stage}/{freight}/", _after(f"{stage}/{freight}")


def _after(prefix: str) -> str:
    """Return the text that follows all that begin with `prefix/`."""
    return f"{prefix}{chr(ord('/') + 1)}"


def _spelt(name: str) -> str:
    """Return a rank as text that sorts as the rank does."""
    has_ulid, ulid, _ = rank(name)
    return f"{int(has_ulid)}{ulid}/{name}"


def _has_ended(document: Mapping[str, Any]) -> bool:
    phase = text(document, "status", "phase")
    return bool(phase) and PromotionPhase(phase).is_terminal
