"""`compose-output`: puts out its configuration; within a task, as outputs of the task."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from towpath import messages
from towpath.promotion.step import BaseStep, FreeForm, Succeeded
from towpath.resources.schema import Rule

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext
    from towpath.resources.fields import Struct

_MOST_TOLD: Final = 10


class Outputs(FreeForm):
    """Values by the names that are to be put out."""

    RULES: ClassVar = (
        Rule(
            expression="size(self) > 0",
            message="name at least one output",
            holds=lambda values, _: bool(values),
        ),
    )


class ComposeOutput(BaseStep):
    """Puts out what it is given."""

    name: ClassVar[str] = "compose-output"
    config: ClassVar[type[Struct]] = Outputs
    free_form: ClassVar[bool] = True
    task_output: ClassVar[bool] = True
    convergent: ClassVar[bool] = True
    momentary: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: FreeForm) -> Outcome:
        """Put it out."""
        del context
        told = messages.first(list(config.values), _MOST_TOLD)
        return Succeeded(output=dict(config.values), message=f"put out {told}")
