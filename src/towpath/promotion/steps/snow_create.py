"""`snow-create`: makes a record of ServiceNow, such as a change request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from towpath import errors
from towpath.promotion.snow_fields import Credentials, Parameters, TableName, Template, records
from towpath.promotion.step import BaseStep, Succeeded
from towpath.promotion.tracker_fields import answered
from towpath.resources.fields import Field, Struct
from towpath.resources.schema import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from towpath.promotion.step import Outcome, StepContext


def _names_template(config: Mapping[str, Any]) -> bool:
    template = config.get("template") or {}
    return template.get("type") != "standard" or bool(template.get("templateId"))


class SnowCreateConfig(Struct, kw_only=True):
    """What to make."""

    RULES: ClassVar = (
        Rule(
            expression="!has(self.template) || self.template.type != 'standard' || has(self.template.templateId)",
            message="a standard change is made from a template: name it by template.templateId",
            holds=lambda config, _: _names_template(config),
        ),
    )

    credentials: Credentials
    table_name: TableName
    parameters: Parameters
    template: Template = None


class SnowCreateOutput(Struct, kw_only=True):
    """What was made."""

    sys_id: Annotated[str, Field("How other steps name it: `sys_id`.")] = ""
    number: Annotated[str, Field("How people name it, such as CHG0030001.")] = ""


class SnowCreate(BaseStep):
    """Makes a record."""

    name: ClassVar[str] = "snow-create"
    config: ClassVar[type[Struct]] = SnowCreateConfig
    output: ClassVar[type[Struct]] = SnowCreateOutput
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: SnowCreateConfig) -> Outcome:
        """Make it, once."""
        which = records(config.table_name, config.template)
        account = config.credentials.account()
        try:
            made = await context.effects.servicenow.create(account, which, config.parameters)
        except errors.TowpathError as error:
            return answered(error, context.former)
        named = made.number or made.sys_id
        told = (
            f"made {named}"
            if not made.is_found
            else f"{named} was there: an earlier run of this step had made it"
        )
        return Succeeded(output={"sys_id": made.sys_id, "number": made.number}, message=told)
