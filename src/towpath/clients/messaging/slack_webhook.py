"""Slack by an incoming webhook (api.slack.com "Sending messages using incoming webhooks"): the URL is the secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.clients.messaging import slack_body
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

_GONE: Final = frozenset({403, 404, 410})
_FIXED: Final = ("channel", "icon_emoji", "icon_url", "username")
"""What a webhook has from its installation: it refuses to be told otherwise."""


class SlackWebhook:
    """The channel that an incoming webhook was made for."""

    takes_key: Final = False
    shown: Final = "Slack webhook"

    def __init__(self, egress: Egress, *, url: str, account: str) -> None:
        self._posting = Posting(
            egress, url, account=account, name="the Slack webhook", is_secret=True
        )

    async def deliver(self, message: Outgoing) -> DeliveryAnswer:
        """Send a message."""
        try:
            body = slack_body.made(message)
        except Unfit as error:
            return MessageRefused(why=error.why)
        body = {key: value for key, value in body.items() if key not in _FIXED}
        if message.thread:
            body.setdefault("thread_ts", message.thread)
        found = await self._posting.send_json(body)
        if isinstance(found, ReceiverAway | SenderRefused):
            return found
        if found.status == 200:
            return Taken(thread=str(body.get("thread_ts") or ""))
        told = self._posting.told(found)
        if found.status in _GONE:
            why = f"the Slack webhook answered {found.status}{told}: make a new one, and put its URL into key url of the Secret"
            return SenderRefused(why=why)
        passing = self._posting.passing(found, message.now)
        return passing or MessageRefused(why=f"the Slack webhook answered {found.status}{told}")
