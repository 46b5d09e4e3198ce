"""Delivers what waits for a channel, in order; before anything is sent, it is on the disk that it is being sent.

A try of which no end is on record may have reached the receiver: the process ended in the middle. It is sent again under the
same key, and says so to a receiver that takes none.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath import errors, faults
from towpath.admission.messages import in_line
from towpath.admission.requester import Requester
from towpath.clients.messaging.outgoing import (
    MessageRefused,
    NotYetTaken,
    Outgoing,
    ReceiverAway,
    SenderRefused,
    Taken,
)
from towpath.clock import SteadyTime
from towpath.hooks.outbox import receivers
from towpath.hooks.outbox.ending import Ending
from towpath.messages import plain
from towpath.resources import durations, moments, scheme
from towpath.resources.message import Message, queue
from towpath.resources.message_channel import Delivery
from towpath.rules import delivery, message_body, wake_keys
from towpath.store.contract import FieldTerm, Order, Query
from towpath.store.tolerant_reading import view

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.admission.authority import SystemAuthority
    from towpath.clients.messaging.outgoing import DeliveryAnswer, MessageReceiver
    from towpath.clock import Clock
    from towpath.hooks.outbox.channel_memory import ChannelMemory
    from towpath.hooks.outbox.tally import MessageTally
    from towpath.resources.kinds import Ref
    from towpath.rules.delivery import Status
    from towpath.runtime.aside import Aside
    from towpath.runtime.waking import Waking
    from towpath.store.contract import Store, Stored

BEFORE_SENDING: Final = faults.point(
    "message.before-sending", "a try is on the disk, and nothing was sent"
)
AFTER_SENDING: Final = faults.point(
    "message.after-sending", "the receiver has answered, and what it said is not on the disk"
)

REQUESTER: Final = Requester(receivers.ACTOR, is_controller=True)
AT_ONCE: Final = 50
"""Messages of a channel that are looked at in one go."""
BEHIND: Final = "!"
"""What makes of a place the next one."""
_LONGEST_SECONDS: Final = 60.0
"""Of one call, after which no further message is tried in it: receivers that are slow give their worker back, and no try is broken
off by the end of a pass."""
_MOST_THREADS: Final = 256
_UNREADABLE: Final = "it is not delivered"
_log = logging.getLogger(__name__)


class Deliveries:
    """Delivers the messages of channels, one channel at a time for each call."""

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        clock: Clock,
        *,
        waking: Waking,
        aside: Aside,
        tally: MessageTally,
    ) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._steady = SteadyTime(clock)
        self._waking = waking
        self._aside = aside
        self._tally = tally

    async def waiting(self, channel: Ref, limit: int = AT_ONCE, *, after: str = "") -> list[Stored]:
        """Return the first messages that wait for a channel, in their order; from one place on."""
        query, order = in_line(channel, after)
        page = await self._store.list(query, order=order, limit=limit, fresh=True)
        return list(page.items)

    async def deliver(
        self, channel: Ref, memory: ChannelMemory, receiver: MessageReceiver, terms: Delivery
    ) -> bool:
        """Deliver what waits, as far as it goes; return whether there may be more to do at once.

        The receiver's first failure ends it: `memory` says then when it is asked again. A message that waits by itself holds
        up those of its ordering key alone.
        """
        held, anew = memory.held_keys, memory.is_fresh
        place = held.begin(self._clock.now(), anew=anew)
        ending = Ending()
        tried = 0
        end = self._clock.monotonic() + _LONGEST_SECONDS
        try:
            while tried < AT_ONCE:
                found = await self.waiting(channel, after=place)
                for stored in found:
                    if self._clock.monotonic() >= end:
                        return True
                    place = place_of(stored)
                    message = view(stored, Message, purpose=_UNREADABLE)
                    if message is None:
                        tried += 1
                        await self._fail(stored, "it cannot be read", memory.kind)
                    elif self._is_to_be_tried(message, memory, anew=anew):
                        tried += 1
                        if not await self._try(stored, message, memory, receiver, terms, ending):
                            return False
                    held.passed(place)
                if len(found) < AT_ONCE:
                    return False
                await ending.written()  # what has ended is in the queue no more
                await asyncio.sleep(0)  # thousands may wait for the first of their key
                place += BEHIND
        finally:
            await ending.written()
        return True

    def _is_to_be_tried(self, message: Message, memory: ChannelMemory, *, anew: bool) -> bool:
        """Whether a message is not held up; one that waits for its own next try holds up those of its ordering key."""
        key = message.spec.ordering_key
        if memory.held_keys.is_held(key):
            return False
        due = moments.read(message.status.next_try) if message.status else None
        is_early = due is not None and not delivery.is_due(due, self._clock.now())
        if message.status and due is not None and is_early and not anew:
            memory.held_keys.hold(key, due, message.status.last_error)
            return False
        return True

    def given_up_in(self, oldest: datetime, terms: Delivery | None) -> timedelta:
        """Return how long the oldest message that waits is still tried."""
        return max(oldest + retry_span(terms) - self._steady.now(), timedelta())

    async def give_up(self, channel: Ref, kind: str, terms: Delivery | None, why: str) -> bool:
        """Fail what has waited too long; return whether there may be more of it."""
        now = self._steady.now()
        span = retry_span(terms)
        head = await self.waiting(channel, 1)
        if not head or not delivery.is_given_up(
            created_at(head[0]) or now, now=now, retry_for=span
        ):
            return False
        found = await self.waiting(channel)
        for stored in found:
            created = created_at(stored) or now
            if not delivery.is_given_up(created, now=now, retry_for=span):
                return False
            await self._fail(
                stored, f"given up after {durations.spoken_seconds(span)}: {why}", kind
            )
        return len(found) == AT_ONCE

    async def _try(
        self,
        stored: Stored,
        message: Message,
        memory: ChannelMemory,
        receiver: MessageReceiver,
        terms: Delivery,
        ending: Ending,
    ) -> bool:
        """Send a message once, and write down what came of it; return whether the receiver goes on taking others."""
        status: Status = dict(stored.document.get("status") or {})
        try:
            body = await self._aside.run(
                message_body.decoded,
                message.spec.body,
                message.spec.encoding_type,
                weight=len(message.spec.body) if message.spec.encoding_type else 0,
                what=f"{stored.ref}: reading it",
                caller=stored.ref.namespace,
            )
        except errors.Unavailable:
            raise  # nobody could look
        except errors.TowpathError as error:  # such as what is nested too deep, or takes too long
            await self._end(stored, self._failed(status, plain(error.message), memory.kind))
            return True
        begun = delivery.begun(status, now=self._clock.now(), takes_key=receiver.takes_key)
        # One flush for both: that the one before has ended, and that this one is being sent.
        await asyncio.gather(ending.written(), self._write(stored.ref, begun))
        self._tally.tries[memory.kind] += 1
        is_repeat = bool(begun.get("mayBeRepeat"))
        if is_repeat and not receiver.takes_key:
            self._tally.repeats[memory.kind] += 1
        outgoing = await self._outgoing(stored, message, memory, body, is_repeat=is_repeat)
        BEFORE_SENDING()
        try:
            answer: DeliveryAnswer = await receiver.deliver(outgoing)
        except errors.TowpathError as error:  # such as an expression of the channel that fails
            answer = SenderRefused(why=error.message)
        except Exception as error:  # noqa: BLE001 - no message keeps those behind it waiting for ever
            # Neither repeats what the exception says: it may quote a credential.
            where = "".join(traceback.format_tb(error.__traceback__))
            kind = type(error).__name__
            _log.error("%s could not be sent: %s\n%s", stored.ref, kind, where)
            answer = MessageRefused(
                why=f"it could not be sent ({kind}); the server's log says where"
            )
        AFTER_SENDING()
        return await self._answered(stored, message, begun, answer, memory, terms, ending)

    async def _answered(
        self,
        stored: Stored,
        message: Message,
        status: Status,
        answer: DeliveryAnswer,
        memory: ChannelMemory,
        terms: Delivery,
        ending: Ending,
    ) -> bool:
        now = self._clock.now()
        asked: float | None = None
        arrived = goes_on = False
        match answer:
            case Taken():
                memory.worked()
                memory.last_delivered = moments.whole_seconds(now)
                self._tally.delivered[memory.kind] += 1
                if message.spec.grouping_key and answer.thread:
                    self._remember(memory, stored.ref.namespace, message, answer.thread)
                made = delivery.delivered(
                    status,
                    now=now,
                    receipt=answer.receipt,
                    thread=answer.thread,
                    note=plain(answer.note),
                )
                ending.begin(self._end(stored, made))
                return True
            case MessageRefused():
                memory.worked()
                ended = self._failed(status, plain(answer.why), memory.kind)
                ending.begin(self._end(stored, ended))
                return True
            case ReceiverAway():
                asked, arrived = answer.seconds, answer.may_have_arrived
                memory.failed("ReceiverAway", plain(answer.why), now, asked)
            case SenderRefused():
                memory.failed("Refused", plain(answer.why), now)
            case NotYetTaken():
                memory.worked()
                goes_on = True
        steady, span = self._steady.now(), retry_span(terms)
        created = created_at(stored) or steady
        why = plain(answer.why)
        if delivery.is_given_up(created, now=steady, retry_for=span):
            said = f"given up after {durations.spoken_seconds(span)}: {why}"
            await self._end(stored, self._failed(status, said, memory.kind))
            return goes_on
        delayed = delivery.delayed(status, why, now=now, asked=asked, may_have_arrived=arrived)
        await self._write(stored.ref, delayed)
        due = moments.read(delayed["nextTry"])
        if goes_on and due is not None:
            memory.held_keys.hold(message.spec.ordering_key, due, why)
        return goes_on

    async def _outgoing(
        self,
        stored: Stored,
        message: Message,
        memory: ChannelMemory,
        body: dict[str, object] | None,
        *,
        is_repeat: bool,
    ) -> Outgoing:
        spec = message.spec
        slack, smtp = spec.slack, spec.smtp
        thread = slack.thread_ts if slack else ""
        if not thread and spec.grouping_key and memory.kind in ("slack", "slackWebhook"):
            thread = await self._thread(stored.ref.namespace, message, memory)
        return Outgoing(
            id=f"{stored.ref.namespace}.{stored.ref.name}.{stored.uid}"[:255],
            text=spec.body,
            body=body,
            encoding=spec.encoding_type,
            is_repeat=is_repeat,
            project=stored.ref.namespace,
            grouping=spec.grouping_key,
            # An encoded message carries everything: options beside it do not count.
            thread=thread if body is None or not (slack and slack.thread_ts) else "",
            slack_channel=slack.channel_id if slack and body is None else "",
            to=tuple(smtp.to) if smtp and body is None else (),
            subject=smtp.subject if smtp and body is None else "",
            is_html=smtp.html if smtp and body is None else False,
            now=self._clock.now(),
        )

    async def _thread(self, project: str, message: Message, memory: ChannelMemory) -> str:
        """Return the thread that the messages of a key are in; empty if none of them is delivered yet, or kept still."""
        key = f"{project}/{message.spec.grouping_key}"
        if key in memory.threads:
            return memory.threads[key]
        channel = message.spec.channel
        value = f"{queue(channel.kind, channel.name)}/{message.spec.grouping_key}"
        page = await self._store.list(
            Query(kind=scheme.MESSAGE, namespace=project, fields=(FieldTerm("thread", value),)),
            order=Order(path="spec.order", descending=True),
            limit=1,
        )
        found = page.items[0].document["status"]["threadTS"] if page.items else ""
        return str(found)

    def _remember(self, memory: ChannelMemory, project: str, message: Message, ts: str) -> None:
        key = f"{project}/{message.spec.grouping_key}"
        memory.threads.pop(key, None)
        memory.threads[key] = ts
        if len(memory.threads) > _MOST_THREADS:
            del memory.threads[next(iter(memory.threads))]

    async def _fail(self, stored: Stored, why: str, kind: str) -> None:
        status: Status = dict(stored.document.get("status") or {})
        await self._end(stored, self._failed(status, plain(why), kind))

    def _failed(self, status: Status, why: str, kind: str) -> Status:
        self._tally.failed[kind] += 1
        return delivery.failed(status, why, now=self._clock.now())

    async def _end(self, stored: Stored, status: Status) -> None:
        """Write down that a message has come to its end, and wake whoever waits for that."""
        await self._write(stored.ref, status)
        self._waking.wake(wake_keys.message(stored.ref.namespace, stored.ref.name))

    async def _write(self, ref: Ref, status: Status) -> None:
        try:
            await self._writer.set_status(ref, lambda _: status, REQUESTER)
        except errors.NotFound:
            _log.info("%s was deleted while it was delivered", ref)


def place_of(stored: Stored) -> str:
    """Return the place of a message in its queue."""
    spec = stored.document.get("spec")
    return str(spec.get("order") or "") if isinstance(spec, dict) else ""


def created_at(stored: Stored) -> datetime | None:
    """Return when a message was made."""
    return moments.read(stored.document["metadata"].get("creationTimestamp"))


def retry_span(terms: Delivery | None) -> timedelta:
    """Return how long a message is tried."""
    usual = durations.span(Delivery().retry_for)
    found = durations.span((terms or Delivery()).retry_for)
    assert usual is not None  # noqa: S101 - it is written above
    return found if found is not None else usual
