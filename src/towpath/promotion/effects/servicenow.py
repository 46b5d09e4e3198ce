"""ServiceNow as steps see it: records of tables, found and changed in the name of an account that a Secret holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from towpath.promotion.effects.classes import EffectClass, effect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.promotion.effects.accounts import TrackerAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRecords:
    """Which records are meant: those of a table, by the Table API or, for changes, by the API of their type."""

    table: str
    change_type: str = ""
    """`standard`, `emergency` or `normal`; empty: the Table API."""
    template: str = ""
    """The `sys_id` of the template that a standard change is made from."""


@dataclass(frozen=True, slots=True)
class MadeRecord:
    """A record that there is now."""

    sys_id: str
    number: str
    is_found: bool
    """Whether a former run of the step, which did not come to its end, has made it."""


@dataclass(frozen=True, slots=True)
class SeenCondition:
    """Whether a record fulfils a condition."""

    is_fulfilled: bool
    held: str
    """What it has in the fields that the condition names, for people."""
    host: str


class ServiceNowDoor(Protocol):
    """ServiceNow for one step.

    Each operation raises NotFound for a Secret or record that is not there or not to be seen, BadRequest for what ServiceNow
    does not take, Unauthenticated, Forbidden; and Unavailable, Timeout and TooManyRequests, which pass.
    """

    @effect(EffectClass.PROBED)
    async def create(
        self, account: TrackerAccount, records: TicketRecords, values: Mapping[str, Any]
    ) -> MadeRecord:
        """Make a record. After a crash one whose `correlation_id` is our mark is looked for first."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def update(
        self,
        account: TrackerAccount,
        records: TicketRecords,
        sys_id: str,
        values: Mapping[str, Any],
    ) -> None:
        """Set fields of a record."""
        ...

    @effect(EffectClass.PROBED)
    async def delete(self, account: TrackerAccount, records: TicketRecords, sys_id: str) -> None:
        """Delete a record; one that a former run of this step has deleted may be gone."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def find(
        self, account: TrackerAccount, table: str, terms: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Return the first record whose fields have some values; None if there is none."""
        ...

    @effect(EffectClass.CONVERGENT)
    async def fulfils(
        self, account: TrackerAccount, table: str, sys_id: str, condition: str
    ) -> SeenCondition:
        """Return whether a record fulfils an encoded query, as the instance itself says."""
        ...
