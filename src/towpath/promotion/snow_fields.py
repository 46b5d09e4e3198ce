"""Fields that the steps about ServiceNow have in common."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from towpath.promotion.effects.servicenow import TicketRecords
from towpath.promotion.tracker_fields import SnowCredentials
from towpath.resources.fields import Field, Struct

TYPES: Final = ("standard", "emergency", "normal")

Credentials = Annotated[
    SnowCredentials,
    Field("The Secret with `instanceURL`, and `apiToken` or `username` and `password`."),
]
TableName = Annotated[str, Field("The table, such as change_request.", min_length=1)]
Parameters = Annotated[
    dict[str, Any], Field("Values by the name of the field; ServiceNow keeps them as texts.")
]


class SnowTemplate(Struct, kw_only=True):
    """That a record is a change, and of which type."""

    type: Annotated[str, Field("The type of the change.", enum=TYPES)]
    template_id: Annotated[
        str | None,
        Field("The `sys_id` of the template; a standard change is made from one.", min_length=1),
    ] = msgspec.field(default=None, name="templateId")


Template = Annotated[
    SnowTemplate | None,
    Field("Has the Change Management API used, and not the Table API."),
]


class SnowTicket(Struct, kw_only=True):
    """One record."""

    credentials: Credentials
    table_name: TableName
    ticket_id: Annotated[str, Field("The record's `sys_id`.", min_length=1)] = msgspec.field(
        name="ticketId"
    )
    template: Template = None

    def records(self) -> TicketRecords:
        """Return which records are meant."""
        return records(self.table_name, self.template)


def records(table: str, template: SnowTemplate | None) -> TicketRecords:
    """Return which records are meant."""
    if template is None:
        return TicketRecords(table=table)
    return TicketRecords(
        table=table, change_type=template.type, template=template.template_id or ""
    )
