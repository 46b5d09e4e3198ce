"""Says on an object that its reconciling does not come to an end, and takes it back when it does.

Kinds that have conditions get `Ready=False` with the reason `ReconcileError`; the others, and objects whose status
cannot be written, get an Event. The text ends on an id that finds the line in the log.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import errors
from towpath.admission.requester import Requester
from towpath.resources import moments
from towpath.resources.document import documents
from towpath.resources.meta import Condition, with_condition
from towpath.resources.structs import schema_of, to_document, view

if TYPE_CHECKING:
    from towpath.admission.authority import SystemAuthority
    from towpath.admission.event_recorder import EventRecorder
    from towpath.clock import Clock
    from towpath.resources.kinds import Kind, Ref
    from towpath.runtime.failures import PassFailure
    from towpath.store.contract import Document, Store

REQUESTER: Final = Requester("controller:system", is_controller=True)
REASON: Final = "ReconcileError"
_READY: Final = "Ready"
_RECONCILING: Final = "Reconciling"
_AGAIN: Final = "RetryAfterError"


class ObjectReporter:
    """A `runtime.failures.Reporter` that writes to the objects themselves."""

    def __init__(
        self, store: Store, writer: SystemAuthority, clock: Clock, events: EventRecorder
    ) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._events = events

    async def failed(self, failure: PassFailure) -> None:
        """Say what went wrong. An object that is gone needs nothing said."""
        message = f"{failure.message} (fault={failure.id})"
        if has_conditions(failure.key.kind):
            try:
                await self._write(failure.key, message, is_final=failure.is_final)
            except errors.NotFound:
                return
            except errors.Unavailable:
                raise  # nor could an Event be written
            except errors.TowpathError as error:
                message = f"{message}; its status cannot be written: {error.message}"
            else:
                return
        try:
            stored = await self._store.get(failure.key)
        except errors.NotFound:
            return
        await self._events.failed(stored, REASON, message, key=failure.id)

    async def recovered(self, controller: str, key: Ref) -> None:
        """Remove the condition after a pass that succeeded and did not write that condition itself."""
        del controller
        if not has_conditions(key.kind):
            return
        try:
            stored = await self._store.get(key)
            if not _says_failed(stored.document):
                return
            await self._writer.set_status(key, _without_failure, REQUESTER)
        except errors.NotFound:
            return

    async def _write(self, key: Ref, message: str, *, is_final: bool) -> None:
        now = moments.whole_seconds(self._clock.now())

        def changed(status: Document) -> Document:
            found = _put(_listed(status), _READY, "False", REASON, message, now)
            if is_final:
                found = _dropped(found, _RECONCILING)
            else:
                found = _put(found, _RECONCILING, "True", _AGAIN, message, now)
            return {**status, "conditions": found}

        await self._writer.set_status(key, changed, REQUESTER)


@cache
def has_conditions(kind: Kind) -> bool:
    """Whether objects of a kind say in conditions how they fare."""
    status = schema_of(kind.type).properties.get("status") if kind.status else None
    return status is not None and "conditions" in status.properties


def _listed(status: Document) -> list[Document]:
    """Return the conditions, and leave out what cannot be one: the object may be malformed."""
    return documents(status, "conditions")


def _put(
    conditions: list[Document], type_: str, status: str, reason: str, message: str, now: str
) -> list[Document]:
    before: list[Condition] = []
    generation = 0
    for each in conditions:
        if each.get("type") == type_:
            try:
                before = [view(Condition, each)]
                generation = before[0].observed_generation
            except msgspec.ValidationError:
                before = []
    wanted = Condition(
        type=type_,
        status=status,
        reason=reason,
        message=message,
        last_transition_time=now,
        observed_generation=generation,
    )
    [new] = with_condition(before, wanted)
    return [*_dropped(conditions, type_), to_document(new)]


def _dropped(conditions: list[Document], type_: str, reason: str | None = None) -> list[Document]:
    return [
        each
        for each in conditions
        if each.get("type") != type_ or (reason is not None and each.get("reason") != reason)
    ]


def _says_failed(document: Document) -> bool:
    status: Any = document.get("status")
    return isinstance(status, dict) and any(
        each.get("type") == _READY and each.get("reason") == REASON for each in _listed(status)
    )


def _without_failure(status: Document) -> Document:
    found = _dropped(_listed(status), _READY, REASON)
    return {**status, "conditions": _dropped(found, _RECONCILING, _AGAIN)}
