"""The door to ServiceNow that acts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, messages
from towpath.clients.http import urls
from towpath.clients.trackers.servicenow import encoded
from towpath.promotion.doors import marking
from towpath.promotion.doors.marking import Making
from towpath.promotion.effects.servicenow import MadeRecord, SeenCondition, ServiceNowDoor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clients.trackers.servicenow.api import Record, ServiceNowApi
    from towpath.clock import Clock
    from towpath.promotion.doors.trackers import ProjectTrackers
    from towpath.promotion.effects.accounts import TrackerAccount
    from towpath.promotion.effects.classes import EffectNotes
    from towpath.promotion.effects.servicenow import TicketRecords

_RECORD: Final = "servicenow-record"
_GONE: Final = "servicenow-gone"
_MARK_FIELDS: Final = ("correlation_id", "correlation_display")
"""Fields for what other systems know a record by; the second where the manifest sets the first."""
_MARK_DIGITS: Final = 32


class ConnectedServiceNow(ServiceNowDoor):
    """ServiceNow for one step of one Promotion."""

    def __init__(
        self, trackers: ProjectTrackers, *, mark: str, journal: EffectNotes, clock: Clock
    ) -> None:
        """`mark`: what is the step's alone, `PROJECT/PROMOTION/STEP`."""
        self._trackers = trackers
        digest = hashlib.sha256(mark.encode()).hexdigest()[:_MARK_DIGITS]
        self._mark = f"towpath-{digest}"
        self._journal = journal
        self._clock = clock

    async def create(
        self, account: TrackerAccount, records: TicketRecords, values: Mapping[str, Any]
    ) -> MadeRecord:
        """Make a record, or find the one that carries our mark."""
        api = await self._trackers.servicenow(account)
        wanted = as_texts(values)
        self._trackers.refuse_secrets("parameters", wanted)
        marked = next((each for each in _MARK_FIELDS if not wanted.get(each)), "")

        async def make() -> dict[str, Any]:
            given = {**wanted, marked: self._mark} if marked else wanted
            made = await api.create(
                records.table, given, change_type=records.change_type, template=records.template
            )
            return _named(made)

        async def look(_minutes: int) -> dict[str, Any] | None:
            # The instance leaves out terms about fields that a table does not have: what it finds is looked at.
            terms = {marked: self._mark} if marked else {}
            for each in await api.find(records.table, encoded.of(terms)) if terms else ():
                if encoded.value_of(each.get(marked)) == self._mark:
                    return _named(each)
            return None

        making = Making(self._journal, self._clock, _RECORD, "record")
        found, was_there = await making.once(make, look)
        return MadeRecord(found["sys_id"], found["number"], was_there)

    async def update(
        self,
        account: TrackerAccount,
        records: TicketRecords,
        sys_id: str,
        values: Mapping[str, Any],
    ) -> None:
        """Set fields of a record."""
        api = await self._trackers.servicenow(account)
        self._trackers.refuse_secrets("parameters", dict(values))
        await api.update(records.table, sys_id, as_texts(values), change_type=records.change_type)

    async def delete(self, account: TrackerAccount, records: TicketRecords, sys_id: str) -> None:
        """Delete a record."""
        api = await self._trackers.servicenow(account)
        table, type_ = records.table, records.change_type
        what = f"{table}/{sys_id}"
        await marking.gone(
            self._journal,
            _GONE,
            what,
            lambda: api.record(table, sys_id),
            lambda: api.delete(table, sys_id, change_type=type_),
        )

    async def find(
        self, account: TrackerAccount, table: str, terms: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Return the first record whose fields have some values."""
        api = await self._trackers.servicenow(account)
        found = await api.find(table, encoded.of(terms))
        if not found:
            return None
        _look_that_it_was_meant(api, table, terms, found[0])
        return found[0]

    async def fulfils(
        self, account: TrackerAccount, table: str, sys_id: str, condition: str
    ) -> SeenCondition:
        """Return whether a record fulfils an encoded query."""
        api = await self._trackers.servicenow(account)
        does, held = await api.fulfils(table, sys_id, condition)
        return SeenCondition(does, held, urls.split(api.requests.access.base).host)


def as_texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return values as ServiceNow keeps them, all of them texts. Raises BadRequest for lists and objects."""
    return {name: encoded.text_of(value, name) for name, value in values.items()}


def _named(record: Record) -> dict[str, Any]:
    return {name: encoded.value_of(record.get(name)) for name in ("sys_id", "number")}


def _look_that_it_was_meant(
    api: ServiceNowApi, table: str, terms: Mapping[str, Any], record: Record
) -> None:
    """Raise BadRequest where an instance has left out a term of the query, as it does with fields that it does not know."""
    for name, value in terms.items():
        if "." in name:
            continue  # of another record, which the answer does not hold
        if name not in record:
            raise errors.BadRequest(
                f"{api.name}: records of {table} have no field {name}, which the query names; "
                f"{messages.instead(name, sorted(record))}"
            )
        wanted = encoded.text_of(value, name).casefold()
        held = record[name]
        if wanted not in (encoded.value_of(held).casefold(), encoded.shown_of(held).casefold()):
            raise errors.BadRequest(
                f"{api.name}: a record of {table} was found whose {name} is not the one of the query: the instance has "
                "left that term out; check the name and the value"
            )
