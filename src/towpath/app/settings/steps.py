"""What the operator's configuration says of steps (`steps`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from towpath.app.settings import wrong
from towpath.promotion.step_settings import StepSettings
from towpath.resources import durations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class OneStepSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What holds for one step, where manifests do not say otherwise."""

    error_threshold: int | None = msgspec.field(default=None, name="errorThreshold")
    timeout: str | None = None
    """Such as `10m`; `0s`: no limit."""
    settings: dict[str, Any] = {}
    """What the step itself asks for."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each key that is wrong, and why."""
        if self.error_threshold is not None:
            yield from wrong.count("errorThreshold", self.error_threshold)
        if self.timeout is not None:
            yield from wrong.span("timeout", self.timeout, may_be_empty=False)

    def read(self) -> StepSettings:
        """Return it as the registry takes it."""
        seconds = None
        if self.timeout is not None:
            seconds = durations.parse(self.timeout) / durations.SECOND
        return StepSettings(
            error_threshold=self.error_threshold, timeout_seconds=seconds, own=self.settings
        )


def problems(steps: Mapping[str, OneStepSettings]) -> Iterator[tuple[str, str]]:
    """Yield each key that is wrong, and why."""
    for name, step in steps.items():
        for key, why in step.problems():
            yield f"{name}.{key}", why


def read(steps: Mapping[str, OneStepSettings]) -> dict[str, StepSettings]:
    """Return what is said of steps, by their names."""
    return {name: step.read() for name, step in steps.items()}
