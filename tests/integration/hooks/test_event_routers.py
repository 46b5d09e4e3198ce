"""EventRouters: what happened reaches the channels that they name, once, in order, whatever breaks meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import outbox
from tests.support.message_contracts import contracts
from tests.support.outbox import PROJECT
from tests.support.settling import settled
from towpath import errors
from towpath.admission.event_recorder import EventRecorder
from towpath.demo import message_services as demo
from towpath.demo.message_services import MessageServices, ServiceFault
from towpath.hooks.dispatcher import Dispatcher
from towpath.hooks.happening import of
from towpath.hooks.routing.event_routers import EventRouters
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime.evaluation import Evaluations
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.support.outbox import Outbox
    from towpath.store.contract import Document

API = "ee.kargo.akuity.io/v1alpha1"


@pytest.fixture
def services() -> Iterator[MessageServices]:
    """The services."""
    made = MessageServices(contracts())
    yield made
    made.close()
    assert made.wrong == []


class Routing:
    """An outbox, with what is told to it."""

    def __init__(self, world: Outbox, routers: EventRouters) -> None:
        self.world = world
        self.routers = routers
        self.recorder = EventRecorder(world.store, world.clock, outbox.CONTROLLER)
        self.told = 0

    async def router(self, name: str = "r", *channels: Any, **spec: Any) -> None:
        """Make a router."""
        named = channels or ("slack",)
        found = [
            each if isinstance(each, dict) else {"kind": "MessageChannel", "name": each}
            for each in named
        ]
        await self.world.put(API, "EventRouter", name, spec={"channels": found, **spec})

    async def happens(self, type_: str, message: str = "", **payload: str) -> Document:
        """Have something happen to a Promotion; return the Event."""
        self.told += 1
        name = f"test.p{self.told}"
        ref = Ref(scheme.CONFIG_MAP, PROJECT, name)
        if self.told == 1:
            document = {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": name, "namespace": PROJECT},
            }
            await self.world.store.create(document, actor="test")
        about = await self.world.store.get(Ref(ref.kind, PROJECT, "test.p1"))
        given = {
            "promotion-name": name,
            "stage-name": "prod",
            "freight-name": "f00",
            "freight-alias": "witty-whale",
            **{key.replace("_", "-"): value for key, value in payload.items()},
        }
        made = await self.recorder.recorded(about, type_, message, given, key=str(self.told))
        return (await self.world.store.get(Ref(scheme.EVENT, PROJECT, made))).document

    async def settled(self) -> None:
        """Return when everything that happened was handed over and what followed has settled."""
        queues = [self.world.controller.queue]
        await settled(self.world.store, queues, self.dispatcher.dispatches)

    dispatcher: Dispatcher


@asynccontextmanager
async def routing(folder: Path, services: MessageServices) -> AsyncIterator[Routing]:
    """Run the outbox and the dispatcher while the context lasts."""
    async with outbox.running(folder, services) as world:
        routers = EventRouters(
            world.store, world.writer, world.clock, Evaluations(), ui_url="https://towpath.example"
        )
        dispatcher = Dispatcher(world.store, world.clock, [routers])
        await dispatcher.load()
        task = asyncio.create_task(dispatcher.run())
        made = Routing(world, routers)
        made.dispatcher = dispatcher
        try:
            yield made
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def test_what_happened_is_told(tmp_path: Path, services: MessageServices) -> None:
    """By the usual words, to all channels that are named; only what the router is for."""
    async with routing(tmp_path, services) as made:
        await made.world.channel("slack")
        await made.world.channel("http")
        await made.router("r", "slack", "http", types=["PromotionFailed"])
        await made.happens("PromotionSucceeded")
        await made.happens("PromotionFailed", "the smoke test said no")
        await made.settled()
        assert services.texts(demo.SLACK) == [
            "shop: promotion of witty-whale to prod failed: the smoke test said no"
        ]
        (sent,) = services.of(demo.SERVER)
        assert sent.body["type"] == "PromotionFailed"
        assert sent.body["event"]["stageName"] == "prod"
        assert sent.body["event"]["freight"]["alias"] == "witty-whale"
        status = (await made.world.store.get(Ref(scheme.EVENT_ROUTER, PROJECT, "r"))).document[
            "status"
        ]
        assert status["routed"] == 2
        assert status["conditions"][0]["status"] == "True"


async def test_a_message_leads_to_the_web_ui(tmp_path: Path, services: MessageServices) -> None:
    """Where the operator has said at which address people reach it."""
    async with routing(tmp_path, services) as made:
        await made.world.channel("slack")
        await made.router("r", "slack", output="${{ ctx.uiBaseURL }}/p/${{ event.project }}")
        await made.happens("PromotionFailed")
        await made.settled()
        assert services.texts(demo.SLACK) == ["https://towpath.example/p/shop"]


async def test_expressions(tmp_path: Path, services: MessageServices) -> None:
    """`when`, `output` of router and channel, encodings, the functions, and the group."""
    output = '{"text": "${{ escape_json_string(event.message) }} in ${{ deref(event.stageName) }}"}'
    async with routing(tmp_path, services) as made:
        await made.world.channel("slack")
        await made.router(
            "r",
            {"kind": "MessageChannel", "name": "slack", "output": output, "encodingType": "json"},
            "slack",
            when="event.stageName == 'prod' && type != 'PromotionCreated'",
            output="${{ type }}: ${{ event.freight.alias }}",
            groupingKey="${{ event.stageName }}-${{ event.freight.name }}",
        )
        await made.happens("PromotionFailed", 'he said "no"')
        await made.happens("PromotionFailed", "elsewhere", stage_name="test")
        await made.happens("PromotionCreated")
        await made.happens("PromotionSucceeded", "yes")
        await made.settled()
        assert services.texts(demo.SLACK) == [
            'he said "no" in prod',
            "PromotionFailed: witty-whale",
            "yes in prod",
            "PromotionSucceeded: witty-whale",
        ]
        first, *others = services.of(demo.SLACK)
        assert {each.body["thread_ts"] for each in others} == {first.receipt}


async def test_a_group_is_one_incident_that_success_ends(
    tmp_path: Path, services: MessageServices
) -> None:
    """By the usual words: failure opens it, success resolves it."""
    async with routing(tmp_path, services) as made:
        await made.world.channel("pagerDuty")
        await made.router("r", "pagerduty", groupingKey="${{ event.stageName }}")
        await made.happens("PromotionFailed", "no")
        await made.happens("PromotionSucceeded", "yes")
        await made.settled()
        bodies = [each.body for each in services.of(demo.PAGERDUTY)]
        assert [each["event_action"] for each in bodies] == ["trigger", "resolve"]
        assert {each["dedup_key"] for each in bodies} == {"shop/prod"}


async def test_given_twice_it_is_told_once(tmp_path: Path, services: MessageServices) -> None:
    """The names of messages follow from what happened and from the router."""
    async with routing(tmp_path, services) as made:
        await made.world.channel("slack")
        await made.router()
        event = await made.happens("PromotionFailed", "no")
        await made.settled()
        happened = of(event)
        assert happened is not None
        await made.routers.take([happened, happened])
        await made.world.settled()
        assert len(services.texts(demo.SLACK)) == 1


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"when": "event.nothing.at.all == 1"}, "spec.when"),
        ({"when": "event.stageName"}, "spec.when: it must come to true or false"),
        ({"output": "${{ fromJSON(event.message) }}"}, "spec.output"),
        ({"groupingKey": "${{ fromJSON(event.message) }}"}, "spec.groupingKey"),
    ],
)
async def test_a_router_that_is_wrong_says_so(
    spec: dict[str, str], says: str, tmp_path: Path, services: MessageServices
) -> None:
    """And holds up no other."""
    async with routing(tmp_path, services) as made:
        await made.world.channel("slack")
        await made.router("a-wrong", **spec)
        await made.router("right", output="fine")
        await made.happens("PromotionFailed", "{no json")
        await made.settled()
        assert services.texts(demo.SLACK) == ["fine"]
        found = await made.world.store.get(Ref(scheme.EVENT_ROUTER, PROJECT, "a-wrong"))
        (condition,) = found.document["status"]["conditions"]
        assert (condition["status"], condition["reason"]) == ("False", "ExpressionFailed")
        assert condition["message"].startswith(says)


async def test_a_channel_that_is_not_there(tmp_path: Path, services: MessageServices) -> None:
    """Is named by the router's condition; the others are told."""
    async with routing(tmp_path, services) as made:
        await made.world.channel("slack")
        await made.router("r", "nowhere", "slack")
        await made.happens("PromotionFailed")
        await made.settled()
        assert len(services.texts(demo.SLACK)) == 1
        found = await made.world.store.get(Ref(scheme.EVENT_ROUTER, PROJECT, "r"))
        (condition,) = found.document["status"]["conditions"]
        assert condition["reason"] == "NoSuchChannel"
        assert "nowhere" in condition["message"]


async def test_what_was_before_the_router_is_not_told(
    tmp_path: Path, services: MessageServices
) -> None:
    """A router tells of what comes."""
    async with routing(tmp_path, services) as made:
        await made.world.channel("slack")
        event = await made.happens("PromotionFailed")
        await made.world.clock.advance(5)
        await made.router()
        happened = of(event)
        assert happened is not None
        await made.routers.take([happened])
        await made.world.settled()
        assert services.texts(demo.SLACK) == []


async def test_all_come_in_order_when_the_receiver_is_back(
    tmp_path: Path, services: MessageServices
) -> None:
    """Whatever happened while it was away."""
    async with routing(tmp_path, services) as made:
        await made.world.channel("slack")
        await made.router(output="${{ event.name }}")
        services.down[demo.SLACK] = ServiceFault(503)
        for _ in range(150):
            await made.happens("PromotionSucceeded")
        await made.settled()
        assert services.texts(demo.SLACK) == []
        waiting = await made.world.store.count(Query(kind=scheme.MESSAGE))
        assert waiting == 150
        services.down.clear()
        await made.world.passes(600, 60)
        assert services.texts(demo.SLACK) == [f"test.p{number}" for number in range(1, 151)]
        assert (await made.world.fares("slack"))["reason"] == "Delivering"


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"when": "event."}, "spec.when"),
        ({"output": "${{ event. }}"}, "spec.output"),
        ({"groupingKey": "${{"}, "spec.groupingKey"),
        (
            {"channels": [{"kind": "MessageChannel", "name": "slack", "namespace": "bank"}]},
            r"spec\.channels\[0\]\.namespace",
        ),
        ({"channels": []}, "spec.channels"),
    ],
)
async def test_what_cannot_work_is_refused(
    spec: dict[str, Any], field: str, tmp_path: Path, services: MessageServices
) -> None:
    """When it is written, by its field."""
    async with routing(tmp_path, services) as made:
        with pytest.raises(errors.Invalid, match=field):
            await made.router("r", **spec)


async def test_a_secret_out_of_reach_is_refused(tmp_path: Path, services: MessageServices) -> None:
    """A channel has its Secret at home."""
    async with routing(tmp_path, services) as made:
        spec = {"teams": {}, "secretRef": {"name": "s", "namespace": "bank"}}
        with pytest.raises(errors.Invalid, match=r"spec\.secretRef\.namespace.*must be shop"):
            await made.world.put(API, "MessageChannel", "c", spec=spec)
