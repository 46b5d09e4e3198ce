"""PagerDuty by Events v2 (developer.pagerduty.com). Events of one `dedup_key` are one incident, so that a repeat opens no other."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import messages
from towpath.clients.messaging.outgoing import (
    MessageRefused,
    ReceiverAway,
    SenderRefused,
    Taken,
    Unfit,
)
from towpath.clients.messaging.posting import Posting

if TYPE_CHECKING:
    from towpath.clients.http import Egress
    from towpath.clients.messaging.outgoing import DeliveryAnswer, Outgoing

URL: Final = "https://events.pagerduty.com/v2/enqueue"
_SUMMARY_CHARS: Final = 1024
_KEY_CHARS: Final = 255
_MOST_BYTES: Final = 512_000
_ACTIONS: Final = ("trigger", "acknowledge", "resolve")
_SEVERITIES: Final = ("critical", "error", "warning", "info")
_KEY_PROBLEMS: Final = ("routing key", "routing_key", "integration key")


class PagerDutyService:
    """A service of PagerDuty."""

    takes_key: Final = True
    shown: Final = "PagerDuty service"

    def __init__(
        self,
        egress: Egress,
        *,
        routing_key: str,
        severity: str,
        source: str,
        account: str,
        url: str = "",
    ) -> None:
        self._key = routing_key
        self._severity = severity
        self._source = source
        self._posting = Posting(
            egress, url or URL, account=account, name="PagerDuty", secrets=(routing_key,)
        )

    async def deliver(self, message: Outgoing) -> DeliveryAnswer:
        """Send an event."""
        try:
            body = made(message, severity=self._severity, source=self._source)
        except Unfit as error:
            return MessageRefused(why=error.why)
        found = await self._posting.send_json({**body, "routing_key": self._key})
        if isinstance(found, ReceiverAway | SenderRefused):
            return found
        if 200 <= found.status < 300:
            return Taken(receipt=str(body["dedup_key"]))
        if passing := self._posting.passing(found, message.now):
            return passing
        told = self._posting.told(found)
        if found.status in (401, 403) or any(each in told.lower() for each in _KEY_PROBLEMS):
            why = f"PagerDuty answered {found.status}{told}: put the integration's key into key routingKey of the Secret"
            return SenderRefused(why=why)
        return MessageRefused(why=f"PagerDuty answered {found.status}{told}")


def made(message: Outgoing, *, severity: str, source: str) -> dict[str, Any]:
    """Return the event of a message, without routing key. Raises Unfit."""
    given = dict(message.body or {})
    given.pop("routing_key", None)  # that of the channel's Secret counts
    action = given.setdefault("event_action", "trigger")
    if action not in _ACTIONS:
        raise Unfit(
            f"event_action: {messages.cut(repr(action), 100)} is none of {', '.join(_ACTIONS)}"
        )
    given.setdefault("dedup_key", key_of(message))
    if not isinstance(given["dedup_key"], str) or len(given["dedup_key"]) > _KEY_CHARS:
        raise Unfit(f"dedup_key: it must be a text of {_KEY_CHARS} characters at most")
    if action == "trigger":
        payload = given.get("payload", {})
        if not isinstance(payload, dict):
            raise Unfit("payload: it must be an object")
        given["payload"] = _payload(message, payload, severity, source)
    size = len(msgspec.json.encode(given))
    if size > _MOST_BYTES:
        raise Unfit(f"PagerDuty takes {_MOST_BYTES:,} bytes at most, there are {size:,}")
    return given


def _payload(
    message: Outgoing, payload: dict[str, Any], severity: str, source: str
) -> dict[str, Any]:
    text = message.text if message.body is None else ""
    summary = str(payload.get("summary") or message.subject or text.partition("\n")[0]).strip()
    if not summary:
        raise Unfit("payload.summary: there is none; say what happened")
    found = {
        "severity": severity,
        "source": source or message.project or "towpath",
        **payload,
        "summary": summary[:_SUMMARY_CHARS],
    }
    if found["severity"] not in _SEVERITIES:
        raise Unfit(f"payload.severity: it must be one of {', '.join(_SEVERITIES)}")
    if text and text != found["summary"]:
        found.setdefault("custom_details", {"text": text})
    return found


def key_of(message: Outgoing) -> str:
    """Return the key by which events join: that of the group, else of the message alone."""
    key = f"{message.project}/{message.grouping}" if message.grouping else message.id
    return key if len(key) <= _KEY_CHARS else hashlib.sha256(key.encode()).hexdigest()
