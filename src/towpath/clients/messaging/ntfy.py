"""ntfy (docs.ntfy.sh "Publish as JSON")."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.clients.messaging.outgoing import (
    MessageRefused,
    ReceiverAway,
    SenderRefused,
    Taken,
    Unfit,
    marked,
)
from towpath.clients.messaging.posting import Posting

if TYPE_CHECKING:
    from towpath.clients.http import Egress
    from towpath.clients.messaging.outgoing import DeliveryAnswer, Outgoing

MOST_BYTES: Final = 4096
"""Of the text; what is longer becomes a file that somebody has to open."""


class NtfyTopic:
    """A topic."""

    takes_key: Final = False

    def __init__(
        self,
        egress: Egress,
        *,
        url: str,
        topic: str,
        priority: int,
        account: str,
        token: str = "",
        username: str = "",
        password: str = "",
    ) -> None:
        """`token`, or `username` and `password`, where the server asks."""
        self.shown = f"ntfy topic {topic}"
        self._topic = topic
        self._priority = priority
        self._headers = {}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        elif username:
            pair = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
            self._headers["Authorization"] = f"Basic {pair}"
        self._posting = Posting(
            egress, url, account=account, name="ntfy", secrets=(token, password)
        )

    async def deliver(self, message: Outgoing) -> DeliveryAnswer:
        """Send a message."""
        try:
            body = made(message, topic=self._topic, priority=self._priority)
        except Unfit as error:
            return MessageRefused(why=error.why)
        found = await self._posting.send_json(body, self._headers)
        if isinstance(found, ReceiverAway | SenderRefused):
            return found
        if 200 <= found.status < 300:
            return Taken(receipt=_id(found.body))
        if passing := self._posting.passing(found, message.now):
            return passing
        told = self._posting.told(found)
        if found.status in (401, 403):
            why = f"ntfy answered {found.status}{told}: put a token that may write to topic {self._topic} into the Secret"
            return SenderRefused(why=why)
        if found.status in (404, 405):
            return SenderRefused(why=f"ntfy answered {found.status}{told}: check spec.ntfy.url")
        return MessageRefused(why=f"ntfy answered {found.status}{told}")


def made(message: Outgoing, *, topic: str, priority: int) -> dict[str, Any]:
    """Return what is sent. Raises Unfit."""
    body: dict[str, Any] = dict(message.body or {"message": message.text})
    body["topic"] = topic
    body.setdefault("priority", priority)
    if message.subject:
        body.setdefault("title", message.subject)
    text = marked(str(body.get("message") or ""), message)
    if len(text.encode()) > MOST_BYTES:
        raise Unfit(f"ntfy takes a text of {MOST_BYTES:,} bytes at most: shorten it")
    body["message"] = text
    return body


def _id(body: bytes) -> str:
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    return str(found.get("id") or "")[:100] if isinstance(found, dict) else ""
