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
    from collections.abc import Callable, Sequence

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
    doubt: Callable[[str, Sequence[str]], None],
) -> Webhooks:
    """Make what takes webhooks. `doubt` is told of images that were pushed, by repository and tags, before anybody looks."""
    wakers = Wakers(store, LookRequests(writer, clock), waking, aside, doubt)
    return Webhooks(
        receivers=receivers,
        wakers=wakers,
        generic=GenericActions(wakers, Evaluations()),
        intake=Intake(),
        receipts=ReceiptBook(store, clock),
        aside=aside,
        clock=clock,
    )
