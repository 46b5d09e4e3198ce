"""A health check whose answer the test says, and a step that leaves it with the Stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tests.support.pipeline import PROJECT
from towpath.health.checker import Checked
from towpath.promotion.step import HealthCheck, Succeeded
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.stage import Health

if TYPE_CHECKING:
    from tests.support.pipeline import Pipeline
    from towpath.health.checker import CheckContext


class WellBeing:
    """Answers for each Stage what the test has said last; Healthy before."""

    name: ClassVar[str] = "well-being"

    def __init__(self) -> None:
        self.states: dict[str, str] = {}

    async def check(self, context: CheckContext, config: Any) -> Checked:
        """Look."""
        del config
        state = self.states.get(context.stage, "Healthy")
        issues = [] if state == "Healthy" else [f"{context.stage} is {state.lower()}"]
        return Checked(health=Health(status=state, issues=issues, output={"seen": True}))


def left(world: Pipeline, *stages: str) -> None:
    """Have the step `work` leave the check with Stages."""
    for stage in stages:
        world.work.outcomes[stage] = lambda: Succeeded(
            health_check=HealthCheck(uses=WellBeing.name, config={})
        )


async def turn(world: Pipeline, checks: WellBeing, stage: str, state: str) -> None:
    """Have a Stage be well, or not, for long enough that it is recorded."""
    checks.states[stage] = state
    for _ in range(2):
        for each in world.controllers:
            if each.name == "stages":
                each.queue.add(Ref(scheme.STAGE, PROJECT, stage))
        await world.settled()
        await world.clock.advance(6)
        await world.settled()
