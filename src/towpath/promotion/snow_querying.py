"""What the two steps do that find a record of ServiceNow, which differ by their names alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from towpath import errors
from towpath.promotion.snow_fields import Credentials, TableName
from towpath.promotion.step import BaseStep, Failed, Succeeded
from towpath.promotion.tracker_fields import answered
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class SnowQueryConfig(Struct, kw_only=True):
    """What to find."""

    credentials: Credentials
    table_name: TableName
    query: Annotated[
        dict[str, Any], Field("Values by the name of the field: a record has all of them.")
    ]


class SnowQueryOutput(Struct, kw_only=True):
    """What was found; the record's fields stand at the top level, too."""

    record: Annotated[dict[str, Any], Field("The record, each field a text.")] = {}  # noqa: RUF012 - msgspec copies it
    sys_id: Annotated[str, Field("Its `sys_id`, as all its fields are.")] = ""


class SnowQuery(BaseStep):
    """Finds the first record whose fields have some values."""

    config: ClassVar[type[Struct]] = SnowQueryConfig
    output: ClassVar[type[Struct]] = SnowQueryOutput
    convergent: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: SnowQueryConfig) -> Outcome:
        """Look for it."""
        try:
            found = await context.effects.servicenow.find(
                config.credentials.account(), config.table_name, config.query
            )
        except errors.TowpathError as error:
            return answered(error, context.former)
        if found is None:
            said = " and ".join(f"{name} {value!r}" for name, value in config.query.items())
            return Failed(message=f"there is no record of {config.table_name} with {said}")
        record = dict(found)
        return Succeeded(
            output={**record, "record": record},
            message=f"found {record.get('number') or record.get('sys_id')}",
        )
