"""Holds what the services of messages are sent against their contracts, which lie beside the checkout."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final

from tests.support.contracts import Contract
from tests.support.shared import ROOT
from towpath.demo import message_services as services

if TYPE_CHECKING:
    from towpath.demo.loopback import Request

_PAGERDUTY: Final = {
    "trigger": {"routing_key", "event_action", "payload", "dedup_key"},
    "acknowledge": {"routing_key", "event_action", "dedup_key"},
    "resolve": {"routing_key", "event_action", "dedup_key"},
}


def contracts() -> MessageContracts | None:
    """Return the contracts; None for a clone on its own, which looks at what is sent without them. In CI they must be there."""
    if os.environ.get("CI") or (ROOT / "contracts").exists():
        return MessageContracts()
    return None


class MessageContracts:
    """Looks at each request."""

    def __init__(self) -> None:
        self._bodies = Contract("other-services.schema.json")
        self._slack = Contract("slack", "web-api.json")

    def __call__(self, service: str, request: Request) -> None:
        """Fail if a request is not as its service wants it."""
        if service == services.SERVER:
            return
        assert request.method == "POST", request.method
        assert request.headers["Content-Type"].startswith("application/json")
        body = json.loads(request.body)
        match service:
            case "slack":
                self._message(request, body)
            case "slack-webhook":
                self._bodies.fits("slackWebhookRequest", body)
                assert "Authorization" not in request.headers
            case "teams":
                self._bodies.fits("teamsWorkflowRequest", body)
                assert len(request.body) <= 28_000
            case "pagerduty":
                _event(body)
            case "ntfy":
                assert isinstance(body["topic"], str)
                assert isinstance(body["message"], str)
                assert 1 <= body["priority"] <= 5

    def _message(self, request: Request, body: dict[str, Any]) -> None:
        known = self._slack.parameters("post", "/chat.postMessage")
        assert request.headers["Authorization"].startswith("Bearer xoxb-")
        assert set(body) <= set(known), f"unknown parameters: {set(body) - set(known)}"
        assert isinstance(body["channel"], str)
        if "blocks" in body:
            self._bodies.fits("slackWebhookRequest", {"blocks": body["blocks"]})
        for name in ("text", "thread_ts", "icon_emoji", "icon_url"):
            assert isinstance(body.get(name, ""), str), name
        assert body.get("text") or body.get("blocks"), "no_text"


def _event(body: dict[str, Any]) -> None:
    missing = _PAGERDUTY[body["event_action"]] - set(body)
    assert missing == set(), missing
    assert len(body["routing_key"]) == 32
    assert len(body["dedup_key"]) <= 255
    if body["event_action"] == "trigger":
        payload = body["payload"]
        assert 0 < len(payload["summary"]) <= 1024
        assert payload["severity"] in ("critical", "error", "warning", "info")
        assert payload["source"]
    assert len(json.dumps(body)) <= 512_000
