"""What people are told of receivers: where they listen, what came last, and whether they have been silent for too long."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.resources.document import at
from towpath.rules.webhooks import silence
from towpath.webhooks.receivers import of_config

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.resources.kinds import Ref
    from towpath.rules.webhooks.silence import ReceiverSilence
    from towpath.store.contract import Store, Stored
    from towpath.store.receipts import Heard, Receipt
    from towpath.webhooks.receivers import ListeningReceiver, Receivers


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldReceiver:
    """One receiver, and how it fares."""

    receiver: ListeningReceiver
    path: str
    """Where it listens; empty where it does not."""
    url: str
    problem: str
    """Why it does not listen; empty where it does."""
    heard: Sequence[Heard]
    """What came, the newest first."""
    silence: ReceiverSilence | None

    @property
    def taken(self) -> list[Heard]:
        """What came and was taken."""
        return [each for each in self.heard if each.is_taken]

    @property
    def usual_seconds(self) -> float | None:
        """The usual gap between deliveries; None where nothing is usual yet."""
        return silence.usual_seconds([each.time for each in self.taken])

    @property
    def warning(self) -> str:
        """What somebody should look at; empty where all is well."""
        if self.problem:
            return self.problem
        return self.silence.said if self.silence is not None else ""


async def every(
    store: Store, receivers: Receivers, config: Ref, now: datetime
) -> list[ToldReceiver]:
    """Return the receivers of a configuration in its order; none where there is no such configuration."""
    try:
        stored = await store.get(config)
    except errors.NotFound:
        return []
    published = _published(stored)
    heard = await store.receipts.times(stored.uid)
    return [
        await _told(
            receivers, each, published, [one for one in heard if one.receiver == each.name], now
        )
        for each in of_config(stored)
    ]


async def named(store: Store, config: Ref, name: str) -> ListeningReceiver:
    """Return a receiver by its name. Raises NotFound."""
    for each in of_config(await store.get(config)):
        if each.name == name:
            return each
    raise errors.NotFound(f"{config} has no webhook receiver {name[:100]!r}")


async def receipts(store: Store, receiver: ListeningReceiver) -> list[dict[str, Any]]:
    """Return what came to a receiver and what came of it, the newest first."""
    return [_shown(each) for each in await store.receipts.of(receiver.uid, receiver.name)]


def _shown(receipt: Receipt) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(receipt.record)
    return {"time": receipt.time, "taken": receipt.is_taken, "status": receipt.status, **record}


def _published(stored: Stored) -> dict[str, tuple[str, str]]:
    """Return path and address of each receiver that the status tells of, by name."""
    items = at(stored.document, "status", "webhookReceivers")
    return {
        str(at(each, "name")): (str(at(each, "path") or ""), str(at(each, "url") or ""))
        for each in (items if isinstance(items, list) else ())
    }


async def _told(
    receivers: Receivers,
    receiver: ListeningReceiver,
    published: dict[str, tuple[str, str]],
    heard: Sequence[Heard],
    now: datetime,
) -> ToldReceiver:
    problem = ""
    try:
        await receivers.open(receiver)
    except errors.Invalid as error:
        problem = error.message
    path, url = ("", "") if problem else published.get(receiver.name, ("", ""))
    times = [each.time for each in heard if each.is_taken]
    return ToldReceiver(
        receiver=receiver,
        path=path,
        url=url,
        problem=problem,
        heard=heard,
        silence=silence.silence(times, now),
    )
