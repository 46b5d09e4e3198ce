"""`snow-wait-for-condition`: waits until a record of ServiceNow fulfils a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import msgspec

from towpath import errors
from towpath.promotion.snow_fields import Credentials, TableName
from towpath.promotion.step import BaseStep, Succeeded, Waiting
from towpath.promotion.tracker_fields import PollInterval, answered, host_found, poll_seconds
from towpath.resources.fields import Field, Struct
from towpath.rules import wake_keys

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class SnowWaitConfig(Struct, kw_only=True):
    """What to wait for."""

    credentials: Credentials
    table_name: TableName
    ticket_id: Annotated[str, Field("The record's `sys_id`.", min_length=1)] = msgspec.field(
        name="ticketId"
    )
    condition: Annotated[
        str,
        Field(
            "An encoded query about the record, such as `state=-2`.", min_length=1, max_length=4000
        ),
    ]
    poll_interval: PollInterval = None


class SnowWaitForCondition(BaseStep):
    """Waits until a record fulfils a condition."""

    name: ClassVar[str] = "snow-wait-for-condition"
    config: ClassVar[type[Struct]] = SnowWaitConfig
    convergent: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: SnowWaitConfig) -> Outcome:
        """Ask the instance once."""
        account = config.credentials.account()
        try:
            again = poll_seconds(config.poll_interval)
            seen = await context.effects.servicenow.fulfils(
                account, config.table_name, config.ticket_id, config.condition
            )
        except errors.TowpathError as error:
            return answered(error, context.former)
        if seen.is_fulfilled:
            return Succeeded(message=seen.held)
        return Waiting(
            waiting_for=f"{seen.held}, waiting for {config.condition}",
            wake=[wake_keys.ticket(seen.host, config.ticket_id)],
            again_seconds=again,
            output=host_found(context.former),
        )
