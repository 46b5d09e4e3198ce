"""The door to messages: they are written to the outbox, which delivers them whatever becomes of the Promotion."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.admission.event_recorder import EventRecorder
from towpath.admission.messages import channel_ref
from towpath.messages import instead
from towpath.promotion.effects.classes import EffectClass
from towpath.promotion.effects.messages import (
    AuditEvent,
    MessagesDoor,
    MessageToSend,
    SentMessage,
)
from towpath.resources import scheme
from towpath.resources.happening import TYPES
from towpath.resources.kinds import Ref
from towpath.resources.message import MessageState, document_of
from towpath.resources.message_channel import receiver_of
from towpath.rules import delivery, wake_keys
from towpath.store.contract import Query

if TYPE_CHECKING:
    from towpath.admission.authority import SystemAuthority
    from towpath.admission.requester import Requester
    from towpath.clock import Clock
    from towpath.promotion.disclosed import Disclosed
    from towpath.promotion.effects.classes import EffectNotes
    from towpath.store.contract import Document, Store

_NOTE: Final = "message"
_LONGEST_NAME: Final = 200
_MOST_LISTED: Final = 100


class OutboxDoor(MessagesDoor):
    """The outbox for one step of one Promotion, or of whatever runs steps."""

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        requester: Requester,
        clock: Clock,
        *,
        subject: Ref,
        stage: str,
        step: str,
        journal: EffectNotes,
        disclosed: Disclosed,
    ) -> None:
        """`subject`: whose step it is. `disclosed`: what is masked in all that is sent."""
        self._store = store
        self._writer = writer
        self._requester = requester
        self._recorder = EventRecorder(store, clock, requester)
        self._subject = subject
        self._stage = stage
        self._step = step
        self._journal = journal
        self._disclosed = disclosed

    async def send(self, message: MessageToSend) -> SentMessage:
        """Put a message into the outbox, once for this step and try, and return how far it is.

        Its name is in the journal before it is written. After a failure that the step was told of, there is another.
        """
        channel = await found_channel(self._store, self._subject.namespace, message)
        receiver = receiver_of(channel.get("spec") or {})
        noted = self._journal.noted(_NOTE)
        number, told = (noted["number"], noted["told"]) if noted else (1, False)
        ref = self._ref(number)
        found = await self._found(ref) if noted else None
        if found is not None and told and _state(found) is MessageState.FAILED:
            number, found = number + 1, None
            ref = self._ref(number)
        if found is None:
            note = {"number": number, "told": False}
            await self._journal.note(_NOTE, note, effect=EffectClass.PROBED)
            found = await self._found(ref) or await self._written(ref, message)
        if _state(found) is MessageState.FAILED:
            note = {"number": number, "told": True}
            await self._journal.note(_NOTE, note, effect=EffectClass.PROBED)
        return _sent(ref, found, receiver)

    async def record(self, event: AuditEvent) -> str:
        """Put something on record as an Event, once for this step."""
        if event.type in TYPES:
            raise errors.BadRequest(
                f"config.type: {event.type} is what Towpath itself tells of; choose another word"
            )
        masked = self._disclosed.masked
        about = await self._store.get(self._subject)
        payload = {
            "stage-name": self._stage,
            "actor": masked(event.actor),
            **{f"data-{key}": masked(value) for key, value in event.data.items()},
        }
        if self._subject.kind is scheme.PROMOTION:
            payload["promotion-name"] = self._subject.name
        return await self._recorder.recorded(
            about, event.type, masked(event.message), payload, key=self._step
        )

    def _ref(self, number: int) -> Ref:
        digest = hashlib.sha256(f"{self._subject.kind.name}/{self._step}".encode()).hexdigest()[:8]
        name = f"{self._subject.name[:_LONGEST_NAME].rstrip('.-')}.{digest}-{number}"
        return Ref(scheme.MESSAGE, self._subject.namespace, name)

    async def _found(self, ref: Ref) -> Document | None:
        try:
            return (await self._store.get(ref, fresh=True)).document
        except errors.NotFound:
            return None

    async def _written(self, ref: Ref, message: MessageToSend) -> Document:
        spec = self._disclosed.masked(spec_of(message))
        source = {"kind": self._subject.kind.name, "name": self._subject.name, "step": self._step}
        document = document_of(
            name=ref.name, project=ref.namespace, spec={**spec, "source": source}
        )
        written = await self._writer.create(document, self._requester)
        return written.stored.document


def spec_of(message: MessageToSend) -> dict[str, Any]:
    """Return the spec of a message, without who sends it."""
    slack = {"channelID": message.slack_channel, "threadTS": message.slack_thread}
    smtp = {"to": list(message.to), "subject": message.subject, "html": message.is_html}
    return {
        "channel": {"kind": message.kind, "name": message.channel},
        "body": message.body,
        "encodingType": message.encoding,
        "slack": {key: value for key, value in slack.items() if value},
        "smtp": {key: value for key, value in smtp.items() if value},
    }


async def found_channel(store: Store, project: str, message: MessageToSend) -> Document:
    """Return the channel of a message. Raises NotFound, which names those that there are."""
    ref = channel_ref(project, {"kind": message.kind, "name": message.channel})
    try:
        return (await store.get(ref)).document
    except errors.NotFound:
        query = Query(kind=ref.kind, namespace=ref.namespace or None)
        page = await store.list(query, limit=_MOST_LISTED)
        said = instead(ref.name, [each.ref.name for each in page.items])
        raise errors.NotFound(
            f"config.channel: there is no {ref.kind.name} {ref.name!r}: {said}"
        ) from None


def _state(document: Document) -> MessageState:
    return delivery.state_of(document.get("status"))


def _sent(ref: Ref, document: Document, receiver: str) -> SentMessage:
    status = document.get("status") or {}
    return SentMessage(
        name=ref.name,
        wake=wake_keys.message(ref.namespace, ref.name),
        state=_state(document).value,
        why=str(status.get("lastError") or ""),
        thread=str(status.get("threadTS") or ""),
        receiver=receiver,
        repeats=int(status.get("repeats") or 0),
    )
