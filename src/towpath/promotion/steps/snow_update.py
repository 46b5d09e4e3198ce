"""`snow-update`: sets fields of a record of ServiceNow."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from towpath import errors
from towpath.promotion.snow_fields import Parameters, SnowTicket
from towpath.promotion.step import BaseStep, Succeeded
from towpath.promotion.tracker_fields import answered

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext
    from towpath.resources.fields import Struct


class SnowUpdateConfig(SnowTicket, kw_only=True):
    """What to set."""

    parameters: Parameters


class SnowUpdate(BaseStep):
    """Sets fields of a record."""

    name: ClassVar[str] = "snow-update"
    config: ClassVar[type[Struct]] = SnowUpdateConfig
    convergent: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: SnowUpdateConfig) -> Outcome:
        """Set them."""
        try:
            await context.effects.servicenow.update(
                config.credentials.account(), config.records(), config.ticket_id, config.parameters
            )
        except errors.TowpathError as error:
            return answered(error, context.former)
        return Succeeded(message=f"set {', '.join(config.parameters)} of {config.ticket_id}")
