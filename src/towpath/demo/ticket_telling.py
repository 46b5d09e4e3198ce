"""Tells what happens to the demo's tickets, and what is said in its chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.demo.chat import DemoChat
    from towpath.demo.jira.site import JiraSite


class TicketTelling:
    """Remembers what was told."""

    def __init__(self, jira: JiraSite, chat: DemoChat, say: Callable[[str], None]) -> None:
        """What there is by now counts as told."""
        self._jira = jira
        self._chat = chat
        self._say = say
        self._statuses = {key: status for key, _, status in self._tickets()}
        self._heard = chat.count

    def tell(self) -> None:
        """Tell of tickets that were opened or moved, and of messages that have come."""
        for key, summary, status in self._tickets():
            if self._statuses.get(key) != status:
                verb = f"is now {status}" if key in self._statuses else f"was opened: {summary}"
                self._say(f"Ticket {key} {verb}.")
                self._statuses[key] = status
        count, messages = self._chat.count, self._chat.messages
        for message in messages[max(0, len(messages) - (count - self._heard)) :]:
            self._say(f"Chat #releases: {message.text}")
        self._heard = count

    def has(self, status: str) -> bool:
        """Whether it was told that a ticket has a status."""
        return status in self._statuses.values()

    def _tickets(self) -> list[tuple[str, str, str]]:
        with self._jira.lock:
            return [
                (each.key, each.summary, each.status)
                for each in self._jira.contents.issues.values()
            ]
