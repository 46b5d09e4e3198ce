"""Channels: what waits for each is delivered, how it fares is said on it, and what has come to its end goes in time."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.admission.messages import channel_ref, waiting_for
from towpath.clock import SteadyTime
from towpath.hooks.outbox.channel_memory import ChannelMemory
from towpath.hooks.outbox.delivering import AT_ONCE, REQUESTER, created_at
from towpath.resources import durations, moments, scheme
from towpath.resources.message import Message, MessageState
from towpath.resources.message_channel import (
    Delivery,
    MessageChannel,
    MessageChannelStatus,
    receiver_of,
)
from towpath.resources.meta import Condition, with_condition
from towpath.resources.structs import to_document, view
from towpath.rules import delivery
from towpath.runtime.reconcile import Done
from towpath.runtime.source import Source, without_status
from towpath.store.contract import FieldTerm, Order, Query

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from towpath.admission.authority import SystemAuthority
    from towpath.clock import Clock
    from towpath.hooks.outbox.delivering import Deliveries
    from towpath.hooks.outbox.receivers import ReceiverFactory
    from towpath.hooks.outbox.tally import MessageTally
    from towpath.resources.kinds import Ref
    from towpath.resources.message_channel import MessageChannelSpec
    from towpath.store.contract import Store, Stored

_SWEEP: Final = timedelta(hours=1)
_MOST_SWEEPS: Final = 100
_SAY: Final = timedelta(seconds=1)
"""How often counts are said on a channel, at the most."""
_KINDS: Final = (scheme.MESSAGE_CHANNEL, scheme.CLUSTER_MESSAGE_CHANNEL)


class ChannelReconciler:
    """Reconciles channels of both kinds."""

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        clock: Clock,
        *,
        factory: ReceiverFactory,
        deliveries: Deliveries,
        tally: MessageTally,
    ) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._steady = SteadyTime(clock)
        self._factory = factory
        self._deliveries = deliveries
        self._tally = tally
        self._secrets: dict[Ref, Ref] = {}
        """The Secret that each channel names."""
        self._swept: dict[Ref, datetime] = {}

    def sources(self) -> tuple[Source, ...]:
        """Return the sources of the controller."""
        return (
            *(Source(query=Query(kind=kind), mark=without_status) for kind in _KINDS),
            Source(
                query=Query(kind=scheme.MESSAGE),
                mark=_waits,
                concerns=_called_for,
                patience=self._patience,
            ),
            Source(
                query=Query(kind=scheme.SECRET),
                keys=self._of_secret,
                mark=lambda stored: stored.revision,
            ),
        )

    def _of_secret(self, stored: Stored) -> Iterable[Ref]:
        return [channel for channel, used in self._secrets.items() if used == stored.ref]

    def _patience(self, stored: Stored) -> float:
        """Return how long a new message may wait to be looked at: nothing is sent before the receiver's next try."""
        memory = self._tally.channels.get(channel_of(stored))
        waits = memory is not None and memory.next_try is not None
        return _SAY.total_seconds() if waits else 0.0

    async def reconcile(self, request: Ref) -> Done:
        """Deliver what waits for a channel, as far as it goes now."""
        memory = self._tally.channels.setdefault(request, ChannelMemory())
        try:
            stored = await self._store.get(request, fresh=True)
        except errors.NotFound:
            return await self._gone(request, memory)
        spec = stored.view(MessageChannel).spec
        memory.kind = receiver_of(stored.document.get("spec") or {})
        more = False
        now = self._clock.now()
        try:
            await self._prepare(stored, memory)
        except (errors.NotFound, errors.BadRequest, errors.Invalid) as error:
            memory.failed("Invalid", error.message, now)
        else:
            receiver = memory.receiver
            is_due = memory.next_try is None or delivery.is_due(memory.next_try, now)
            if receiver is not None and is_due:
                more = await self._deliveries.deliver(request, memory, receiver, spec.terms)
        if memory.reason:
            more |= await self._deliveries.give_up(request, memory.kind, spec.terms, memory.why)
        await self._sweep(request, spec.terms)
        head = await self._look(request, memory)
        is_said = await self._say(stored, memory)
        return self._next(memory, head, spec, begun=now, more=more, is_said=is_said)

    async def _prepare(self, stored: Stored, memory: ChannelMemory) -> None:
        """Have the receiver of what the channel and its Secret are now."""
        secret = self._factory.secret_of(stored)
        if secret is None:
            self._secrets.pop(stored.ref, None)
        else:
            self._secrets[stored.ref] = secret
        seen = await self._factory.seen(stored)
        if seen != memory.seen:
            memory.changed(seen)
        if memory.receiver is None:
            memory.receiver = await self._factory.make(stored)
            if memory.reason == "Invalid":
                memory.worked()
                memory.is_fresh = True

    async def _gone(self, request: Ref, memory: ChannelMemory) -> Done:
        """Let messages of a channel that is not there wait for it, for as long as they are tried otherwise."""
        memory.changed(())
        self._secrets.pop(request, None)
        why = f"{request} does not exist"
        more = await self._deliveries.give_up(request, memory.kind, None, why)
        await self._sweep(request, Delivery())
        if await self._look(request, memory) is None:
            memory.waiting = 0
            self._tally.channels.pop(request, None)
            if await self._store.count(_all_of(request)):
                return Done(again_seconds=_SWEEP.total_seconds())
            self._swept.pop(request, None)
            return Done()
        await self._count(request, memory)
        return Done(again_seconds=0.0 if more else _SWEEP.total_seconds(), waiting_for=why)

    async def _look(self, request: Ref, memory: ChannelMemory) -> Stored | None:
        """Take note of the message that waits longest, and return it."""
        head = await self._deliveries.waiting(request, 1)
        memory.oldest = created_at(head[0]) if head else None
        return head[0] if head else None

    async def _count(self, request: Ref, memory: ChannelMemory) -> None:
        """Take note of how much waits."""
        waits = memory.oldest is not None
        memory.waiting = await self._store.count(waiting_for(request)) if waits else 0

    def _next(
        self,
        memory: ChannelMemory,
        head: Stored | None,
        spec: MessageChannelSpec,
        *,
        begun: datetime,
        more: bool,
        is_said: bool,
    ) -> Done:
        now = self._clock.now()
        if more:
            return Done(again_seconds=0.0)
        times = [now + _SWEEP]
        if not is_said and memory.said_at is not None:
            times.append(memory.said_at + _SAY)
        if head is None:
            return Done(again_at=min(times))
        if memory.next_try is not None and memory.next_try > begun:
            times.append(memory.next_try)
        # Where its time had come when the pass began, what waits has a next try of its own: it was tried more often than the
        # receiver, which is known since the start only.
        elif memory.held_keys.until is not None:
            times.append(memory.held_keys.until)
        if memory.reason and memory.oldest is not None:
            times.append(now + self._deliveries.given_up_in(memory.oldest, spec.terms))
        return Done(
            again_at=min(times),
            waiting_for=memory.why or memory.held_keys.why or "a message waits for its turn",
        )

    async def _say(self, stored: Stored, memory: ChannelMemory) -> bool:
        """Have the status of the channel say how it fares; False: counts and times that can wait for their second."""
        found = view(MessageChannelStatus, stored.document.get("status") or {})
        generation = int(stored.document["metadata"].get("generation") or 0)
        now = self._clock.now()
        status, reason, said = "True", "Delivering", "what is sent is delivered"
        if memory.reason:
            status, reason, said = "False", memory.reason, memory.why
        elif memory.held_keys.why:
            status, reason, said = "False", "NotTaken", memory.held_keys.why
        elif not memory.last_delivered and not found.last_delivered:
            status, reason, said = "Unknown", "NotTried", "nothing was delivered yet"
        at = memory.said_at
        urgent = (stored.uid, generation, reason, said, memory.oldest is not None)
        if urgent == memory.said and at is not None and at <= now < at + _SAY:
            return False
        await self._count(stored.ref, memory)
        found.conditions = with_condition(
            found.conditions,
            Condition(
                type="Ready",
                status=status,
                reason=reason,
                message=said,
                last_transition_time=moments.whole_seconds(now),
                observed_generation=generation,
            ),
        )
        found.observed_generation = generation
        found.waiting = memory.waiting
        found.oldest_waiting = moments.whole_seconds(memory.oldest) if memory.oldest else None
        found.last_delivered = memory.last_delivered or found.last_delivered
        waits = memory.next_try is not None and memory.waiting
        found.next_try = (
            moments.whole_seconds(memory.next_try) if waits and memory.next_try else None
        )
        wanted = to_document(found)
        with suppress(errors.NotFound):
            await self._writer.set_status(stored.ref, lambda _: wanted, REQUESTER)
        memory.said, memory.said_at = urgent, now
        return True

    async def _sweep(self, request: Ref, terms: Delivery) -> None:
        """Delete messages that came to their end long ago, about once an hour."""
        now = self._clock.now()
        if (last := self._swept.get(request)) is not None and last <= now < last + _SWEEP:
            return
        keep = durations.span(terms.keep_delivered)
        if keep is None:
            return
        order = Order(path="ended", between=("0", moments.precise(self._steady.now() - keep)))
        for _ in range(_MOST_SWEEPS):
            page = await self._store.list(_all_of(request), order=order, limit=AT_ONCE)
            for each in page.items:
                try:
                    await self._writer.delete(each.ref, REQUESTER)
                except (errors.NotFound, errors.Forbidden):
                    continue
            if page.cursor is None:
                break
        self._swept[request] = now


def _all_of(channel: Ref) -> Query:
    """Return the query of all messages of a channel, whatever became of them."""
    terms = (
        FieldTerm("spec.channel.kind", channel.kind.name),
        FieldTerm("spec.channel.name", channel.name),
    )
    return Query(kind=scheme.MESSAGE, namespace=channel.namespace or None, fields=terms)


def channel_of(stored: Stored) -> Ref:
    """Return the channel of a message."""
    spec = stored.document.get("spec")
    channel = spec.get("channel") if isinstance(spec, dict) else None
    return channel_ref(stored.ref.namespace, channel)


def _waits(stored: Stored) -> object:
    """Return what of a message matters to its channel: that it waits. Not what we write on it ourselves."""
    message = stored.view(Message)
    state = delivery.state_of(to_document(message.status) if message.status else None)
    return (stored.uid, channel_of(stored) if state is MessageState.WAITING else None)


def _called_for(_ref: Ref, was: Any, now: Any) -> Iterable[Ref]:
    """Return the channel that a change of a message concerns: one for which it waits now, or whose queue it left by being deleted.

    Those that have come to their end were seen to by the pass that ended them.
    """
    found = now if now is not None else was
    return () if found is None or found[1] is None else (found[1],)
