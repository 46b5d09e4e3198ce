"""What the servers answer with, made of what runs over the store."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.admission.event_recorder import EventRecorder
from towpath.admission.requester import ADMIN
from towpath.app.doctor import Doctor
from towpath.app.metrics import Metrics
from towpath.clients.clouds import machine_identity
from towpath.credentials.finder import Credentials
from towpath.screens.screens import Screens
from towpath.server.open_watches import OpenWatches
from towpath.server.request_counts import RequestCounts
from towpath.server.room import Bodies
from towpath.server.services import Services
from towpath.webhooks.ailing import ReceiverLook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.app.entrance import Entrance
    from towpath.app.live_settings import LiveSettings
    from towpath.app.system import System
    from towpath.clock import Clock
    from towpath.server.auth.account_tokens import AccountTokens
    from towpath.store.contract import Store


@dataclass(frozen=True, slots=True)
class Answering:
    """What the routes are given, and what counts the requests that they answer."""

    services: Services
    requests: RequestCounts


@asynccontextmanager
async def answering(
    system: System,
    store: Store,
    clock: Clock,
    *,
    live: LiveSettings,
    data: Path,
    entrance: Entrance,
    accounts: AccountTokens,
    takes_webhooks: bool,
) -> AsyncIterator[Answering]:
    """Keep ready, while the context lasts, what requests are answered with.

    `takes_webhooks`: whether webhooks come in where everything else does.
    """
    watches = OpenWatches(store, clock, live.operator.streams.stream_limits)
    live.follow("streams.perCaller", lambda new: watches.set_per_caller(new.streams.per_caller))
    bodies = Bodies(clock=clock)
    requests = RequestCounts()
    access = entrance.access(store, accounts, clock, system.egress)
    metrics = Metrics(
        system,
        store,
        clock,
        requests=requests,
        logins=access.attempts.ended,
        watches=watches,
        bodies=bodies,
    )
    receivers = ReceiverLook(store=store, receivers=system.webhooks.receivers, clock=clock)
    doctor = Doctor(
        store=store,
        clock=clock,
        system=system,
        watches=watches,
        data=data,
        looks=(receivers.findings,),
    )
    screens = Screens(store, clock, system.waiting)
    services = Services(
        store=store,
        writer=system.writer,
        clock=clock,
        authorizer=system.authorizer,
        accounts=accounts,
        access=access,
        events=EventRecorder(store, clock, ADMIN),
        credentials=_credentials(store, live),
        waiting=system.waiting,
        last_pass=system.last_pass,
        ill=system.health.not_live,
        metrics=metrics.text,
        findings=doctor.findings,
        problems=system.problems,
        planner=system.planner,
        releases=system.releases,
        warehouses=system.warehouses,
        attachments=system.attachments,
        job_logs=system.job_logs,
        argocd=system.argocd,
        watches=watches,
        screens=screens,
        transfer_key=entrance.transfer_key,
        aside=system.aside,
        bodies=bodies,
        webhooks=system.webhooks,
        takes_webhooks=takes_webhooks,
    )
    try:
        yield Answering(services, requests)
    finally:
        await screens.close()


def _credentials(store: Store, live: LiveSettings) -> Credentials:
    """Return the credentials of the routes, which tell who would get which."""
    settings = live.operator.credentials
    clouds = machine_identity.chosen(settings.ambient, os.environ)
    made = Credentials(store, clouds=clouds, allow_http=settings.allow_http)
    live.follow(
        "credentials.allowHTTP",
        lambda new: made.set_allow_http(allowed=new.credentials.allow_http),
    )
    return made
