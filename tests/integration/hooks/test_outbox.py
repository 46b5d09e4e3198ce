"""The outbox: what waits for a channel is delivered in order, whatever becomes of the receiver in between."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support import outbox
from tests.support.message_contracts import contracts
from tests.support.outbox import PROJECT, USER
from towpath import errors
from towpath.clients.messaging.outgoing import MAY_BE_REPEAT
from towpath.clients.messaging.slack import SlackChannel
from towpath.demo import message_services as demo
from towpath.demo.message_services import MessageServices, ServiceFault
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.message import document_of
from towpath.rules import wake_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from towpath.clients.messaging.outgoing import DeliveryAnswer, Outgoing

DOWN = ServiceFault(503)
KINDS = {
    "slack": demo.SLACK,
    "slackWebhook": demo.SLACK_WEBHOOK,
    "teams": demo.TEAMS,
    "pagerDuty": demo.PAGERDUTY,
    "ntfy": demo.NTFY,
    "http": demo.SERVER,
}


@pytest.fixture
def services() -> Iterator[MessageServices]:
    """The services."""
    made = MessageServices(contracts())
    yield made
    made.close()
    assert made.wrong == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [200, 400])
async def test_nobody_reads_what_a_receiver_repeats_of_the_secret(
    kind: str, status: int, tmp_path: Path, services: MessageServices
) -> None:
    """Not where its answer is taken apart either, whatever field says it."""
    async with outbox.running(tmp_path, services) as world:
        secrets = list(world.secret(kind).values())
        channel = await world.channel(kind)
        said = f"denied: Bearer {' '.join(secrets)}"
        answer = {"ok": False, "error": said, "message": said, "status": said, "errors": [said]}
        details = {"response_metadata": {"messages": [said]}, "id": said, "ts": said}
        body = json.dumps(answer | details).encode()
        services.faults[KINDS[kind]].append(ServiceFault(status, {}, body))
        name = await world.send("deployed", channel)
        await world.settled()
        seen = json.dumps([await world.status(name), await world.fares(channel)])
        assert [each for each in secrets if each in seen] == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_message_is_delivered(kind: str, tmp_path: Path, services: MessageServices) -> None:
    """The message says so, and so does its channel."""
    async with outbox.running(tmp_path, services) as world:
        channel = await world.channel(kind)
        name = await world.send("deployed", channel)
        await world.settled()
        assert services.texts(KINDS[kind]) == ["deployed"]
        status = await world.status(name)
        assert (status["state"], status["attempts"]) == ("Delivered", 1)
        assert "sending" not in status
        fares = await world.fares(channel)
        assert (fares["status"], fares["reason"]) == ("True", "Delivering")
        assert fares.get("waiting", 0) == 0
        assert world.tally.delivered[kind] == 1


async def test_messages_wait_for_a_dead_receiver_in_order(
    tmp_path: Path, services: MessageServices
) -> None:
    """It is asked less and less often, and is given everything once it is back."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        services.down[demo.SLACK] = DOWN
        texts = [f"message {number}" for number in range(120)]
        for text in texts:
            await world.send(text)
        await world.passes(600, 30)
        assert services.texts(demo.SLACK) == []
        assert len(services.asked) <= 14, "it is left alone longer and longer"
        fares = await world.fares("slack")
        assert (fares["status"], fares["reason"]) == ("False", "ReceiverAway")
        assert "503" in fares["message"]
        assert fares["waiting"] == 120
        assert world.tally.waiting()["slack"] == 120
        assert world.tally.oldest_seconds(world.clock.now())["slack"] >= 600
        services.down.clear()
        await world.passes(600, 60)
        assert services.texts(demo.SLACK) == texts
        assert (await world.fares("slack"))["reason"] == "Delivering"


async def test_a_dead_channel_holds_up_no_other(tmp_path: Path, services: MessageServices) -> None:
    """Each has its own queue, and its own patience."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        await world.channel("teams")
        services.down[demo.SLACK] = ServiceFault(is_dropped=True)
        for number in range(5):
            await world.send(f"s{number}", "slack")
            await world.send(f"t{number}", "teams")
        await world.settled()
        assert services.texts(demo.TEAMS) == [f"t{number}" for number in range(5)]


async def test_retry_after_is_obeyed(tmp_path: Path, services: MessageServices) -> None:
    """Nothing is sent before its time, and then in order."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        services.faults[demo.SLACK].append(ServiceFault(429, {"Retry-After": "90"}))
        await world.send("one")
        await world.send("two")
        await world.passes(89, 1)
        assert services.asked == [demo.SLACK]
        await world.passes(3, 1)
        assert services.texts(demo.SLACK) == ["one", "two"]


async def test_what_is_given_up_is_seen(tmp_path: Path, services: MessageServices) -> None:
    """After the time that the channel says; who waits for it is woken."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack", delivery={"retryFor": "10m"})
        services.down[demo.SLACK] = DOWN
        name = await world.send("too late")
        ref = Ref(scheme.PROMOTION, PROJECT, "p")
        world.waits.wait(ref, [wake_keys.message(PROJECT, name)], since=world.waits.now)
        await world.passes(1000, 30)
        status = await world.status(name)
        assert status["state"] == "Failed"
        assert "given up after 10m0s" in status["lastError"]
        assert "503" in status["lastError"]
        assert world.woken == [ref]
        services.down.clear()
        await world.send("in time")
        await world.passes(400, 60)
        assert services.texts(demo.SLACK) == ["in time"]


async def test_a_mended_secret_is_tried_at_once(tmp_path: Path, services: MessageServices) -> None:
    """An expired token: the channel says what to do, and delivers once it was done."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack", secret={"apiKey": "xoxb-old-old-old"})
        name = await world.send("one")
        await world.passes(200, 20)
        fares = await world.fares("slack")
        assert (fares["status"], fares["reason"]) == ("False", "Refused")
        assert "key apiKey of the Secret" in fares["message"]
        assert "xoxb-old-old-old" not in json.dumps(await world.messages())
        await world.put("v1", "Secret", "slack", stringData={"apiKey": demo.TOKEN})
        await world.settled()
        assert services.texts(demo.SLACK) == ["one"]
        assert (await world.status(name))["state"] == "Delivered"


async def test_what_is_missing_is_named(tmp_path: Path, services: MessageServices) -> None:
    """A Secret that is not there, a key that it has not."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack", secret={"token": "x"})
        await world.send("one")
        await world.settled()
        fares = await world.fares("slack")
        assert fares["reason"] == "Invalid"
        assert fares["message"] == "spec.secretRef: Secret shop/slack has no key apiKey; add it"
        await world.writer.delete(Ref(scheme.SECRET, PROJECT, "slack"), USER)
        await world.settled()
        fares = await world.fares("slack")
        assert fares["message"] == "spec.secretRef: Secret shop/slack does not exist; make it"
        await world.put("v1", "Secret", "slack", stringData={"apiKey": demo.TOKEN})
        await world.settled()
        assert services.texts(demo.SLACK) == ["one"]


async def test_a_message_that_is_refused_lets_others_pass(
    tmp_path: Path, services: MessageServices
) -> None:
    """It failed, says why, and the next one is sent."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        first = await world.send("one", slack={"channelID": "C0NOWHERE"})
        second = await world.send("{", encodingType="json")
        await world.send("three")
        await world.settled()
        assert services.texts(demo.SLACK) == ["three"]
        assert "C0NOWHERE" in (await world.status(first))["lastError"]
        assert "no JSON" in (await world.status(second))["lastError"]


async def test_keys_wait_for_themselves_alone(tmp_path: Path, services: MessageServices) -> None:
    """What a server does not take of one ordering key does not hold up others for ever."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("http", how={"successExpression": "response.status == 204"})
        services.faults[demo.SERVER].append(ServiceFault(302))
        await world.send("a1", "http", orderingKey="a")
        await world.send("a2", "http", orderingKey="a")
        await world.send("b1", "http", orderingKey="b")
        await world.passes(10, 0.5)
        texts = services.texts(demo.SERVER)
        assert sorted(texts) == ["a1", "a2", "b1"]
        assert texts.index("a1") < texts.index("a2")


@pytest.mark.parametrize(("kind", "says"), [("slack", True), ("pagerDuty", False), ("http", False)])
async def test_an_answer_that_was_lost(
    kind: str, says: bool, tmp_path: Path, services: MessageServices
) -> None:
    """Sent again: under the same key where one is taken, with a word of it where none is."""
    async with outbox.running(tmp_path, services) as world:
        channel = await world.channel(kind)
        services.faults[KINDS[kind]].append(ServiceFault(takes=True, is_dropped=True))
        name = await world.send("deployed", channel)
        await world.passes(5)
        status = await world.status(name)
        assert (status["state"], status["mayBeRepeat"]) == ("Delivered", True)
        taken = services.of(KINDS[kind])
        if says:
            assert [each.text for each in taken] == ["deployed", f"deployed\n{MAY_BE_REPEAT}"]
            assert status["repeats"] == 1
        else:
            assert {each.text for each in taken} == {"deployed"}
            assert "repeats" not in status
            keys = {each.key or each.body["dedup_key"] for each in taken}
            assert len(keys) == 1


async def test_a_group_is_one_thread_across_restarts(
    tmp_path: Path, services: MessageServices
) -> None:
    """The first message begins it; a server that was started anew knows it still."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        await world.send("one", groupingKey="prod")
        await world.send("other", groupingKey="test")
        await world.settled()
    async with outbox.running(tmp_path, services) as world:
        await world.send("two", groupingKey="prod", name="second")
        await world.settled()
    one, other, two = services.of(demo.SLACK)
    assert "thread_ts" not in one.body
    assert "thread_ts" not in other.body
    assert two.body["thread_ts"] == one.receipt


async def test_a_cluster_channel_serves_all_projects(
    tmp_path: Path, services: MessageServices
) -> None:
    """Its Secret lies with the system's; its messages are in one queue."""
    async with outbox.running(tmp_path, services) as world:
        await world.put(
            "v1",
            "Secret",
            "all",
            namespace="kargo-system-resources",
            stringData={"apiKey": demo.TOKEN},
        )
        spec = {"slack": world.receiver("slack"), "secretRef": {"name": "all"}}
        api = "ee.kargo.akuity.io/v1alpha1"
        await world.put(api, "ClusterMessageChannel", "all", namespace="", spec=spec)
        kind = "ClusterMessageChannel"
        await world.send("a", "all", kind=kind, project="bank", name="a")
        await world.send("b", "all", kind=kind, name="b")
        await world.settled()
        assert services.texts(demo.SLACK) == ["a", "b"]
        assert (await world.fares("all", cluster=True))["reason"] == "Delivering"


async def test_bounds(tmp_path: Path, services: MessageServices) -> None:
    """How many wait, how long a message is; and that there is such a channel."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack", delivery={"mostWaiting": 2})
        services.down[demo.SLACK] = DOWN
        await world.send("1")
        await world.send("2")
        with pytest.raises(errors.TooManyRequests, match="mostWaiting"):
            await world.send("3")
        with pytest.raises(errors.Invalid, match=r"spec\.body"):
            await world.send("x" * 70_000)
        with pytest.raises(errors.NotFound, match='did you mean "slack"'):
            await world.send("4", "slak")


async def test_what_has_ended_goes_in_time(tmp_path: Path, services: MessageServices) -> None:
    """Delivered ones are kept as long as the channel says; what waits is not touched."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack", delivery={"keepDelivered": "2h", "retryFor": "240h"})
        await world.send("one", name="one")
        await world.settled()
        services.down[demo.SLACK] = DOWN
        await world.send("two", name="two")
        await world.passes(1.5 * 3600, 600)
        assert len(await world.messages()) == 2
        await world.passes(3 * 3600, 600)
        assert [each["metadata"]["name"] for each in await world.messages()] == ["two"]


async def test_a_message_is_not_changed(tmp_path: Path, services: MessageServices) -> None:
    """What was said stays said; who sent it is on record."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        document = document_of(
            name="m",
            project=PROJECT,
            spec={"channel": {"kind": "MessageChannel", "name": "slack"}, "body": "hello"},
        )
        await world.writer.create(document, USER)
        found = (await world.store.get(Ref(scheme.MESSAGE, PROJECT, "m"))).document
        assert found["spec"]["source"] == {"kind": "User", "name": USER.actor}
        found["spec"]["body"] = "something else"
        with pytest.raises(errors.Invalid, match="send another"):
            await world.writer.update(found, USER)


async def test_a_channel_that_is_gone_is_waited_for(
    tmp_path: Path, services: MessageServices
) -> None:
    """It may come back; then what waits is delivered."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        services.down[demo.SLACK] = DOWN
        await world.send("one")
        await world.settled()
        await world.writer.delete(Ref(scheme.MESSAGE_CHANNEL, PROJECT, "slack"), USER)
        services.down.clear()
        await world.passes(100, 50)
        assert services.texts(demo.SLACK) == []
        await world.channel("slack")
        await world.settled()
        assert services.texts(demo.SLACK) == ["one"]


async def test_each_channel_keeps_its_own_messages(
    tmp_path: Path, services: MessageServices
) -> None:
    """What another one keeps for long holds up nothing; a channel that is gone leaves none for ever."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("http", delivery={"keepDelivered": "9000h"})
        await world.channel("slack", delivery={"keepDelivered": "2h"})
        await world.channel("teams")
        for number in range(60):
            await world.send("kept", "http", name=f"a{number}")
        await world.send("short", "slack", name="b")
        await world.send("gone", "teams", name="c")
        await world.settled()
        await world.writer.delete(Ref(scheme.MESSAGE_CHANNEL, PROJECT, "teams"), USER)
        await world.passes(4 * 3600, 1800)
        names = {each["metadata"]["name"] for each in await world.messages()}
        assert "b" not in names
        assert len(names) == 61
        await world.passes(170 * 3600, 3600)
        assert "c" not in {each["metadata"]["name"] for each in await world.messages()}


async def test_no_message_holds_up_a_channel(tmp_path: Path, services: MessageServices) -> None:
    """What cannot be read for another reason than that it is wrong, and what nobody thought of, fails by itself."""
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        deep = await world.send("[" * 300, encodingType="yaml")
        after = await world.send("after")
        await world.settled()
        assert (await world.status(deep))["state"] == "Failed"
        assert "nested more than 200 deep" in (await world.status(deep))["lastError"]
        assert (await world.status(after))["state"] == "Delivered"


async def test_a_receiver_that_raises_what_nobody_thought_of(
    tmp_path: Path, services: MessageServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message has failed, and says of what; the next one is delivered."""
    whole = SlackChannel.deliver

    async def deliver(receiver: SlackChannel, message: Outgoing) -> DeliveryAnswer:
        if message.text == "odd":
            raise ValueError("Bearer hunter2-hunter2")
        return await whole(receiver, message)

    monkeypatch.setattr(SlackChannel, "deliver", deliver)
    async with outbox.running(tmp_path, services) as world:
        await world.channel("slack")
        odd, after = await world.send("odd"), await world.send("after")
        await world.settled()
        said = (await world.status(odd))["lastError"]
        assert said == "it could not be sent (ValueError); the server's log says where"
        assert (await world.status(after))["state"] == "Delivered"
