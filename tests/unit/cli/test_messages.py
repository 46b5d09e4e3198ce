"""`message send`, `message test`, and what explains a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

    Call = Callable[..., Told]

CHANNEL = "/apis/ee.kargo.akuity.io/v1alpha1/namespaces/shop/messagechannels/slack"
MESSAGES = "/apis/towpath.dev/v1alpha1/namespaces/shop/messages"


def _message(name: str, state: str, error: str = "", channel: str = "slack") -> dict[str, Any]:
    """Return a message."""
    status = {"state": state, "attempts": 3, "lastError": error}
    spec = {
        "channel": {"kind": "MessageChannel", "name": channel},
        "body": f"text of {name}\nmore",
        "order": name,
    }
    return {"metadata": {"name": name}, "spec": spec, "status": status}


@pytest.mark.parametrize(
    ("words", "body"),
    [(("send", "hello"), "hello"), (("test",), "A test of this channel")],
)
def test_a_message_is_sent(api: Api, call: Call, words: tuple[str, ...], body: str) -> None:
    """As an object of the Project; the answer says how to see what becomes of it."""
    created = {"results": [{"createdResourceManifest": {"metadata": {"name": "m"}}}]}
    api.answer("POST", "/v1beta1/resources", (201, created))
    told = call("message", *words, "--channel", "slack")
    assert told.code == 0
    (asked,) = api.asked
    assert asked.body["kind"] == "Message"
    assert asked.body["metadata"]["namespace"] == "shop"
    assert asked.body["spec"]["channel"] == {"kind": "MessageChannel", "name": "slack"}
    assert asked.body["spec"]["body"].startswith(body)
    assert any("towpath explain channel/slack" in line for line in told.lines)


def test_what_is_refused_is_told(api: Api, call: Call) -> None:
    """With the server's words, and code 1."""
    refused = {"results": [{"error": "there is no MessageChannel 'slak' in shop"}]}
    api.answer("POST", "/v1beta1/resources", (201, refused))
    assert call("message", "send", "hello", "--channel", "slak").code == 1
    assert call("message", "send", "  ", "--channel", "slack").code == 1


def test_a_channel_is_explained(api: Api, call: Call) -> None:
    """How it fares, what waits for it, and what has failed; messages of other channels are not its affair."""
    condition = {"type": "Ready", "status": "False", "reason": "Refused", "message": "no token"}
    status = {"conditions": [condition], "waiting": 7, "nextTry": "2026-01-01T00:00:00Z"}
    api.answer("GET", CHANNEL, {"metadata": {"name": "slack"}, "status": status})
    some = [_message(f"w{number}", "Waiting", "no token") for number in range(7)]
    api.answer(
        "GET",
        MESSAGES,
        {
            "items": [
                *some,
                _message("f", "Failed", "too long"),
                _message("x", "Failed", "", "teams"),
            ]
        },
    )
    told = call("explain", "channel/slack")
    assert told.code == 0
    assert told.lines[:2] == [
        "MessageChannel slack: does not deliver (Refused)",
        "  no token",
    ]
    assert "  waiting: 7" in told.lines
    assert "  w0: 'text of w0', tries: 3, no token" in told.lines
    assert "  and 2 more" in told.lines
    assert told.lines[-2:] == ["Messages that failed (1):", "  f: 'text of f', tries: 3, too long"]
