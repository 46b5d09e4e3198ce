"""An example of what a step does, for the checks to run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from towpath.promotion.step import Skipped, Succeeded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.promotion.programs import Programs
    from towpath.promotion.step import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A configuration, and what it needs."""

    config: Mapping[str, Any]
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    """What lies in the work directory, by path."""
    effects: Any = None
    """The doors that the step needs, as an object with a field for each; None: none."""
    programs: Programs | None = None
    """Runs the programs that the step needs."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `StepContext` that are to be otherwise."""
    outcome: type[Outcome] | tuple[type[Outcome], ...] = (Succeeded, Skipped)
    """What it comes to."""
    secrets: Sequence[str] = ()
    """Values of the configuration that no message may hold."""
