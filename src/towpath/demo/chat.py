"""The demo's chat: a channel that takes messages as an incoming webhook of Slack does, and shows them in the browser."""

from __future__ import annotations

import html
import json
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.demo.loopback import Answer, Request

PATH: Final = "/releases"
_TEXT: Final = {"Content-Type": "text/plain"}
_MOST: Final = 200
_LONGEST: Final = 4_000
"""Characters of a message that are kept."""
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="3">
<title>#releases</title>
<style>
  body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; color: #1f2933 }}
  li {{ list-style: none; padding: .5rem 0; border-top: 1px solid #d9dee4; white-space: pre-wrap }}
  ul {{ padding: 0 }}
  time {{ color: #52606d; font-variant-numeric: tabular-nums; margin-right: .75rem }}
</style>
<h1>#releases</h1>
<p>{count}</p>
<ul>{messages}</ul>
</html>
"""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message that has come."""

    at: datetime
    text: str


class DemoChat:
    """A channel, until it is closed. What came before the demo was started is forgotten."""

    def __init__(self) -> None:
        self.is_away = False
        """Whether connections are closed without an answer."""
        self._lock = threading.Lock()
        self._messages: deque[ChatMessage] = deque(maxlen=_MOST)
        self._count = 0
        self._http = Loopback(self._respond)

    @property
    def url(self) -> str:
        """Where it takes messages, and shows them."""
        return f"{self._http.url}{PATH}"

    @property
    def messages(self) -> Sequence[ChatMessage]:
        """What has come, the oldest first; of many the last."""
        with self._lock:
            return tuple(self._messages)

    @property
    def count(self) -> int:
        """How many have come."""
        return self._count

    def close(self) -> None:
        """Stop."""
        self._http.close()

    def _respond(self, request: Request) -> Answer:
        if self.is_away:
            raise ConnectionAbortedError
        if request.path.rstrip("/") not in ("", PATH):
            return 404, _TEXT, b"there is /releases, and nothing else\n"
        if request.method == "POST":
            return self._take(request.body)
        return 200, {"Content-Type": "text/html; charset=utf-8"}, self._page().encode()

    def _take(self, body: bytes) -> Answer:
        """Take a message as Slack's incoming webhooks do (api.slack.com, "Sending messages using incoming webhooks")."""
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            return 400, _TEXT, b"invalid_payload"
        text = said.get("text")
        if not isinstance(text, str) or not text.strip():
            return 400, _TEXT, b"no_text"
        with self._lock:
            self._messages.append(ChatMessage(datetime.now(UTC), text[:_LONGEST]))
            self._count += 1
        return 200, _TEXT, b"ok"

    def _page(self) -> str:
        found = self.messages
        count = "Nothing has been said yet." if not found else f"Messages: {len(found)}"
        items = "".join(
            f"<li><time>{each.at:%H:%M:%S} UTC</time>{html.escape(each.text)}</li>"
            for each in reversed(found)
        )
        return _PAGE.format(count=count, messages=items)
