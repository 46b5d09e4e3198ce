"""`compose-output`: puts out its configuration; within a task, as outputs of the task."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from towpath.promotion.step import BaseStep, Failed, FreeForm, Succeeded

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext
    from towpath.resources.fields import Struct


class ComposeOutput(BaseStep):
    """Puts out what it is given."""

    name: ClassVar[str] = "compose-output"
    config: ClassVar[type[Struct]] = FreeForm
    free_form: ClassVar[bool] = True
    task_output: ClassVar[bool] = True
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: FreeForm) -> Outcome:
        """Put it out."""
        del context
        if not config.values:
            return Failed(message="invalid compose-output config: name at least one output")
        return Succeeded(output=dict(config.values))
