"""Messages: their place in the queue, and how many may wait for a channel (docs/reference/messages.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.admission.kind_rules import KindRules
from towpath.messages import instead
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.message import place_at, queue
from towpath.resources.message_channel import CLUSTER_CHANNEL, Delivery, MessageChannel
from towpath.resources.validation import wording
from towpath.store.contract import FieldTerm, Order, Query

if TYPE_CHECKING:
    from towpath.admission.requester import Requester
    from towpath.clock import Clock
    from towpath.errors import FieldError
    from towpath.store.contract import Document, Store

_COUNTED_FOR: Final = 500
"""New messages, until their queue is counted again in any case."""
_MOST_COUNTED: Final = 4_096
"""Channels whose count is remembered."""


def channel_ref(project: str, channel: Any) -> Ref:
    """Return the channel that a message or a router of a Project names."""
    named = channel if isinstance(channel, dict) else {}
    if named.get("kind") == CLUSTER_CHANNEL:
        return Ref(scheme.CLUSTER_MESSAGE_CHANNEL, "", str(named.get("name") or ""))
    return Ref(scheme.MESSAGE_CHANNEL, project, str(named.get("name") or ""))


def waiting_for(channel: Ref) -> Query:
    """Return the query of the messages that wait for a channel, to count them."""
    term = FieldTerm("queue", queue(channel.kind.name, channel.name))
    return Query(kind=scheme.MESSAGE, namespace=channel.namespace or None, fields=(term,))


def in_line(channel: Ref, after: str = "") -> tuple[Query, Order]:
    """Return the query and the order of the messages that wait for a channel, from one place (`spec.order`) on."""
    line = queue(channel.kind.name, channel.name)
    order = Order(path="place", between=(f"{line}/{after}", f"{line}0"))  # 0 follows / in ASCII
    return Query(kind=scheme.MESSAGE, namespace=channel.namespace or None), order


class QueueRoom:
    """How much more may wait for each channel.

    A queue is counted once for so many messages as have room in it then, and not for each: deliveries only make more room.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._left: dict[Ref, tuple[int, int]] = {}
        """For how many messages there is room in each, at the least, of how many."""

    async def take(self, channel: Ref, most: int) -> bool:
        """Take a place in the queue of a channel; return whether there was one."""
        left, of = self._left.pop(channel, (0, most))
        if left <= 0 or of != most:
            left = min(most - await self._store.count(waiting_for(channel)), _COUNTED_FOR)
        if left <= 0:
            return False
        self._left[channel] = (left - 1, most)
        if len(self._left) > _MOST_COUNTED:
            del self._left[next(iter(self._left))]
        return True


class MessageRules(KindRules):
    """Rules of messages."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._last: int | None = None
        self._room = QueueRoom(store)

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Put a new message at the end of the queue, and say who has it sent where that is a user."""
        spec = document.get("spec")
        if not isinstance(spec, dict):
            return document
        if old is not None:
            spec["order"] = (old.get("spec") or {}).get("order", "")
            return document
        spec["order"] = await self._next()
        if not requester.is_controller:
            spec["source"] = {"kind": "User", "name": requester.actor}
        return document

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return that a message was changed: what was said stays said."""
        if old is None or document["spec"] == old.get("spec"):
            return []
        return [wording.forbidden("spec", "a message is not changed; send another")]

    async def check(self, document: Document, old: Document | None, requester: Requester) -> None:
        """Raise NotFound where there is no such channel, and TooManyRequests where too much waits for it."""
        del requester
        if old is not None:
            return
        project = document["metadata"]["namespace"]
        ref = channel_ref(project, document["spec"]["channel"])
        try:
            found = await self._store.get(ref)
        except errors.NotFound:
            raise errors.NotFound(await self._missing(ref)) from None
        most = (found.view(MessageChannel).spec.delivery or Delivery()).most_waiting
        if not await self._room.take(ref, most):
            raise errors.TooManyRequests(
                f"{ref}: {most:,} messages wait for it already (spec.delivery.mostWaiting); its status says why"
            )

    async def _missing(self, ref: Ref) -> str:
        query = Query(kind=ref.kind, namespace=ref.namespace or None)
        page = await self._store.list(query, limit=100)
        there = [each.ref.name for each in page.items]
        where = f" in {ref.namespace}" if ref.namespace else ""
        return f"there is no {ref.kind.name} {ref.name!r}{where}: {instead(ref.name, there)}"

    async def _next(self) -> str:
        """Return the next place: it grows, also when the clock was set back."""
        if self._last is None:
            order = Order(path="spec.order", descending=True)
            page = await self._store.list(Query(kind=scheme.MESSAGE), order=order, limit=1)
            found = page.items[0].document["spec"].get("order", "") if page.items else ""
            self._last = int(found) if str(found).isdecimal() else 0
        self._last = max(self._last + 1, int(place_at(self._clock.now())))
        return f"{self._last:016d}"
