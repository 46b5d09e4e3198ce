"""How far a Promotion has come when the engine hands it back, and for what it is run again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ended:
    """Every step has ended; the status says how."""


@dataclass(frozen=True, slots=True)
class AnotherTry:
    """A step had an error and is to be run again after a back-off."""

    message: str
    errors_in_a_row: int = 1
    """Of this step, whatever those before it did."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A step waits."""

    waiting_for: str
    seconds: float
    """After which it is run again, whatever happens."""
    wake: tuple[str, ...] = ()
    """Keys of the events that have it run again earlier."""
    shown: tuple[str, ...] = ()
    """The same keys as people may see them: secrets masked."""


@dataclass(frozen=True, slots=True)
class StartedOver:
    """The Promotion begins at its first step again."""


Progress = Ended | AnotherTry | Wait
