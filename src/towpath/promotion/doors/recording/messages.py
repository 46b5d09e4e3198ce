"""The door to messages that sends none: it looks that channel and message are right, and records what would be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import messages
from towpath.promotion.doors.messages import found_channel
from towpath.promotion.effects.messages import MessagesDoor
from towpath.promotion.effects.unanswered import Unanswered
from towpath.rules import message_body

if TYPE_CHECKING:
    from towpath.promotion.disclosed import Disclosed
    from towpath.promotion.doors.recording.recorder import Recorder
    from towpath.promotion.effects.messages import AuditEvent, MessageToSend, SentMessage
    from towpath.runtime.aside import Aside
    from towpath.store.contract import Store

_SHOWN_BYTES = 500


class RecordedMessages(MessagesDoor):
    """The outbox for one step of a plan."""

    def __init__(
        self,
        recorder: Recorder,
        step: str,
        store: Store,
        project: str,
        *,
        disclosed: Disclosed,
        aside: Aside,
    ) -> None:
        self._recorder = recorder
        self._step = step
        self._store = store
        self._project = project
        self._disclosed = disclosed
        self._aside = aside

    async def send(self, message: MessageToSend) -> SentMessage:
        """Record what would be sent, masked."""
        await found_channel(self._store, self._project, message)
        await self._aside.run(
            message_body.decoded,
            message.body,
            message.encoding,
            weight=len(message.body) if message.encoding else 0,
            what="the message: reading it",
            caller=self._project,
        )
        said = messages.cut(self._disclosed.said(message.body), _SHOWN_BYTES)
        what = f"message to {message.kind} {message.channel}: {said}"
        self._recorder.call(self._step, "messages", "send", what)
        raise Unanswered("the message is not sent while it is planned")

    async def record(self, event: AuditEvent) -> str:
        """Record what would be put on record."""
        said = messages.cut(self._disclosed.said(event.message), _SHOWN_BYTES)
        self._recorder.call(self._step, "messages", "record", f"{event.type}: {said}")
        return ""
