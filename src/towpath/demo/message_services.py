"""Services that take messages, on one machine: Slack, Teams, PagerDuty, ntfy, and a server of one's own. For demos and tests."""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.demo.loopback import Answer, Request

SLACK: Final = "slack"
SLACK_WEBHOOK: Final = "slack-webhook"
TEAMS: Final = "teams"
PAGERDUTY: Final = "pagerduty"
NTFY: Final = "ntfy"
SERVER: Final = "server"
TOKEN: Final = "xoxb-demo-token-of-towpath"  # noqa: S105 - of a service that is none
HOOK: Final = "T000DEMO/B000DEMO/demoWebhookSecret"
SIGNATURE: Final = "demo-signature-of-teams"
ROUTING_KEY: Final = "0123456789abcdef0123456789abcdef"
_PATHS: Final = {
    "/slack/api/chat.postMessage": SLACK,
    f"/slack/services/{HOOK}": SLACK_WEBHOOK,
    "/teams/workflow": TEAMS,
    "/pagerduty/v2/enqueue": PAGERDUTY,
    "/ntfy/": NTFY,
}


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message that a service has taken."""

    service: str
    body: Any
    """As JSON where it is some, else as text."""
    headers: Mapping[str, str]
    key: str = ""
    """The key by which a repeat is told, where the service takes one."""
    receipt: str = ""

    @property
    def text(self) -> str:
        """What it says, in brief."""
        match self.service, self.body:
            case ("pagerduty", {"payload": {"summary": str(said)}}):
                return said
            case ("teams", {"attachments": [{"content": {"body": [{"text": str(said)}, *_]}}, *_]}):
                return said
            case (_, {"message": str(said)}) | (_, {"text": str(said)}):
                return said
        return self.body if isinstance(self.body, str) else json.dumps(self.body)


@dataclass(frozen=True, slots=True)
class ServiceFault:
    """An answer that a service gives instead of its own, once."""

    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    takes: bool = False
    """Whether it takes the message all the same."""
    is_dropped: bool = False
    """Whether the connection is closed without an answer."""


class MessageServices:
    """The services, behind one address."""

    def __init__(self, check: Callable[[str, Request], None] | None = None) -> None:
        """`check` looks at each request before it is answered; what it raises is answered 500, and kept in `wrong`."""
        self.received: list[ReceivedMessage] = []
        """In the order they came, repeats that a service told by their key left out."""
        self.asked: list[str] = []
        """The services that were asked, in order, whatever they answered."""
        self.faults: dict[str, deque[ServiceFault]] = defaultdict(deque)
        self.down: dict[str, ServiceFault] = {}
        """Services that give the same wrong answer to everybody."""
        self.too_early: set[str] = set()
        """Texts that the plain server is not ready for: it answers 202, and has not taken them."""
        self.channels: set[str] = {"C0DEMO", "C0OTHER"}
        self.tokens = {TOKEN}
        self.wrong: list[str] = []
        self._check = check
        self._lock = threading.Lock()
        self._keys: set[tuple[str, str]] = set()
        self._server = Loopback(self._respond)

    @property
    def url(self) -> str:
        """Where they are, all of them."""
        return self._server.url

    def close(self) -> None:
        """Stop."""
        self._server.close()

    def of(self, service: str) -> list[ReceivedMessage]:
        """Return what a service has taken."""
        with self._lock:
            return [each for each in self.received if each.service == service]

    def texts(self, service: str) -> list[str]:
        """Return what a service was told, in brief, in order."""
        return [each.text for each in self.of(service)]

    def _respond(self, request: Request) -> Answer:
        service = _PATHS.get(request.path, SERVER if request.path.startswith("/server") else "")
        if not service:
            return 404, {}, b"no_service"
        with self._lock:
            self.asked.append(service)
            fault = self.faults[service].popleft() if self.faults[service] else None
        fault = fault or self.down.get(service)
        if fault is not None and not fault.takes:
            if fault.is_dropped:
                raise ConnectionAbortedError
            return fault.status, fault.headers, fault.body
        if self._check is not None:
            try:
                self._check(service, request)
            except AssertionError as error:
                self.wrong.append(f"{service}: {error}")
                return 500, {}, str(error).encode()
        answer = self._answer(service, request)
        if fault is not None:
            if fault.is_dropped:
                raise ConnectionAbortedError
            return fault.status, fault.headers, fault.body
        return answer

    def _answer(self, service: str, request: Request) -> Answer:
        body = _read(request)
        match service:
            case "slack":
                return self._slack(request, body)
            case "slack-webhook":
                self._take(service, body, request)
                return 200, {"Content-Type": "text/html"}, b"ok"
            case "teams":
                if f"sig={SIGNATURE}" not in request.query:
                    return 401, {}, b'{"error":{"code":"AuthorizationFailed"}}'
                self._take(service, body, request)
                return 202, {}, b""
            case "pagerduty":
                return self._pagerduty(request, body)
            case "ntfy":
                receipt = self._take(service, body, request)
                return _json(200, {"id": receipt, "event": "message", **body})
        if isinstance(body, str) and body in self.too_early:
            return 202, {}, b"not ready for that"
        self._take(service, body, request, key=request.headers.get("Idempotency-Key", ""))
        return 204, {}, b""

    def _slack(self, request: Request, body: Any) -> Answer:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return _json(200, {"ok": False, "error": "invalid_auth"})
        if not isinstance(body, dict) or body.get("channel") not in self.channels:
            return _json(200, {"ok": False, "error": "channel_not_found"})
        if len(str(body.get("text") or "")) > 40_000:
            return _json(200, {"ok": False, "error": "msg_too_long"})
        ts = self._take(SLACK, body, request)
        said = {
            "type": "message",
            "ts": ts,
            "team": "T000DEMO",
            "user": "U000DEMO",
            "text": str(body.get("text") or ""),
        }
        return _json(200, {"ok": True, "channel": body["channel"], "ts": ts, "message": said})

    def _pagerduty(self, request: Request, body: Any) -> Answer:
        if body.get("routing_key") != ROUTING_KEY:
            said = {"status": "invalid event", "message": "Event object is invalid"}
            return _json(400, {**said, "errors": ["'routing_key' is invalid"]})
        key = str(body.get("dedup_key") or "")
        self._take(PAGERDUTY, body, request)
        return _json(202, {"status": "success", "message": "Event processed", "dedup_key": key})

    def _take(self, service: str, body: Any, request: Request, *, key: str = "") -> str:
        with self._lock:
            receipt = f"{1_700_000_000 + len(self.received)}.{len(self.received):06d}"
            if key and (service, key) in self._keys:
                return receipt
            self._keys.add((service, key))
            taken = ReceivedMessage(service, body, request.headers, key, receipt)
            self.received.append(taken)
        return receipt


def _read(request: Request) -> Any:
    text = request.body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def _json(status: int, value: Any) -> Answer:
    return status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(value).encode()
