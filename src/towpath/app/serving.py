"""Serving: a data directory, its controllers and its HTTP interface, from start to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from towpath import telemetry
from towpath.admission.event_recorder import EventRecorder
from towpath.admission.requester import ADMIN
from towpath.app import (
    composition,
    event_loop,
    kubeconfig,
    listening,
    metrics_listener,
    tls,
    tracing,
    webhook_listener,
)
from towpath.app.doctor import Doctor
from towpath.app.entrance import Entrance
from towpath.app.listening import Listener
from towpath.app.live_settings import LiveSettings
from towpath.app.metrics import Metrics
from towpath.app.operator import OperatorSettings, read
from towpath.clients.clouds import machine_identity
from towpath.clock import SystemClock
from towpath.credentials.finder import Credentials
from towpath.disk import naming
from towpath.resources.scheme import SCHEME
from towpath.runtime import allocation
from towpath.runtime.collecting import Collecting
from towpath.screens.screens import Screens
from towpath.server.application import Readiness, application
from towpath.server.auth import account_tokens, admin_token
from towpath.server.auth.account_tokens import AccountTokens
from towpath.server.auth.admin_token import AdminToken
from towpath.server.open_watches import OpenWatches
from towpath.server.request_counts import RequestCounts
from towpath.server.room import Bodies
from towpath.server.services import Services
from towpath.store.sqlite import open_store
from towpath.webhooks.ailing import ReceiverLook

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from towpath.app.system import System
    from towpath.app.tls import ServedContext, TLSSettings
    from towpath.store.contract import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a server is started with."""

    data: Path
    """The data directory."""
    key_file: Path
    host: str
    port: int
    """0: any that is free."""
    config: Path | None = None
    """The operator's configuration file."""
    operator: OperatorSettings | None = None
    """The same, read already; it goes before `config`."""
    tls: TLSSettings | None = None
    """None: no TLS."""
    programs: str = ""
    """The folders in which git is looked for, as in `PATH`; empty: those of every system."""


def serve(
    settings: Settings,
    say: Callable[[str], None],
    *,
    log_format: Literal["text", "json"] = "text",
) -> None:
    """Run until SIGINT or SIGTERM. `say` is given the line that tells that the server is ready.

    The process has to end when this returns or raises. Raises Unavailable when the address or the data directory
    cannot be used.
    """
    telemetry.configure(form=log_format)
    listening.allow_files()
    allocation.give_back_at_once()
    event_loop.run(_serve(settings, say))


async def _serve(settings: Settings, say: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    live = _live(settings)
    telemetry.set_level(live.operator.log.level.upper())
    live.follow("log.level", lambda new: telemetry.set_level(new.log.level.upper()))
    collecting = Collecting(SystemClock())
    async with (
        tracing.traced(wanted=tracing.is_wanted(os.environ)),
        running(settings, live) as served,
        collecting.running(),
    ):
        hangup = asyncio.Event()
        loop.add_signal_handler(signal.SIGHUP, hangup.set)
        rereading = asyncio.create_task(_keep_reading(hangup, live, served), name="sighup")
        over_tls = f" tls={served.tls_address}" if served.tls_address else ""
        metrics = f" metrics={served.metrics_address}" if served.metrics_address else ""
        say(f"towpath: serving {served.address} token-file={served.token_file}{over_tls}{metrics}")
        if served.new_password:
            say(
                f"towpath: the administrator's password is {served.new_password} (shown this once; "
                f"change it: towpath admin password --data {settings.data})"
            )
        stopping = asyncio.create_task(stop.wait())
        failing = asyncio.create_task(served.system.manager.ended())
        await asyncio.wait((stopping, failing), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        rereading.cancel()
        if failing.done():
            failing.result()
        failing.cancel()
        _log.info("stopping")


async def _keep_reading(hangup: asyncio.Event, live: LiveSettings, served: RunningServer) -> None:
    """Whenever SIGHUP comes, read the settings and the certificate again."""
    while True:
        await hangup.wait()
        hangup.clear()
        await live.read_again()
        if served.certificate is not None:
            await served.certificate.load_again()


def _live(settings: Settings) -> LiveSettings:
    operator = settings.operator
    if operator is None:
        operator = read(settings.config) if settings.config else OperatorSettings()
    return LiveSettings(operator, None if settings.operator else settings.config)


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A running server."""

    address: str
    """Such as `http://127.0.0.1:8080`."""
    token_file: Path
    """Holds the administrator's token."""
    store: Store
    system: System
    tls_address: str = ""
    """Such as `https://127.0.0.1:8443`; empty without TLS."""
    certificate: ServedContext | None = None
    """What is served over TLS; None without."""
    metrics_address: str = ""
    """Where metrics are served besides; empty: nowhere."""
    new_password: str = field(default="", repr=False)
    """The administrator's, where one was made at this start: it is known nowhere else."""


@asynccontextmanager
async def running(
    settings: Settings, live: LiveSettings | None = None
) -> AsyncIterator[RunningServer]:
    """Run a server while the context lasts.

    Raises BadRequest for a configuration that cannot be used, Unavailable when address or data directory cannot.
    """
    live = live or _live(settings)
    operator = live.operator
    data = await asyncio.to_thread(
        settings.data.absolute
    )  # git is run in other folders than this one
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        plain = stack.enter_context(listening.listening(settings.host, settings.port, "--listen"))
        over_tls = None
        if settings.tls is not None:
            over_tls = stack.enter_context(
                listening.listening(settings.tls.host, settings.tls.port, "--listen-tls")
            )
        own = [listening.address(each) for each in (plain, over_tls) if each is not None]
        for_metrics = None
        if operator.metrics.listen:
            place = listening.parse_address(operator.metrics.listen, "metrics.listen")
            for_metrics = stack.enter_context(listening.listening(*place, "metrics.listen"))
            own.append(listening.address(for_metrics))
        for_hooks = None
        if operator.webhooks.listen:
            place = listening.parse_address(operator.webhooks.listen, "webhooks.listen")
            for_hooks = stack.enter_context(listening.listening(*place, "webhooks.listen"))
            own.append(listening.address(for_hooks))
        with naming.named(data):
            store = await open_store(
                data,
                key_file=settings.key_file,
                scheme=SCHEME,
                retention=operator.retention,
                watch_limits=operator.watch_limits,
                command="towpath up",
            )
            stack.push_async_callback(store.close)
            listeners, tls_address, certificate = [Listener(plain)], "", None
            if settings.tls is not None and over_tls is not None:
                certificate = await stack.enter_async_context(
                    tls.serving(data, settings.tls, clock)
                )
                listeners.append(Listener(over_tls, certificate))
                tls_address = f"https://{own[1]}{operator.base.text}"
            token = AdminToken.load_or_create(data / admin_token.FILE)
            accounts = AccountTokens.load_or_create(data / account_tokens.FILE, store, clock)
            entrance = await asyncio.to_thread(Entrance.of, data, operator, clock)
            system = await stack.enter_async_context(
                composition.running(
                    store,
                    clock,
                    data=data,
                    live=live,
                    own=own,
                    programs=settings.programs,
                    hooks_url=_hooks_url(operator, own[0], for_hooks),
                )
            )
            await entrance.map_claims(store)
        readiness = Readiness(live=system.health.not_live, ready=system.health.not_ready)
        watches = OpenWatches(store, clock, operator.stream_limits)
        live.follow("streams.perCaller", lambda new: watches.set_per_caller(new.streams.per_caller))
        bodies = Bodies()
        requests = RequestCounts()
        access = entrance.access(store, accounts, clock, system.egress)
        metrics = Metrics(
            logins=access.attempts.ended,
            requests=requests,
            outgoing=system.outgoing,
            step_times=system.step_times,
            controllers=system.controllers,
            tally=system.tally,
            health=system.health,
            heartbeat=system.heartbeat,
            store=store,
            watches=watches,
            bodies=bodies,
            aside=system.aside,
            waking=system.waking,
            argocd=system.argocd,
            messages=system.messages,
            clock=clock,
            analysis_runs=system.analysis_runs,
            measurements=system.measurements,
            hook_runs=system.hook_runs,
            dispatcher=system.dispatcher,
            webhooks=system.webhooks,
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
        stack.push_async_callback(screens.close)
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
            takes_webhooks=for_hooks is None,
        )

        metrics_address = ""
        if for_metrics is not None:
            await stack.enter_async_context(
                metrics_listener.serving(for_metrics, metrics.text, clock)
            )
            metrics_address = f"http://{listening.address(for_metrics)}{metrics_listener.PATH}"
        if for_hooks is not None:
            await stack.enter_async_context(webhook_listener.serving(for_hooks, services, clock))
        stopping: list[asyncio.Task[None]] = []

        async def end() -> None:
            readiness.reason = "stopping"
            # Beside the answers that are under way, not after them: together they have a few seconds.
            stopping.append(asyncio.create_task(system.manager.stop()))
            await watches.close()

        await stack.enter_async_context(
            listening.serving(
                application(services, token, readiness, operator.base, requests),
                listeners,
                clock,
                limits=listening.limits(),
                base=operator.base,
                end=end,
            )
        )
        kubeconfig.note(data, tls_address, is_own=settings.tls is not None and settings.tls.is_own)
        await system.manager.listed()
        readiness.reason = None
        address = f"http://{own[0]}{operator.base.text}"
        yield RunningServer(
            address,
            data / admin_token.FILE,
            store,
            system,
            tls_address,
            certificate,
            metrics_address,
            entrance.new_password,
        )


def _hooks_url(operator: OperatorSettings, own: str, for_hooks: socket.socket | None) -> str:
    """Return where senders of webhooks reach this server: as the operator says, else where it listens."""
    if operator.webhooks.url:
        return operator.webhooks.url
    if for_hooks is not None:
        return f"http://{listening.address(for_hooks)}"
    return operator.server.url or f"http://{own}{operator.base.text}"


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
