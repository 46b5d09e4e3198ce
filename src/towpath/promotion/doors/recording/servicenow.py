"""The door to ServiceNow that changes nothing: what would be done is recorded, and records are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.clients.trackers.servicenow.api import is_id
from towpath.promotion.doors.servicenow import as_texts
from towpath.promotion.effects.servicenow import MadeRecord, SeenCondition, ServiceNowDoor
from towpath.promotion.effects.unanswered import Unanswered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.promotion.doors.recording.recorder import Recorder
    from towpath.promotion.doors.trackers import ProjectTrackers
    from towpath.promotion.effects.accounts import TrackerAccount
    from towpath.promotion.effects.servicenow import TicketRecords


class RecordedServiceNow(ServiceNowDoor):
    """ServiceNow for one step of a plan."""

    def __init__(
        self, recorder: Recorder, step: str, trackers: ProjectTrackers, reading: ServiceNowDoor
    ) -> None:
        """`reading`: the door that acts, of which only what reads is used."""
        self._recorder = recorder
        self._step = step
        self._trackers = trackers
        self._reading = reading

    async def create(
        self, account: TrackerAccount, records: TicketRecords, values: Mapping[str, Any]
    ) -> MadeRecord:
        """Record which fields a record would be made with."""
        api = await self._trackers.servicenow(account)
        self._trackers.refuse_secrets("parameters", dict(values))
        said = f"a record of {records.table} of {api.name} with {', '.join(as_texts(values))}"
        self._note("create", said)
        raise Unanswered("no record is made while it is planned")

    async def update(
        self,
        account: TrackerAccount,
        records: TicketRecords,
        sys_id: str,
        values: Mapping[str, Any],
    ) -> None:
        """Record which fields would be set, and look that the record is there."""
        api = await self._trackers.servicenow(account)
        self._trackers.refuse_secrets("parameters", dict(values))
        said = f"{', '.join(as_texts(values))} of record {sys_id} of {records.table} of {api.name}"
        self._note("update", said)
        if not is_id(sys_id):
            raise Unanswered(f"which record {sys_id} is, is not known while it is planned")
        await api.record(records.table, sys_id)

    async def delete(self, account: TrackerAccount, records: TicketRecords, sys_id: str) -> None:
        """Record it."""
        api = await self._trackers.servicenow(account)
        self._note("delete", f"record {sys_id} of {records.table} of {api.name}")

    async def find(
        self, account: TrackerAccount, table: str, terms: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Look."""
        return await self._reading.find(account, table, terms)

    async def fulfils(
        self, account: TrackerAccount, table: str, sys_id: str, condition: str
    ) -> SeenCondition:
        """Look."""
        return await self._reading.fulfils(account, table, sys_id, condition)

    def _note(self, operation: str, what: str) -> None:
        self._recorder.call(self._step, "servicenow", operation, what)
