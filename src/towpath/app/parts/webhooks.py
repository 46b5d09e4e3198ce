"""The part that takes webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.runtime.evaluation import Evaluations
from towpath.webhooks.generic import GenericActions
from towpath.webhooks.intake import Intake
from towpath.webhooks.look_requests import LookRequests
from towpath.webhooks.receipts import ReceiptBook
from towpath.webhooks.receiving import Webhooks
from towpath.webhooks.wakers import Wakers

if TYPE_CHECKING:
    from towpath.admission.authority import SystemAuthority
    from towpath.clock import Clock
    from towpath.runtime.aside import Aside
    from towpath.runtime.waking import Waking
    from towpath.store.contract import Store
    from towpath.webhooks.receivers import Receivers


def webhooks(
    *,
    store: Store,
    writer: SystemAuthority,
    clock: Clock,
    receivers: Receivers,
    waking: Waking,
    aside: Aside,
) -> Webhooks:
    """Make what takes webhooks."""
    wakers = Wakers(store, LookRequests(writer, clock), waking, aside)
    return Webhooks(
        receivers=receivers,
        wakers=wakers,
        generic=GenericActions(wakers, Evaluations()),
        intake=Intake(),
        receipts=ReceiptBook(store, clock),
        aside=aside,
        clock=clock,
    )
