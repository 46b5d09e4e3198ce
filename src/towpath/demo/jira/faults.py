"""What goes wrong on demand: one small object that tests, benchmarks and the demo turn while the stand-in runs."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class JiraFaults:
    """Everything that can be turned. As it is made, nothing goes wrong."""

    is_away: bool = False
    """Connections are closed without an answer."""
    is_expired: bool = False
    """No token is good any more."""
    latency_seconds: float = 0.0
    """Before every answer."""
    limited: int = 0
    """So many of the next requests are answered 429."""
    retry_after: str = "30"
    """What the header says then; empty: there is none."""
    status: int = 0
    """Every request is answered with this status, and a page of HTML."""
    redirect: str = ""
    """Every request is sent on to this address."""
    html: bool = False
    """Every request is answered 200 with a page to sign in."""
    padding_bytes: int = 0
    """By how much every answer is larger than it had to be."""
    search_lag_seconds: float = 0.0
    """For how long a search does not show what was created."""
    loses_answers: int = 0
    """So many of the next requests that change something are carried out, and the connection closed without an answer."""
    _over: threading.Event = field(default_factory=threading.Event, repr=False)

    def delay(self) -> None:
        """Wait, until `stop` at most."""
        if self.latency_seconds:
            self._over.wait(self.latency_seconds)

    def stop(self) -> None:
        """Let nobody wait any more."""
        self._over.set()

    def answer(self) -> Answer | None:
        """Return what is answered in the place of what was asked for; None where nothing is wrong."""
        if self.limited > 0:
            self.limited -= 1
            headers = {"Content-Type": "application/json"}
            if self.retry_after:
                headers["Retry-After"] = self.retry_after
            return 429, headers, b'{"errorMessages": ["Rate limit exceeded."], "errors": {}}'
        if self.is_expired:
            said = b'{"errorMessages": ["You do not have permission: the token has expired."], "errors": {}}'
            return 401, {"Content-Type": "application/json"}, said
        if self.redirect:
            return 302, {"Location": self.redirect}, b""
        if self.status:
            return self.status, {"Content-Type": "text/html"}, b"<html><h1>Out of order</h1></html>"
        if self.html:
            page = (
                b"<!DOCTYPE html><html><title>Log in</title><body>Log in to continue</body></html>"
            )
            return 200, {"Content-Type": "text/html; charset=utf-8"}, page
        return None
