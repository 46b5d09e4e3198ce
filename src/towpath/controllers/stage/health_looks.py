"""Looks at the health of Stages, by the checks that their last Promotions left, and keeps it steady."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.health.checker import CheckContext
from towpath.resources.promotion import PromotionPhase
from towpath.resources.stage import HealthState
from towpath.rules import stage_status, steady_health
from towpath.rules.stage_drift import promoted_images

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from towpath.clock import Clock
    from towpath.health.checker import ArgoCDReading, Checked
    from towpath.health.registry import CheckerRegistry
    from towpath.resources.kinds import Ref
    from towpath.resources.stage import Health, Stage, StageStatus
    from towpath.rules.argocd.drift import Drift

DEBOUNCE_SECONDS: Final = 5.0
"""That a change of health lasts before it is recorded, where the operator does not say."""
_WELL_SECONDS: Final = 300.0
_UNWELL_SECONDS: Final = 60.0
"""After which a Stage is looked at again though nothing was heard: changes are told, and news can be lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSeen:
    """What one look at a Stage found."""

    checked: Sequence[Checked] = ()
    """What each check found, in their order."""

    @property
    def healths(self) -> list[Health]:
        """The healths, in the order of the checks."""
        return [each.health for each in self.checked]

    @property
    def drift(self) -> list[Drift] | None:
        """What is there in the place of what was promoted; None: nobody can tell now."""
        found = [each.drift for each in self.checked]
        drifted = [one for each in found for one in each or ()]
        return drifted if drifted or None not in found else None


class HealthLooks:
    """The looks of one controller."""

    def __init__(
        self,
        registry: CheckerRegistry,
        reading: Callable[[str, str], ArgoCDReading],
        clock: Clock,
        *,
        debounce_seconds: float = DEBOUNCE_SECONDS,
    ) -> None:
        """`reading` returns what checks of a Stage, by Project and name, may ask Argo CD."""
        self._registry = registry
        self._reading = reading
        self._clock = clock
        self._debounce = debounce_seconds
        self._left: dict[Ref, float] = {}
        """Since when Stages are seen otherwise than is recorded."""

    async def look(self, stage: Stage, status: StageStatus) -> HealthSeen:
        """Run the checks of a Stage, where what was promoted last is there."""
        last = status.last_promotion
        if status.current_promotion is not None or last is None or last.status is None:
            return HealthSeen()
        if last.status.phase != PromotionPhase.SUCCEEDED or not last.status.health_checks:
            return HealthSeen()
        project, name = stage.metadata.namespace, stage.metadata.name
        context = CheckContext(
            project=project,
            stage=name,
            argocd=self._reading(project, name),
            images=promoted_images(status),
        )
        return HealthSeen(checked=await self._registry.check(last.status.health_checks, context))

    def record(self, ref: Ref, status: StageStatus, seen: HealthSeen) -> None:
        """Set the health of a Stage to what was seen, once that has lasted.

        What a Promotion brought is verified as soon as it is well, so that without a verification it never was.
        """
        before = status.health
        if before is not None and before.output is None:
            before = None  # it was not found by checks
        found = stage_status.health(status, seen.healths)
        if not seen.checked:
            before = None
        kept = steady_health.recorded(
            before,
            found,
            self._left.get(ref),
            now=self._clock.monotonic(),
            seconds=self._debounce,
            was_well=stage_status.newest_verification(status) is not None,
        )
        status.health = kept.health
        if kept.left_at is None:
            self._left.pop(ref, None)
        else:
            self._left[ref] = kept.left_at

    def again_seconds(self, ref: Ref, status: StageStatus, seen: HealthSeen) -> float | None:
        """Return after how long the Stage is to be looked at again, though nothing happens; None: never."""
        left = self._left.get(ref)
        if left is not None:
            return max(left + self._debounce - self._clock.monotonic(), 0.0)
        if not seen.checked:
            return None
        is_well = status.health is not None and status.health.status == HealthState.HEALTHY
        return _WELL_SECONDS if is_well else _UNWELL_SECONDS

    def forget(self, ref: Ref) -> None:
        """Forget a Stage that is gone."""
        self._left.pop(ref, None)
