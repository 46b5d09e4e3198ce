"""A store, the writer and the outbox in virtual time, with stand-ins of the services that messages go to."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tests.support.settling import settled
from tests.support.stores import opened
from towpath.admission import namespaces
from towpath.admission.requester import Requester
from towpath.admission.writer import Writer
from towpath.app import parts
from towpath.clients.http import Egress
from towpath.clients.http.guard import Guard
from towpath.clock import VirtualClock
from towpath.credentials.finder import Credentials
from towpath.demo import message_services as demo
from towpath.errors import AlreadyExists
from towpath.hooks.outbox.tally import MessageTally
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.message import document_of
from towpath.rules.rbac import User
from towpath.runtime.aside import Aside
from towpath.runtime.controller import Controller
from towpath.runtime.keyed_waits import KeyedWaits
from towpath.runtime.manager import Manager
from towpath.runtime.waking import Waking
from towpath.store.contract import Order, Query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.demo.message_services import MessageServices
    from towpath.store.contract import Document, Store

PROJECT: Final = "shop"
USER: Final = Requester("email:dev@example.com", user=User("dev@example.com", ("system:masters",)))
CONTROLLER: Final = Requester("controller:test", is_controller=True)
SECRETS: Final = {
    "slack": {"apiKey": demo.TOKEN},
    "pagerDuty": {"routingKey": demo.ROUTING_KEY},
    "ntfy": {"token": "tk_hunter2hunter2"},
    "http": {"bearerToken": "hunter2-hunter2"},
}


@dataclass
class Outbox:
    """What tests act on and look at."""

    store: Store
    writer: Writer
    clock: VirtualClock
    services: MessageServices
    tally: MessageTally
    controller: Controller
    waits: KeyedWaits
    woken: list[Ref]

    async def channel(self, kind: str = "slack", name: str = "", **more: Any) -> str:
        """Make a channel that leads to one of the services; return its name."""
        name = name or kind.lower()
        given = more.pop("secret", None) or self.secret(kind)
        await self.put("v1", "Secret", name, stringData=given)
        cluster = more.pop("cluster", False)
        spec = {kind: {**self.receiver(kind), **more.pop("how", {})}, "secretRef": {"name": name}}
        await self.put(
            "ee.kargo.akuity.io/v1alpha1",
            "ClusterMessageChannel" if cluster else "MessageChannel",
            name,
            spec=spec | more,
            namespace="" if cluster else PROJECT,
        )
        return name

    def receiver(self, kind: str) -> Document:
        """Return what a channel's spec says of a service."""
        url = self.services.url
        return {
            "slack": {"channelID": "C0DEMO", "url": f"{url}/slack/api"},
            "slackWebhook": {},
            "teams": {},
            "pagerDuty": {"url": f"{url}/pagerduty/v2/enqueue"},
            "ntfy": {"topic": "t", "url": f"{url}/ntfy/"},
            "http": {"url": f"{url}/server"},
        }[kind]

    def secret(self, kind: str) -> dict[str, str]:
        """Return the values of a channel's Secret."""
        url = self.services.url
        hooks = {
            "slackWebhook": {"url": f"{url}/slack/services/{demo.HOOK}"},
            "teams": {"url": f"{url}/teams/workflow?sig={demo.SIGNATURE}"},
        }
        return hooks.get(kind) or SECRETS[kind]

    async def put(
        self, api: str, kind: str, name: str, *, namespace: str = PROJECT, **fields: Any
    ) -> None:
        """Create an object, or replace it."""
        metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
        document = {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}
        found = scheme.find(api, kind)
        assert found is not None
        stored = await self.store.list(Query(kind=found, namespace=namespace or None))
        if any(each.ref.name == name for each in stored.items):
            await self.writer.update(document, USER)
        else:
            await self.writer.create(document, USER)

    async def send(self, text: str, channel: str = "slack", **more: Any) -> str:
        """Write a message; return its name."""
        kind = more.pop("kind", "MessageChannel")
        project = more.pop("project", PROJECT)
        name = more.pop("name", "") or f"m-{self.store.revision()}"
        spec = {"channel": {"kind": kind, "name": channel}, "body": text, **more}
        await self.writer.create(document_of(name=name, project=project, spec=spec), CONTROLLER)
        return name

    async def settled(self) -> None:
        """Return when nothing is to be done before time passes."""
        await settled(self.store, [self.controller.queue])

    async def passes(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass, step by step, all settling in between."""
        left = seconds
        while left > 0:
            await self.clock.advance(min(step, left))
            left -= step
            await self.settled()

    async def status(self, name: str, project: str = PROJECT) -> Document:
        """Return how far a message is."""
        ref = Ref(scheme.MESSAGE, project, name)
        found: Document = (await self.store.get(ref)).document.get("status") or {}
        return found

    async def fares(self, channel: str, *, cluster: bool = False) -> Document:
        """Return how a channel fares, with status, reason and message of its condition Ready."""
        kind = scheme.CLUSTER_MESSAGE_CHANNEL if cluster else scheme.MESSAGE_CHANNEL
        ref = Ref(kind, "" if cluster else PROJECT, channel)
        found: Document = (await self.store.get(ref)).document.get("status") or {}
        return {**found, **(found.get("conditions") or [{}])[0]}

    async def messages(self) -> list[Document]:
        """Return all messages, in their order."""
        order = Order(path="spec.order")
        page = await self.store.list(Query(kind=scheme.MESSAGE), order=order)
        return [each.document for each in page.items]


@asynccontextmanager
async def running(
    folder: Path, services: MessageServices, *, clock: VirtualClock | None = None
) -> AsyncIterator[Outbox]:
    """Run the outbox over a store while the context lasts."""
    clock = clock or VirtualClock()
    aside, waking, waits, tally = Aside(), Waking(), KeyedWaits(), MessageTally()
    guard = Guard(allow=[urlsplit(services.url).netloc])
    woken: list[Ref] = []
    waits.follow(woken.append)
    waking.join(waits)
    async with (
        opened(folder, clock=clock) as store,
        Egress(guard=guard, clock=clock, per_second=1e6) as egress,
    ):
        await namespaces.ensure_system(store, actor="controller:system")
        for name in (PROJECT, "bank"):
            document = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            with suppress(AlreadyExists):
                await store.create(document, actor="test")
        writer = Writer(store, clock=clock, known_steps={}, known_subscriptions={"image": None})
        reconciler = parts.messages(
            store=store,
            writer=writer,
            clock=clock,
            credentials=Credentials(store),
            egress=egress,
            waking=waking,
            aside=aside,
            tally=tally,
            trust=None,
        )
        controller = Controller(
            "message-channel-controller",
            reconciler,
            reconciler.sources(),
            store=store,
            clock=clock,
            workers=4,
        )
        manager = Manager([controller], clock=clock)
        manager.start()
        await manager.listed()
        try:
            yield Outbox(store, writer, clock, services, tally, controller, waits, woken)
        finally:
            await manager.stop()
            await aside.close()
