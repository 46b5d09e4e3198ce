"""Towpath's own objects as steps see them: what a step may change of the Stages and Freight of its Project."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Protocol

from towpath.promotion.effects.classes import EffectClass, effect

if TYPE_CHECKING:
    from collections.abc import Mapping


class NotedKind(enum.StrEnum):
    """Kinds that have `status.metadata`."""

    STAGE = "Stage"
    FREIGHT = "Freight"


class ObjectsDoor(Protocol):
    """Objects of the Promotion's Project.

    Each operation raises NotFound, Forbidden for a value that came from a Secret, and what admission says.
    """

    @effect(EffectClass.CONVERGENT)
    async def set_metadata(self, kind: NotedKind, name: str, values: Mapping[str, Any]) -> None:
        """Set keys of `status.metadata` to JSON values; others stay. Raises NotFound, TooLarge."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def set_freight_alias(self, name: str, alias: str) -> str:
        """Give Freight an alias; return the one it had. Raises NotFound, Conflict where another has it, Invalid."""
        ...
