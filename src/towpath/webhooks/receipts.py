"""What is kept of a delivery, for people: what came when from where, what it was about, who looks because of it and who does not.

Secrets, addresses of receivers and bodies are no part of it, and all of it is bounded: others decide how long it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.messages import foreign
from towpath.rules.webhooks.deeds import ClosedDeed, PushDeed
from towpath.rules.webhooks.senders import SENDERS
from towpath.store.receipts import Receipt
from towpath.webhooks.woken import Woken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from towpath.clock import Clock
    from towpath.rules.webhooks.deeds import Deed
    from towpath.store.contract import Store
    from towpath.webhooks.receivers import ListeningReceiver

MOST: Final = 100
"""Receipts that are kept of one receiver of deliveries that were taken, and as many of others."""
AGE: Final = timedelta(days=30)
_TEXT: Final = 200
_LISTED: Final = 5
_NAMED: Final = 20
_REFUSED_SECONDS: Final = 1.0
"""Between receipts of deliveries that are refused: whoever does not know the secret decides how many there are."""


@dataclass(slots=True, kw_only=True)
class Came:
    """A delivery, and what came of it."""

    receiver: ListeningReceiver
    id: str
    headers: Mapping[str, str]
    """By names in lower case."""
    address: str
    time: datetime
    size: int = 0
    """Of the body, in bytes."""
    is_taken: bool = False
    status: int = 0
    event: str = ""
    said: str = ""
    deed: Deed | None = None
    outcome: Woken = field(default_factory=Woken)

    def record(self) -> dict[str, Any]:
        """Return what is kept."""
        delivery = SENDERS[self.receiver.type].delivery
        outcome = self.outcome
        return {
            "id": self.id,
            "delivery": _short(self.headers.get(delivery, "")) if delivery else "",
            "from": self.address,
            "agent": _short(self.headers.get("user-agent", "")),
            "bytes": self.size,
            "event": _short(self.event),
            "said": _short(self.said),
            "about": _about(self.deed),
            "woken": [_named(ref.namespace, ref.name) for ref in outcome.woken[:_NAMED]],
            "wokenCount": len(outcome.woken),
            "passed": [
                {**_named(ref.namespace, ref.name), "why": _short(why)}
                for ref, why in outcome.passed[:_NAMED]
            ],
            "passedCount": len(outcome.passed),
            "failed": [
                {**_named(ref.namespace, ref.name), "why": _short(why)}
                for ref, why in outcome.failed[:_NAMED]
            ],
            "failedCount": len(outcome.failed),
            "promotions": outcome.promotions,
        }


class ReceiptBook:
    """Keeps receipts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._refused: dict[tuple[str, str], float] = {}
        """When one was kept of a delivery that was refused, by configuration and receiver."""

    async def keep(self, came: Came) -> None:
        """Keep what came; it is on the disk when this returns. Raises Unavailable."""
        if not came.is_taken and self._is_one_of_many(came):
            return
        receipt = Receipt(
            config=came.receiver.uid,
            receiver=came.receiver.name,
            time=came.time,
            is_taken=came.is_taken,
            status=came.status,
            record=json.dumps(came.record(), separators=(",", ":")),
        )
        await self._store.receipts.put(receipt, most=MOST, since=came.time - AGE)

    def _is_one_of_many(self, came: Came) -> bool:
        now = self._clock.monotonic()
        self._refused = {
            key: at for key, at in self._refused.items() if now - at < _REFUSED_SECONDS
        }
        key = (came.receiver.uid, came.receiver.name)
        if key in self._refused:
            return True
        self._refused[key] = now
        return False


def _about(deed: Deed | None) -> dict[str, Any]:
    match deed:
        case PushDeed():
            return {
                "urls": _listed(deed.urls),
                "refs": _listed(deed.refs),
                "tags": _listed(deed.tags),
                "files": len(deed.changed),
            }
        case ClosedDeed():
            return {"urls": _listed([deed.url]), "refs": [], "tags": [], "files": 0}
    return {"urls": [], "refs": [], "tags": [], "files": 0}


def _listed(texts: Iterable[str]) -> list[str]:
    return [_short(each) for each in list(texts)[:_LISTED]]


def _named(project: str, name: str) -> dict[str, str]:
    return {"project": project, "name": name}


def _short(text: str) -> str:
    return foreign(text, most_bytes=_TEXT)
