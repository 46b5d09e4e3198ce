"""`fail`: says no, always."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from towpath.promotion.step import BaseStep, Failed
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class FailConfig(Struct):
    """Why it fails."""

    message: Annotated[str, Field("Why, for people.")] = ""


class Fail(BaseStep):
    """Ends a Promotion as Failed."""

    name: ClassVar[str] = "fail"
    config: ClassVar[type[Struct]] = FailConfig
    momentary: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: FailConfig) -> Outcome:
        """Say no."""
        del context
        return Failed(message=f"failed: {config.message}" if config.message else "failed")
