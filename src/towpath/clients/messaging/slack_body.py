"""What Slack is sent, by either of its ways: text, or blocks. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.clients.messaging.outgoing import MAY_BE_REPEAT, Unfit, marked

if TYPE_CHECKING:
    from towpath.clients.messaging.outgoing import Outgoing

MOST_BLOCKS: Final = 50


def made(message: Outgoing) -> dict[str, Any]:
    """Return the body of a message, without channel and thread where it names none. Raises Unfit."""
    if message.body is None:
        return {"text": marked(message.text, message)}
    body = {key: value for key, value in message.body.items() if value is not None}
    if body.get("icon_emoji"):
        body.pop("icon_url", None)
    blocks = body.get("blocks")
    if blocks is not None and not isinstance(blocks, list):
        raise Unfit("blocks: it must be a list of Slack's blocks")
    if not any(body.get(key) for key in ("text", "blocks", "attachments")):
        raise Unfit("an encoded message for Slack has text, blocks or attachments; it has none")
    if blocks and len(blocks) > MOST_BLOCKS:
        raise Unfit(f"blocks: Slack takes {MOST_BLOCKS} at most, there are {len(blocks)}")
    if message.is_repeat:
        if blocks and len(blocks) < MOST_BLOCKS:
            told = {"type": "context", "elements": [{"type": "mrkdwn", "text": MAY_BE_REPEAT}]}
            body["blocks"] = [*blocks, told]
        body["text"] = marked(str(body.get("text") or ""), message).lstrip()
    return body
