"""The door to messages: written once for each step and try, waited for, and with no secret of the Promotion in them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.support import outbox
from tests.support.git_steps import FileJournal
from tests.support.outbox import PROJECT
from tests.support.steps import run, told
from towpath import errors
from towpath.demo import message_services as demo
from towpath.demo.message_services import MessageServices, ServiceFault
from towpath.promotion.disclosed import Disclosed
from towpath.promotion.doors.messages import OutboxDoor
from towpath.promotion.doors.recording.messages import RecordedMessages
from towpath.promotion.doors.recording.recorder import Recorder
from towpath.promotion.effects.messages import AuditEvent, MessageToSend
from towpath.promotion.effects.unanswered import Unanswered
from towpath.promotion.step import Errored, Failed, Succeeded, Waiting
from towpath.promotion.steps.record_audit_event import RecordAuditEvent
from towpath.promotion.steps.send_message import SendMessage
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.runtime.aside import Aside
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.outbox import Outbox

CANARY = "canary-5f3c-hunter2"
SUBJECT = Ref(scheme.CONFIG_MAP, PROJECT, "test.01jz.abc")
MESSAGE = MessageToSend(kind="MessageChannel", channel="slack", body="deployed")


@pytest.fixture
def services() -> Iterator[MessageServices]:
    """The services."""
    made = MessageServices()
    yield made
    made.close()


async def door(world: Outbox, folder: Path, step: str = "step-1", *secrets: str) -> OutboxDoor:
    """Return the door of a step."""
    disclosed = Disclosed()
    disclosed.learn(*secrets)
    metadata = {"name": SUBJECT.name, "namespace": PROJECT}
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    if not await world.store.count(Query(kind=scheme.CONFIG_MAP, namespace=PROJECT)):
        await world.store.create(document, actor="test")
    return OutboxDoor(
        world.store,
        world.writer,
        outbox.CONTROLLER,
        world.clock,
        subject=SUBJECT,
        stage="test",
        step=step,
        journal=FileJournal(folder / f"{step}.journal"),
        disclosed=disclosed,
    )


class Doors:
    """The doors of a step, of which it needs one."""

    def __init__(self, messages: Any) -> None:
        self.messages = messages


async def test_a_step_waits_until_it_was_told(tmp_path: Path, services: MessageServices) -> None:
    """Run again and again, it sends once; the thread is put out."""
    config = {"channel": {"kind": "MessageChannel", "name": "slack"}, "message": "deployed"}
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        services.down[demo.SLACK] = ServiceFault(503)
        effects = Doors(await door(world, tmp_path))
        first = await run(SendMessage(), tmp_path, config, effects=effects)
        assert isinstance(first, Waiting)
        await world.settled()
        again = await run(SendMessage(), tmp_path, config, effects=effects)
        assert isinstance(again, Waiting)
        assert "503" in again.waiting_for
        services.down.clear()
        await world.passes(10)
        after_restart = Doors(await door(world, tmp_path))
        done = await run(SendMessage(), tmp_path, config, effects=after_restart)
        assert isinstance(done, Succeeded)
        (sent,) = services.of(demo.SLACK)
        assert done.output == {"slack": {"threadTS": sent.receipt}}
        assert len(await world.messages()) == 1
        (stored,) = await world.messages()
        assert first.wake == [f"message:{PROJECT}/{stored['metadata']['name']}"]


async def test_another_try_sends_another(tmp_path: Path, services: MessageServices) -> None:
    """Once the step was told that its message failed."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        refused = {
            "channel": {"kind": "MessageChannel", "name": "slack"},
            "message": "deployed",
            "slack": {"channelID": "C0NOWHERE"},
        }
        effects = Doors(await door(world, tmp_path))
        await run(SendMessage(), tmp_path, refused, effects=effects)
        await world.settled()
        failed = await run(SendMessage(), tmp_path, refused, effects=effects)
        assert isinstance(failed, Failed)
        assert failed.counts
        assert "C0NOWHERE" in told(failed)
        services.channels.add("C0NOWHERE")
        await run(SendMessage(), tmp_path, refused, effects=effects)
        await world.settled()
        assert isinstance(await run(SendMessage(), tmp_path, refused, effects=effects), Succeeded)
        assert len(await world.messages()) == 2


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"channel": {"kind": "MessageChannel", "name": "slak"}}, 'did you mean "slack"'),
        ({"channel": {"kind": "Odd", "name": "slack"}}, "channel.kind"),
        ({"smtp": {"to": 7}}, "config.smtp.to"),
        ({"encodingType": "toml"}, "encodingType"),
        ({"message": ""}, "message"),
    ],
)
async def test_mistakes_are_named(
    config: dict[str, Any], says: str, tmp_path: Path, services: MessageServices
) -> None:
    """Nothing is sent."""
    usual = {"channel": {"kind": "MessageChannel", "name": "slack"}, "message": "x"}
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        effects = Doors(await door(world, tmp_path))
        found = await run(SendMessage(), tmp_path, usual | config, effects=effects)
        assert isinstance(found, Errored | Failed)
        assert says in told(found)
        assert await world.messages() == []


FORMS = {
    "plain": CANARY,
    "base64": base64.b64encode(CANARY.encode()).decode(),
    "in JSON": json.dumps({"token": CANARY}),
    "in a URL": f"https://x.example/?t={quote(CANARY)}",
    "upper case": CANARY.upper(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("field", ["body", "subject", "to", "slack_channel", "slack_thread"])
async def test_no_secret_is_in_a_message(
    field: str, form: str, tmp_path: Path, services: MessageServices
) -> None:
    """Whatever the form, wherever it stands: neither in the object nor in what is sent."""
    value: Any = [FORMS[form][:300]] if field == "to" else FORMS[form][:60]
    given = {"kind": "MessageChannel", "channel": "http", "body": "x", field: value}
    async with outbox.running(tmp_path, services) as world:
        await world.channel("http")
        made = await door(world, tmp_path, "step-1", CANARY)
        await made.send(MessageToSend(**given))
        await world.settled()
        shown = json.dumps(await world.messages()) + json.dumps(
            [str(each.body) for each in services.received]
        )
        assert CANARY not in shown
        assert CANARY.upper() not in shown
        assert FORMS["base64"] not in shown


async def test_what_is_recorded_is_recorded_once(tmp_path: Path, services: MessageServices) -> None:
    """With its data, and no secret in it; another step has another Event."""
    config = {"message": f"board said {CANARY}", "type": "approved", "data": {"ticket": CANARY}}
    async with outbox.running(tmp_path, services) as world:
        for step in ("one", "one", "two"):
            effects = Doors(await door(world, tmp_path, step, CANARY))
            found = await run(RecordAuditEvent(), tmp_path, config, effects=effects)
            assert isinstance(found, Succeeded)
        page = await world.store.list(Query(kind=scheme.EVENT, namespace=PROJECT))
        events = [each.document for each in page.items]
        assert len(events) == 2
        assert {each["reason"] for each in events} == {"approved"}
        assert all(
            "event.kargo.akuity.io/data-ticket" in each["metadata"]["annotations"]
            for each in events
        )
        assert CANARY not in json.dumps(events)


async def test_nobody_tells_in_the_name_of_towpath(
    tmp_path: Path, services: MessageServices
) -> None:
    """Else a step could have hooks run and routers tell of what never happened."""
    async with outbox.running(tmp_path, services) as world:
        made = await door(world, tmp_path)
        with pytest.raises(errors.BadRequest, match="choose another word"):
            await made.record(AuditEvent(message="m", type="PromotionSucceeded", actor="a"))


async def test_a_plan_sends_nothing(tmp_path: Path, services: MessageServices) -> None:
    """It says what would be sent, masked, and what is wrong with it."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        recorder, disclosed, aside = Recorder(), Disclosed(), Aside()
        disclosed.learn(CANARY)
        made = RecordedMessages(
            recorder, "step-1", world.store, PROJECT, disclosed=disclosed, aside=aside
        )
        with pytest.raises(Unanswered):
            await made.send(
                MessageToSend(kind="MessageChannel", channel="slack", body=f"use {CANARY}")
            )
        (call,) = recorder.calls
        assert call.what.startswith("message to MessageChannel slack: use ")
        assert CANARY not in call.what
        with pytest.raises(errors.NotFound):
            await made.send(MessageToSend(kind="MessageChannel", channel="nope", body="x"))
        with pytest.raises(errors.BadRequest, match="no JSON"):
            await made.send(
                MessageToSend(kind="MessageChannel", channel="slack", body="{", encoding="json")
            )
        await aside.close()
        assert await world.messages() == []
