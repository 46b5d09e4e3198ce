"""The engine: runs the steps of one Promotion in order, and writes down how far it is.

The status is written when a step begins and when it has ended, so that whoever goes on after a crash runs again at most
the one step that was under way. `step_run` runs one step, `settling` writes down what that came to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.promotion import precheck
from towpath.promotion.progress import Ended, StartedOver
from towpath.promotion.step_run import StepRun
from towpath.rules import step_outcomes
from towpath.runtime.evaluation import Evaluations
from towpath.telemetry.durations import LONG_BOUNDS, DurationsByName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.clock import Clock
    from towpath.promotion.progress import Progress
    from towpath.promotion.step_registry import Registered, StepRegistry
    from towpath.promotion.work import Work
    from towpath.resources.promotion import PromotionStatus
    from towpath.runtime.aside import Aside


class Engine:
    """Runs Promotions; it keeps nothing of any of them but how long their steps took."""

    def __init__(self, registry: StepRegistry, clock: Clock, aside: Aside) -> None:
        """`aside` does what takes long, beside the event loop."""
        self._registry = registry
        self._clock = clock
        self._aside = aside
        self._evaluations = Evaluations()
        self.times = DurationsByName(LONG_BOUNDS)
        """How long runs of steps took, by the names of steps; those of plans do not count."""

    @property
    def kinds(self) -> Mapping[str, Registered]:
        """The steps that there are, by name."""
        return self._registry.kinds

    async def refusal(
        self, steps: Sequence[Mapping[str, Any]], variables: Sequence[Mapping[str, Any]]
    ) -> str:
        """Return why a Promotion is not to begin (`precheck`); empty if it may. Not asked of one that has begun."""
        return precheck.refusal(await self._registry.problems(steps, variables))

    async def advance(self, work: Work, status: PromotionStatus) -> Progress:
        """Go on from where `status` says, as far as is possible now. `status` is changed and saved.

        Raises what `work.save` raises: then nothing more is done, and whoever calls again goes on.
        """
        index = 0  # steps that have ended are passed over, whatever `currentStep` says
        while index < len(work.steps):
            status.current_step = index
            run = StepRun.of(
                work,
                status,
                index,
                registry=self._registry,
                clock=self._clock,
                aside=self._aside,
                evaluations=self._evaluations,
                times=self.times,
            )
            progress = await run.progress()
            if isinstance(progress, StartedOver):
                index = 0
                continue
            if progress is not None:
                return progress
            index += 1
        status.current_step = max(len(work.steps) - 1, 0)
        phase, message = step_outcomes.result(status.step_execution_metadata)
        status.phase, status.message = phase, message
        return Ended()

    def is_momentary(self, steps: Sequence[Mapping[str, Any]]) -> bool:
        """Whether all that these steps do is answer at once: they need no work directory."""
        return self._registry.is_momentary(steps)
