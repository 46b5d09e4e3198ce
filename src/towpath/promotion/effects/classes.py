"""What repeating an effect means, and how an operation of a door says so."""

from __future__ import annotations

import enum
import inspect
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_CLASS: Final = "__effect_class__"

Operation = TypeVar("Operation", bound="Callable[..., Any]")


class EffectClass(enum.StrEnum):
    """What repeating an effect means."""

    CONVERGENT = "Convergent"
    """Repeating it is harmless."""
    PROBED = "Probed"
    """Our mark is looked for before it is done again."""
    AT_LEAST_ONCE = "AtLeastOnce"
    """A repeat after a crash is possible; it is recorded, and shown."""


def effect(effect_class: EffectClass) -> Callable[[Operation], Operation]:
    """Say of an operation of a door what repeating it means; said once, in the door's protocol."""

    def declared(operation: Operation) -> Operation:
        setattr(operation, _CLASS, effect_class)
        return operation

    return declared


def operations(door: type) -> dict[str, EffectClass | None]:
    """Return the operations of a door's protocol by name, each with its class; None where it does not say."""
    return {
        name: getattr(member, _CLASS, None)
        for name, member in inspect.getmembers(door, inspect.isfunction)
        if not name.startswith("_")
    }


class EffectNotes(Protocol):
    """What a door remembers of effects that are under way, durably (`journal.py`). Keys are the door's own.

    The record of one step is gone once the step has ended; `note` has reached the disk when it returns.
    """

    def noted(self, key: str) -> Any | None:
        """Return what was noted under a key for this step of this Promotion; None if nothing was."""
        ...

    async def note(self, key: str, value: Any, *, effect: EffectClass) -> None:
        """Remember a JSON value under a key, before the effect is begun."""
        ...
