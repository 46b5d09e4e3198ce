"""`snow-delete`: deletes a record of ServiceNow, by its `sys_id` and never by a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from towpath import errors
from towpath.promotion.snow_fields import SnowTicket
from towpath.promotion.step import BaseStep, Succeeded
from towpath.promotion.tracker_fields import answered

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext
    from towpath.resources.fields import Struct


class SnowDeleteConfig(SnowTicket, kw_only=True):
    """What to delete."""


class SnowDelete(BaseStep):
    """Deletes a record."""

    name: ClassVar[str] = "snow-delete"
    config: ClassVar[type[Struct]] = SnowDeleteConfig
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: SnowDeleteConfig) -> Outcome:
        """Delete it."""
        try:
            await context.effects.servicenow.delete(
                config.credentials.account(), config.records(), config.ticket_id
            )
        except errors.TowpathError as error:
            return answered(error, context.former)
        return Succeeded(message=f"deleted {config.ticket_id}")
