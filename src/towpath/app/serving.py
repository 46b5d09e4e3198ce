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
from towpath.app import (
    composition,
    event_loop,
    kubeconfig,
    listening,
    metrics_listener,
    sockets,
    tls,
    tracing,
    webhook_listener,
)
from towpath.app.answering import answering
from towpath.app.entrance import Entrance
from towpath.app.listening import Listener
from towpath.app.live_settings import LiveSettings
from towpath.app.settings.operator import OperatorSettings, read
from towpath.clock import SystemClock
from towpath.disk import naming, passing_folder
from towpath.resources.scheme import SCHEME
from towpath.runtime import allocation
from towpath.runtime.collecting import Collecting
from towpath.server.application import Readiness, application
from towpath.server.auth import account_tokens, addresses, admin_token
from towpath.server.auth.account_tokens import AccountTokens
from towpath.server.auth.admin_token import AdminToken
from towpath.store.sqlite import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from towpath.app.sockets import ServerSockets
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
    # Git is run in other folders than this one.
    data = await asyncio.to_thread(settings.data.absolute)
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        begun = stack.enter_async_context
        listened = stack.enter_context(
            sockets.opened(settings.host, settings.port, settings.tls, operator)
        )
        own = listened.own
        with naming.named(data):
            store = await open_store(
                data,
                key_file=settings.key_file,
                scheme=SCHEME,
                retention=operator.change_log.retention,
                watch_limits=operator.streams.watch_limits,
                command="towpath up",
            )
            stack.push_async_callback(store.close)
            sweeping = asyncio.create_task(
                asyncio.to_thread(passing_folder.sweep, clock.now().timestamp())
            )
            stack.callback(sweeping.cancel)
            listeners, tls_address, certificate = [Listener(listened.plain)], "", None
            if settings.tls is not None and listened.over_tls is not None:
                certificate = await begun(tls.serving(data, settings.tls, clock))
                listeners.append(Listener(listened.over_tls, certificate))
                tls_address = f"https://{own[1]}{operator.base.text}"
            token = AdminToken.load_or_create(data / admin_token.FILE)
            accounts = AccountTokens.load_or_create(data / account_tokens.FILE, store, clock)
            entrance = await asyncio.to_thread(Entrance.of, data, operator, clock)
            system = await begun(
                composition.running(
                    store,
                    clock,
                    data=data,
                    live=live,
                    own=own,
                    programs=settings.programs,
                    hooks_url=_hooks_url(operator, listened),
                )
            )
            await entrance.map_claims(store)
        answers = await begun(
            answering(
                system,
                store,
                clock,
                live=live,
                data=data,
                entrance=entrance,
                accounts=accounts,
                takes_webhooks=listened.webhooks is None,
            )
        )
        services = answers.services
        metrics_address = ""
        if listened.metrics is not None:
            await begun(metrics_listener.serving(listened.metrics, services.metrics, clock))
            metrics_address = f"http://{listening.address(listened.metrics)}{metrics_listener.PATH}"
        if listened.webhooks is not None:
            await begun(webhook_listener.serving(listened.webhooks, services, clock))
        readiness = Readiness(live=system.health.not_live, ready=system.health.not_ready)
        stopping: list[asyncio.Task[None]] = []

        async def end() -> None:
            readiness.reason = "stopping"
            # Beside the answers that are under way, not after them: together they have a few seconds.
            stopping.append(asyncio.create_task(system.manager.stop()))
            await services.watches.close()

        await begun(
            listening.serving(
                application(services, token, readiness, operator.base, answers.requests),
                listeners,
                clock,
                limits=listening.limits(),
                base=operator.base,
                trusted=addresses.networks(operator.server.trusted_proxies),
                end=end,
            )
        )
        kubeconfig.note(data, tls_address, is_own=settings.tls is not None and settings.tls.is_own)
        await system.manager.listed()
        readiness.reason = None
        yield RunningServer(
            f"http://{own[0]}{operator.base.text}",
            data / admin_token.FILE,
            store,
            system,
            tls_address,
            certificate,
            metrics_address,
            entrance.new_password,
        )


def _hooks_url(operator: OperatorSettings, listened: ServerSockets) -> str:
    """Return where senders of webhooks reach this server: as the operator says, else where it listens."""
    if operator.webhooks.url:
        return operator.webhooks.url
    if listened.webhooks is not None:
        return f"http://{listening.address(listened.webhooks)}"
    return operator.server.url or f"http://{listening.address(listened.plain)}{operator.base.text}"
