"""A delivery, from its path to its answer.

The answer is given when everybody whom the delivery concerns has been asked to look, on the disk: whatever becomes of this
process afterwards, they look.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.rules.webhooks import senders
from towpath.rules.webhooks.deeds import ClosedDeed, Deed, IdleDeed, PushDeed, RefusedDeed
from towpath.runtime.aside import JSON_BYTES
from towpath.webhooks.generic import GenericRequest
from towpath.webhooks.look_requests import AFTER_ASKING, BEFORE_ASKING
from towpath.webhooks.receipts import Came

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from towpath.clock import Clock
    from towpath.runtime.aside import Aside
    from towpath.webhooks.generic import GenericActions
    from towpath.webhooks.intake import Intake
    from towpath.webhooks.receipts import ReceiptBook
    from towpath.webhooks.receivers import ListeningReceiver, Receivers
    from towpath.webhooks.wakers import Wakers

LARGEST: Final = 2 << 20
"""Bytes of a body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery:
    """What came, but for its body."""

    path: str
    headers: Sequence[tuple[str, str]]
    """In their order, names as they came."""
    query: Sequence[tuple[str, str]]
    address: str
    """Of whoever sent it."""


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What the sender is told."""

    status: int
    body: dict[str, Any]


class Webhooks:
    """Takes deliveries."""

    def __init__(
        self,
        *,
        receivers: Receivers,
        wakers: Wakers,
        generic: GenericActions,
        intake: Intake,
        receipts: ReceiptBook,
        aside: Aside,
        clock: Clock,
    ) -> None:
        self.receivers = receivers
        self._wakers = wakers
        self._generic = generic
        self._intake = intake
        self._receipts = receipts
        self._aside = aside
        self._clock = clock
        self.counts: dict[tuple[str, int], int] = {}
        """Deliveries since the start, by type of receiver and status of the answer."""

    @property
    def under_way(self) -> int:
        """How many deliveries are under way."""
        return self._intake.count

    async def take(
        self, delivery: WebhookDelivery, read: Callable[[ListeningReceiver], Awaitable[bytes]]
    ) -> WebhookAnswer:
        """Return what a delivery is answered. `read` returns its body.

        Raises NoReceiver where nothing listens, TooManyRequests when too much is under way, BadRequest for a body that does
        not come to its end, and what `read` raises; nothing has been done then.
        """
        changed = self.receivers.changed
        receiver, opened = await self.receivers.at(delivery.path)
        came = self._came(receiver, delivery.headers, delivery.address)
        async with self._intake.held(receiver.key) as held:
            async with held.reading():
                body = await read(receiver)
            # A body may take its time: who listens is decided now that it has come.
            if self.receivers.changed != changed:
                came.receiver, opened = await self.receivers.at(delivery.path)
            came.size = len(body)
            if not opened.proof.holds(came.headers, body):
                came.said = "the signature or token is missing or wrong"
                return await self._answered(came, WebhookAnswer(401, {"error": "unauthorized"}))
            async with held.turn:
                answer = await self._done(came, delivery.headers, delivery.query, body)
                return await self._answered(came, answer)

    async def rehearse(
        self,
        receiver: ListeningReceiver,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        address: str,
    ) -> tuple[WebhookAnswer, Came]:
        """Return what a delivery would be answered whose sender knows the secret, and what would come of it; nobody is woken.

        Raises TooManyRequests when too much is tried out.
        """
        came = self._came(receiver, headers, address)
        came.size = len(body)
        async with self._intake.held(f"trials of {receiver.key}") as held, held.turn:
            answer = await self._done(came, headers, (), body, dry_run=True)
        came.status = answer.status
        return answer, came

    def _came(
        self, receiver: ListeningReceiver, headers: Sequence[tuple[str, str]], address: str
    ) -> Came:
        known: dict[str, str] = {}
        for name, value in headers:
            known.setdefault(name.lower(), value)
        return Came(
            receiver=receiver,
            id=secrets.token_hex(8),
            headers=known,
            address=address,
            time=self._clock.now(),
        )

    async def _answered(self, came: Came, answer: WebhookAnswer) -> WebhookAnswer:
        came.status = answer.status
        key = (came.receiver.type, answer.status)
        self.counts[key] = self.counts.get(key, 0) + 1
        await self._receipts.keep(came)
        if came.is_taken:
            self.receivers.heard(came.receiver)
            AFTER_ASKING()
        return answer

    async def _done(
        self,
        came: Came,
        headers: Sequence[tuple[str, str]],
        query: Sequence[tuple[str, str]],
        body: bytes,
        *,
        dry_run: bool = False,
    ) -> WebhookAnswer:
        """Do what a delivery asks for that comes from whoever knows the secret."""
        if not dry_run:
            BEFORE_ASKING()
        if came.receiver.type == senders.GENERIC:
            return await self._generically(came, headers, query, body, dry_run=dry_run)
        deed: Deed = await self._aside.run(
            senders.deed,
            came.receiver.type,
            dict(came.receiver.settings),
            dict(came.headers),
            body,
            weight=len(body) // JSON_BYTES,
            what="the body of a webhook",
            caller=came.receiver.whose,
        )
        came.deed, came.event, came.is_taken = deed, deed.event, True
        match deed:
            case RefusedDeed():
                came.said, came.is_taken = deed.said, False
                return WebhookAnswer(deed.status, {"error": deed.said})
            case IdleDeed():
                came.said = deed.said
                return WebhookAnswer(200, {"msg": deed.said})
            case PushDeed():
                came.outcome = await self._wakers.pushed(
                    came.receiver, deed, came.id, dry_run=dry_run
                )
            case ClosedDeed():
                came.outcome = self._wakers.closed(came.receiver, deed, dry_run=dry_run)
        came.said = came.outcome.said
        failed = len(came.outcome.failed)
        if failed:
            came.said = (
                f"{failed} warehouse(s) could not be refreshed, {len(came.outcome.woken)} could"
            )
            return WebhookAnswer(500, {"error": came.said})
        return WebhookAnswer(200, {"msg": came.said})

    async def _generically(
        self,
        came: Came,
        headers: Sequence[tuple[str, str]],
        query: Sequence[tuple[str, str]],
        body: bytes,
        *,
        dry_run: bool,
    ) -> WebhookAnswer:
        value = None
        if body:
            value = await self._aside.run(
                senders.parsed,
                body,
                weight=len(body) // JSON_BYTES,
                what="the body of a webhook",
                caller=came.receiver.whose,
            )
        if isinstance(value, RefusedDeed):
            came.said = value.said
            return WebhookAnswer(value.status, {"error": value.said})
        results = await self._generic.run(
            came.receiver,
            GenericRequest(body=value, headers=headers, query=query),
            came.id,
            now=came.time,
            dry_run=dry_run,
        )
        came.is_taken, came.outcome = True, results.outcome
        said = (f"{each['result']}: {each['summary']}" for each in results.items)
        came.said = "; ".join(dict.fromkeys(said))
        return WebhookAnswer(results.status, {"results": results.items})
