"""Microsoft Teams by the webhook of a workflow (learn.microsoft.com "Create incoming webhooks with Workflows")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath.clients.messaging.outgoing import (
    MAY_BE_REPEAT,
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

MOST_BYTES: Final = 28_000
"""Of a message; Teams drops what is larger without a word."""
_GONE: Final = frozenset({401, 403, 404, 410})
_CARD: Final = "application/vnd.microsoft.card.adaptive"
_SCHEMA: Final = "http://adaptivecards.io/schemas/adaptive-card.json"


class TeamsWorkflow:
    """The chat or channel that a workflow posts to. That it has taken a message does not say that it was posted."""

    takes_key: Final = False
    shown: Final = "Teams workflow"

    def __init__(self, egress: Egress, *, url: str, account: str) -> None:
        self._posting = Posting(
            egress, url, account=account, name="the Teams workflow", is_secret=True
        )

    async def deliver(self, message: Outgoing) -> DeliveryAnswer:
        """Send a message."""
        try:
            body = made(message)
        except Unfit as error:
            return MessageRefused(why=error.why)
        found = await self._posting.send_json(body)
        if isinstance(found, ReceiverAway | SenderRefused):
            return found
        if 200 <= found.status < 300:
            return Taken(note="taken by the workflow; Teams does not say whether it was posted")
        told = self._posting.told(found)
        if found.status in _GONE:
            why = f"the Teams workflow answered {found.status}{told}: put its whole URL, with sig, into key url of the Secret"
            return SenderRefused(why=why)
        passing = self._posting.passing(found, message.now)
        return passing or MessageRefused(why=f"the Teams workflow answered {found.status}{told}")


def made(message: Outgoing) -> dict[str, Any]:
    """Return what is sent: a card around the text, or the card that the message is. Raises Unfit."""
    if message.body is None:
        body = _around(_card([_text(marked(message.text, message))]))
    elif message.body.get("type") == "message":
        body = dict(message.body)
    elif message.body.get("type") == "AdaptiveCard":
        card = dict(message.body)
        if message.is_repeat and isinstance(card.get("body"), list):
            card["body"] = [*card["body"], _text(MAY_BE_REPEAT)]
        body = _around(card)
    else:
        raise Unfit(
            "an encoded message for Teams is an AdaptiveCard, or a message with some (its type says so)"
        )
    size = len(msgspec.json.encode(body))
    if size > MOST_BYTES:
        raise Unfit(f"Teams takes {MOST_BYTES:,} bytes at most, there are {size:,}: shorten it")
    return body


def _card(body: list[dict[str, Any]]) -> dict[str, Any]:
    return {"$schema": _SCHEMA, "type": "AdaptiveCard", "version": "1.4", "body": body}


def _text(text: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True}


def _around(card: dict[str, Any]) -> dict[str, Any]:
    return {"type": "message", "attachments": [{"contentType": _CARD, "content": card}]}
