"""Slack by a bot's token: `chat.postMessage` (api.slack.com). A failure is answered 200 with `ok: false`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import messages
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

API: Final = "https://slack.com/api"
_PASSING: Final = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)  # fmt: skip
_CHANNEL: Final = {
    "channel_not_found": "there is no channel {channel} that the bot can see: check the id, and invite the bot if it is private",
    "not_in_channel": "the bot is not in channel {channel}: invite it there",
    "is_archived": "channel {channel} is archived: name another, or bring it back",
    "restricted_action": "the workspace does not let the bot write to channel {channel}: ask its administrators",
    "restricted_action_read_only_channel": "channel {channel} is read-only: name another",
}
"""What is wrong with a channel, by the name of the error, and what to do."""
_TOKEN: Final = {
    "invalid_auth": "the token is not taken: put another into key apiKey of the Secret",
    "not_authed": "the token is empty: put one into key apiKey of the Secret",
    "token_expired": "the token has expired: put another into key apiKey of the Secret",
    "token_revoked": "the token was revoked: put another into key apiKey of the Secret",
    "account_inactive": "the token's owner is no longer there: put another into key apiKey of the Secret",
    "missing_scope": "the token lacks the scope chat:write: give the app that scope, and install it anew",
    "no_permission": "the token may not write: give the app the scope chat:write, and install it anew",
    "access_denied": "the token may not write: ask the workspace's administrators",
    "ekm_access_denied": "the workspace's administrators have suspended writing: ask them",
}
_CHANNEL_SPEC: Final = "spec.slack.channelID"


class SlackChannel:
    """A channel of Slack."""

    takes_key: Final = False
    """`chat.postMessage` documents no key that tells a repeat."""

    def __init__(
        self, egress: Egress, *, channel: str, token: str, account: str, url: str = ""
    ) -> None:
        self.shown = f"Slack channel {channel}"
        self._channel = channel
        self._token = token
        self._posting = Posting(
            egress,
            f"{(url or API).rstrip('/')}/chat.postMessage",
            account=account,
            name="Slack",
            secrets=(token,),
        )

    async def deliver(self, message: Outgoing) -> DeliveryAnswer:
        """Send a message."""
        try:
            body = slack_body.made(message)
        except Unfit as error:
            return MessageRefused(why=error.why)
        body.setdefault("channel", message.slack_channel or self._channel)
        if message.thread:
            body.setdefault("thread_ts", message.thread)
        found = await self._posting.send_json(body, {"Authorization": f"Bearer {self._token}"})
        if isinstance(found, ReceiverAway | SenderRefused):
            return found
        if passing := self._posting.passing(found, message.now):
            return passing
        try:
            said = msgspec.json.decode(found.body)
        except msgspec.DecodeError:
            said = None
        if not isinstance(said, dict) or "ok" not in said:
            why = f"Slack answered {found.status}, and not as it does{self._posting.told(found)}"
            return ReceiverAway(why=why, may_have_arrived=found.status == 200)
        if said.get("ok") is True:
            ts = str(said.get("ts") or "")
            return Taken(receipt=ts, thread=str(body.get("thread_ts") or ts))
        return self._refusal(said, str(body["channel"]))

    def _refusal(self, said: dict[str, Any], channel: str) -> DeliveryAnswer:
        error = messages.foreign(str(said.get("error") or "no reason"), most_bytes=100)
        shown = messages.foreign(channel, most_bytes=64)
        if error in _PASSING:
            return ReceiverAway(why=f"Slack: {error}")
        if error in _TOKEN:
            return SenderRefused(why=f"Slack: {error}: {_TOKEN[error]}")
        if error in _CHANNEL:
            why = f"Slack: {error}: {_CHANNEL[error].format(channel=shown)}"
            # Another channel than the usual one is the message's own: those of others get through.
            if channel != self._channel:
                return MessageRefused(why=why)
            return SenderRefused(why=f"{why} ({_CHANNEL_SPEC})")
        more = "; ".join(messages.foreign(str(each), most_bytes=200) for each in _details(said)[:3])
        return MessageRefused(
            why=f"Slack does not take the message: {error}{f' ({more})' if more else ''}"
        )


def _details(said: dict[str, Any]) -> list[Any]:
    found = said.get("response_metadata")
    told = found.get("messages") if isinstance(found, dict) else None
    return told if isinstance(told, list) else []
