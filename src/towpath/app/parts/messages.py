"""What delivers messages: the reconciler of channels, with all that it needs to reach receivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.controllers.message_channel import ChannelReconciler
from towpath.hooks.outbox.delivering import Deliveries
from towpath.hooks.outbox.receivers import ReceiverFactory
from towpath.runtime.evaluation import Evaluations

if TYPE_CHECKING:
    import ssl

    from towpath.admission.authority import SystemAuthority
    from towpath.clients.http import Egress
    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.hooks.outbox.tally import MessageTally
    from towpath.runtime.aside import Aside
    from towpath.runtime.waking import Waking
    from towpath.store.contract import Store


def messages(
    *,
    store: Store,
    writer: SystemAuthority,
    clock: Clock,
    credentials: Credentials,
    egress: Egress,
    waking: Waking,
    aside: Aside,
    tally: MessageTally,
    trust: ssl.SSLContext | None,
) -> ChannelReconciler:
    """Make the reconciler of channels; nothing has started."""
    factory = ReceiverFactory(
        store=store,
        credentials=credentials,
        egress=egress,
        evaluations=Evaluations(),
        clock=clock,
        aside=aside,
        trust=trust,
    )
    deliveries = Deliveries(store, writer, clock, waking=waking, aside=aside, tally=tally)
    return ChannelReconciler(
        store, writer, clock, factory=factory, deliveries=deliveries, tally=tally
    )
