"""`record-audit-event`: puts something on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from towpath import errors
from towpath.promotion.effects.messages import AuditEvent
from towpath.promotion.step import BaseStep, Errored, Succeeded
from towpath.resources.fields import Field, Struct, Text

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext

_TYPE = "recorded"


class RecordAuditEventConfig(Struct, kw_only=True):
    """What to put on record."""

    message: Annotated[Text, Field("What happened, for people.", max_length=1024)]
    type: Annotated[
        str | None,
        Field(
            "What kind of thing that is; `recorded` where it is not given.",
            pattern=r"^[A-Za-z][A-Za-z0-9._-]*$",
            max_length=128,
        ),
    ] = None
    actor: Annotated[
        str | None,
        Field("Who did it; who asked for the Promotion where it is not given.", max_length=256),
    ] = None
    data: Annotated[
        dict[
            Annotated[str, Field()],
            Annotated[str, Field(max_length=4096)],
        ]
        | None,
        Field("What else belongs to it, by names of letters, digits, `-`, `_` and `.`."),
    ] = None


class RecordAuditEvent(BaseStep):
    """Puts something on record."""

    name: ClassVar[str] = "record-audit-event"
    config: ClassVar[type[Struct]] = RecordAuditEventConfig
    convergent: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: RecordAuditEventConfig) -> Outcome:
        """Record it, once whatever happens."""
        data = config.data or {}
        if odd := [key for key in data if not _is_name(key)]:
            return Errored(
                message=f"config.data: {odd[0]!r} is no name; write letters, digits, '-', '_' and '.', 50 at most",
                final=True,
            )
        if len(data) > _MOST:
            return Errored(
                message=f"config.data: there are {len(data)} keys; {_MOST} at most", final=True
            )
        event = AuditEvent(
            message=config.message,
            type=config.type or _TYPE,
            actor=config.actor or context.actor,
            data=data,
        )
        try:
            name = await context.effects.messages.record(event)
        except errors.BadRequest as error:
            return Errored(message=error.message, final=True)
        return Succeeded(message=f"recorded as Event {name}" if name else "recorded")


_MOST = 50


def _is_name(key: str) -> bool:
    plain = key.replace("-", "").replace("_", "").replace(".", "")
    return key.isascii() and plain.isalnum() and len(key) <= _MOST and key[0].isalnum()
