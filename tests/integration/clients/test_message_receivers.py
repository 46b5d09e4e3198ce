"""Receivers of messages against stand-ins that hold each request to its service's contract, and answer with faults."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from tests.support.message_contracts import contracts
from towpath.clients.http import Egress
from towpath.clients.http.guard import Guard
from towpath.clients.messaging.generic_http import HttpServer
from towpath.clients.messaging.ntfy import NtfyTopic
from towpath.clients.messaging.outgoing import (
    MAY_BE_REPEAT,
    MessageReceiver,
    MessageRefused,
    Outgoing,
    ReceiverAway,
    SenderRefused,
    Taken,
)
from towpath.clients.messaging.pagerduty import PagerDutyService
from towpath.clients.messaging.slack import SlackChannel
from towpath.clients.messaging.slack_webhook import SlackWebhook
from towpath.clients.messaging.teams import TeamsWorkflow
from towpath.clock import SystemClock
from towpath.demo import message_services as demo
from towpath.demo.message_services import MessageServices, ServiceFault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
EVERY = ("slack", "slack-webhook", "teams", "pagerduty", "ntfy", "server")
SECRETS = (demo.TOKEN, demo.HOOK, demo.SIGNATURE, demo.ROUTING_KEY, "hunter2-hunter2")


@pytest.fixture
def services() -> Iterator[MessageServices]:
    """The services."""
    made = MessageServices(contracts())
    yield made
    made.close()
    assert made.wrong == []


@pytest_asyncio.fixture
async def egress(services: MessageServices) -> AsyncIterator[Egress]:
    """The way to them, which the operator has opened."""
    guard = Guard(allow=[urlsplit(services.url).netloc])
    async with Egress(guard=guard, clock=SystemClock()) as made:
        yield made


def receiver(name: str, egress: Egress, url: str) -> MessageReceiver:
    """Return the receiver of a service."""
    match name:
        case "slack":
            return SlackChannel(
                egress, channel="C0DEMO", token=demo.TOKEN, account="p", url=f"{url}/slack/api"
            )
        case "slack-webhook":
            return SlackWebhook(egress, url=f"{url}/slack/services/{demo.HOOK}", account="p")
        case "teams":
            hook = f"{url}/teams/workflow?api-version=1&sig={demo.SIGNATURE}"
            return TeamsWorkflow(egress, url=hook, account="p")
        case "pagerduty":
            return PagerDutyService(
                egress,
                routing_key=demo.ROUTING_KEY,
                severity="error",
                source="",
                account="p",
                url=f"{url}/pagerduty/v2/enqueue",
            )
        case "ntfy":
            return NtfyTopic(
                egress,
                url=f"{url}/ntfy/",
                topic="t",
                priority=3,
                account="p",
                token="hunter2-hunter2",
            )
    return HttpServer(
        egress,
        url=f"{url}/server",
        method="POST",
        headers={},
        authorization="Bearer hunter2-hunter2",
        account="p",
        seconds=5,
    )


def message(text: str = "deployed", **more: Any) -> Outgoing:
    """Return a message."""
    given: dict[str, Any] = {"id": "m-1", "text": text, "project": "shop", "now": NOW}
    return Outgoing(**given | more)


@pytest.mark.parametrize("name", EVERY)
async def test_a_text_arrives(name: str, services: MessageServices, egress: Egress) -> None:
    """Each service has it once, in its own form."""
    answer = await receiver(name, egress, services.url).deliver(message())
    assert isinstance(answer, Taken), answer
    assert services.texts(name) == ["deployed"]


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("status", [429, 500, 503])
async def test_who_is_busy_is_asked_later(
    name: str, status: int, services: MessageServices, egress: Egress
) -> None:
    """Nothing is sent twice by the receiver itself; what the service says of waiting is handed on."""
    services.faults[name].append(ServiceFault(status, {"Retry-After": "7"}))
    answer = await receiver(name, egress, services.url).deliver(message())
    assert isinstance(answer, ReceiverAway), answer
    assert answer.seconds == 7
    assert not answer.may_have_arrived
    assert services.asked == [name]


@pytest.mark.parametrize("name", EVERY)
async def test_an_answer_that_never_came_leaves_it_open(
    name: str, services: MessageServices, egress: Egress
) -> None:
    """The service took it and broke off: that may be a repeat next time."""
    services.faults[name].append(ServiceFault(takes=True, is_dropped=True))
    answer = await receiver(name, egress, services.url).deliver(message())
    assert isinstance(answer, ReceiverAway), answer
    assert answer.may_have_arrived
    assert services.texts(name) == ["deployed"]


@pytest.mark.parametrize("name", EVERY)
async def test_where_nobody_listens_nothing_arrived(name: str) -> None:
    """No connection, no repeat."""
    gone = MessageServices()
    url = gone.url
    gone.close()
    guard = Guard(allow=[urlsplit(url).netloc])
    async with Egress(guard=guard, clock=SystemClock()) as way:
        answer = await receiver(name, way, url).deliver(message())
    assert isinstance(answer, ReceiverAway), answer
    assert not answer.may_have_arrived


@pytest.mark.parametrize("name", EVERY)
async def test_the_guard_is_asked(name: str, services: MessageServices) -> None:
    """An address that nobody opened is not dialled, and the answer says what to do."""
    async with Egress(guard=Guard(), clock=SystemClock()) as way:
        answer = await receiver(name, way, services.url).deliver(message())
    assert isinstance(answer, SenderRefused), answer
    assert "egress.allow" in answer.why
    assert services.asked == []


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 418, 429, 500])
async def test_no_secret_is_in_what_is_said(
    name: str, status: int, services: MessageServices, egress: Egress
) -> None:
    """Whatever the service repeats of what it was sent."""
    services.faults[name].append(ServiceFault(status, {}, " ".join(SECRETS).encode()))
    made = receiver(name, egress, services.url)
    answer = await made.deliver(message())
    assert not isinstance(answer, Taken)
    own = {
        "slack": demo.TOKEN,
        "slack-webhook": demo.HOOK,
        "teams": demo.SIGNATURE,
        "pagerduty": demo.ROUTING_KEY,
    }
    assert own.get(name, "hunter2-hunter2") not in f"{answer.why} {made.shown}"


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        ("channel_not_found", SenderRefused, "no channel C0DEMO that the bot can see"),
        ("not_in_channel", SenderRefused, "invite it there"),
        ("is_archived", SenderRefused, "archived"),
        ("invalid_auth", SenderRefused, "key apiKey of the Secret"),
        ("token_expired", SenderRefused, "has expired"),
        ("missing_scope", SenderRefused, "chat:write"),
        ("msg_too_long", MessageRefused, "msg_too_long"),
        ("invalid_blocks", MessageRefused, "invalid_blocks"),
        ("ratelimited", ReceiverAway, "ratelimited"),
        ("fatal_error", ReceiverAway, "fatal_error"),
    ],
)
async def test_slack_says_no_with_200(
    error: str, kind: type, says: str, services: MessageServices, egress: Egress
) -> None:
    """The name of the error decides, and what to do stands in the answer."""
    said = json.dumps({"ok": False, "error": error}).encode()
    services.faults["slack"].append(ServiceFault(200, {}, said))
    answer = await receiver("slack", egress, services.url).deliver(message())
    assert isinstance(answer, kind), answer
    assert says in answer.why  # type: ignore[union-attr]  # none of them is Taken


async def test_another_channel_is_the_messages_own_affair(
    services: MessageServices, egress: Egress
) -> None:
    """What a message names, and is not there, does not hold up the others."""
    slack = receiver("slack", egress, services.url)
    answer = await slack.deliver(message(slack_channel="C0NOWHERE"))
    assert isinstance(answer, MessageRefused), answer
    assert "C0NOWHERE" in answer.why


async def test_threads_of_slack(services: MessageServices, egress: Egress) -> None:
    """The first message says which thread it began; one that belongs to it says so."""
    slack = receiver("slack", egress, services.url)
    first = await slack.deliver(message("one"))
    assert isinstance(first, Taken)
    assert first.thread
    second = await slack.deliver(message("two", thread=first.thread))
    assert isinstance(second, Taken)
    assert second.thread == first.thread
    assert services.of("slack")[1].body["thread_ts"] == first.thread


async def test_an_encoded_message_carries_everything(
    services: MessageServices, egress: Egress
) -> None:
    """Its own channel counts, and the emoji before the picture."""
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*hello*"}}]
    body = {"blocks": blocks, "channel": "C0OTHER", "icon_emoji": ":fire:", "icon_url": "https://x"}
    answer = await receiver("slack", egress, services.url).deliver(
        message("{}", body=body, encoding="json", slack_channel="C0DEMO")
    )
    assert isinstance(answer, Taken)
    assert services.of("slack")[0].body == {
        "blocks": blocks,
        "channel": "C0OTHER",
        "icon_emoji": ":fire:",
    }


@pytest.mark.parametrize("name", ["slack", "slack-webhook", "teams", "ntfy"])
async def test_a_repeat_says_so(name: str, services: MessageServices, egress: Egress) -> None:
    """Where the receiver takes no key, whoever reads it is told."""
    made = receiver(name, egress, services.url)
    assert not made.takes_key
    await made.deliver(message(is_repeat=True))
    (text,) = services.texts(name)
    assert text == f"deployed\n{MAY_BE_REPEAT}"


async def test_a_repeat_of_blocks_says_so(services: MessageServices, egress: Egress) -> None:
    """In one more block, and in the text of the notification."""
    body = {"blocks": [{"type": "divider"}]}
    await receiver("slack", egress, services.url).deliver(message("", body=body, is_repeat=True))
    sent = services.of("slack")[0].body
    assert sent["blocks"][-1]["elements"][0]["text"] == MAY_BE_REPEAT
    assert sent["text"] == MAY_BE_REPEAT


async def test_keys_tell_a_repeat(services: MessageServices, egress: Egress) -> None:
    """PagerDuty joins events of one key, a server of one's own knows the message by its key."""
    pager = receiver("pagerduty", egress, services.url)
    server = receiver("server", egress, services.url)
    assert pager.takes_key
    assert server.takes_key
    for is_repeat in (False, True):
        await pager.deliver(message(is_repeat=is_repeat))
        await server.deliver(message(is_repeat=is_repeat))
    assert services.texts("server") == ["deployed"]
    assert {each.body["dedup_key"] for each in services.of("pagerduty")} == {"m-1"}


async def test_a_group_is_one_incident(services: MessageServices, egress: Egress) -> None:
    """Messages of one key have one dedup_key, those of another Project another."""
    pager = receiver("pagerduty", egress, services.url)
    for number, project in enumerate(("shop", "shop", "bank")):
        await pager.deliver(message(id=f"m-{number}", grouping="prod", project=project))
    keys = [each.body["dedup_key"] for each in services.of("pagerduty")]
    assert keys == ["shop/prod", "shop/prod", "bank/prod"]


async def test_pagerduty_refuses_a_key(services: MessageServices, egress: Egress) -> None:
    """A wrong integration key concerns all messages."""
    pager = PagerDutyService(
        egress,
        routing_key="f" * 32,
        severity="error",
        source="",
        account="p",
        url=f"{services.url}/pagerduty/v2/enqueue",
    )
    answer = await pager.deliver(message())
    assert isinstance(answer, SenderRefused), answer
    assert "routingKey" in answer.why


async def test_what_does_not_fit_is_not_sent(services: MessageServices, egress: Egress) -> None:
    """Sizes and forms that a service would refuse, or drop without a word."""
    for name, odd in (
        ("teams", message("x" * 30_000)),
        ("teams", message("", body={"type": "Other"})),
        ("ntfy", message("x" * 5_000)),
        ("slack", message("", body={"blocks": "no list"})),
        ("slack", message("", body={})),
        ("slack", message("", body={"blocks": [{"type": "divider"}] * 51})),
        ("pagerduty", message("", body={"event_action": "explode"})),
        ("pagerduty", message("", body={"payload": {"severity": "bad", "summary": "s"}})),
    ):
        answer = await receiver(name, egress, services.url).deliver(odd)
        assert isinstance(answer, MessageRefused), (name, answer)
    assert services.asked == []


async def test_pagerduty_says_what_happened_briefly(
    services: MessageServices, egress: Egress
) -> None:
    """The first line is the summary; all of it stands in the details."""
    await receiver("pagerduty", egress, services.url).deliver(message("first\nsecond"))
    payload = services.of("pagerduty")[0].body["payload"]
    assert payload["summary"] == "first"
    assert payload["custom_details"] == {"text": "first\nsecond"}
    assert payload["source"] == "shop"
