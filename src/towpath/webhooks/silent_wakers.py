"""Which receivers that are silent for too long used to have a Warehouse look: what was pushed since is found late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.resources import cluster_config, scheme
from towpath.resources.document import at
from towpath.resources.kinds import Ref
from towpath.resources.subscribed import FORMS
from towpath.webhooks import telling

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from towpath.rules.webhooks.silence import ReceiverSilence
    from towpath.store.contract import Store
    from towpath.webhooks.receivers import ListeningReceiver, Receivers

_LOOKED_AT: Final = 20
"""Deliveries of a receiver, the last that were taken, by which it is told for whom it is."""
_MOST: Final = 20
"""Receivers that are told."""
_OUTCOMES: Final = ("woken", "passed", "failed")


@dataclass(frozen=True, slots=True)
class SilentWaker:
    """A receiver that is silent."""

    receiver: ListeningReceiver
    silence: ReceiverSilence


async def silent_wakers(
    store: Store, receivers: Receivers, warehouse: Ref, urls: Collection[str], now: datetime
) -> list[SilentWaker]:
    """Return the receivers of its Project, then of the ClusterConfig, whose last deliveries were about a Warehouse.

    `urls`: what it subscribes to, in the form of the index. Whoever looks at the answer may not be one who may see those
    configurations. Raises Unavailable.
    """
    project = warehouse.namespace
    found: list[SilentWaker] = []
    for config in (
        Ref(scheme.PROJECT_CONFIG, project, project),
        Ref(scheme.CLUSTER_CONFIG, "", cluster_config.NAME),
    ):
        for each in await telling.every(store, receivers, config, now):
            if each.silence is None or each.problem or len(found) >= _MOST:
                continue
            receipts = await telling.receipts(store, each.receiver)
            taken = [receipt for receipt in receipts if receipt["taken"]][:_LOOKED_AT]
            if any(_is_about(receipt, warehouse, urls) for receipt in taken):
                found.append(SilentWaker(each.receiver, each.silence))
    return found


def _is_about(receipt: Mapping[str, Any], warehouse: Ref, urls: Collection[str]) -> bool:
    """Whether a delivery was about a Warehouse: it names it, or a repository that it subscribes to."""
    told = [each for outcome in _OUTCOMES for each in receipt.get(outcome) or ()]
    if any(
        (at(each, "project"), at(each, "name")) == (warehouse.namespace, warehouse.name)
        for each in told
    ):
        return True
    return any(address in urls for address in _addresses(receipt))


def _addresses(receipt: Mapping[str, Any]) -> Iterator[str]:
    told = at(receipt, "about", "urls")
    for url in told if isinstance(told, list) else ():
        for form in FORMS.values():
            yield form(str(url))
