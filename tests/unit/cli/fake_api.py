"""A server that answers what a test says, over real HTTP, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "fake-token"


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    headers: dict[str, str]


@dataclass
class Stream:
    """An answer in Server-Sent Events: texts that are sent as they are, then the end."""

    frames: list[str]
    stay: bool = False
    """Whether the connection stays open after the last frame."""
    breaks: bool = False
    """Whether the connection ends without the end of the stream."""


@dataclass
class Api:
    """The answers by method and path; a list gives one after another, the last for ever."""

    address: str = ""
    answers: dict[tuple[str, str], Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    open_paths: set[str] = field(default_factory=set)
    """Paths that are answered whatever token is sent."""
    closing: threading.Event = field(default_factory=threading.Event)

    def answer(self, method: str, path: str, *answers: Any) -> None:
        """Answer requests: a document, a (status, document), bytes, a Stream or a function of the request."""
        self.answers[method, path] = list(answers)

    def next(self, method: str, path: str) -> Any:
        """Return the next answer."""
        found = self.answers.get((method, path))
        if found is None:
            return 404, {"error": f"{method} {path} is not known to the fake"}
        return found.pop(0) if len(found) > 1 else found[0]

    def bodies(self, method: str) -> list[Any]:
        """What was sent with a method."""
        return [asked.body for asked in self.asked if asked.method == method]


def frame(kind: str, document: Any) -> str:
    """Return one event."""
    return "data: " + json.dumps({"type": kind, "object": document}) + "\n\n"


@contextmanager
def running() -> Iterator[Api]:
    """Serve on loopback while the context lasts."""
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            pass

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.loads(raw) if raw else None
            asked = Asked(
                self.command, parts.path, parse_qs(parts.query), body, dict(self.headers.items())
            )
            api.asked.append(asked)
            open_to_all = parts.path in api.open_paths
            if not open_to_all and self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self._send(401, {"error": "invalid token"})
            found = api.next(self.command, parts.path)
            if callable(found):
                found = found(asked)
            if isinstance(found, Stream):
                return self._stream(found)
            status, document = found if isinstance(found, tuple) else (200, found)
            return self._send(status, document)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - http.server's names

        def _send(self, status: int, document: Any) -> None:
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            content = b"" if document is None else content
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if 300 <= status < 400:
                self.send_header("Location", "https://elsewhere.example/")
            self.end_headers()
            self.wfile.write(content)

        def _stream(self, stream: Stream) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.flush()
            for text in stream.frames:
                for part in (text[:5], text[5:]):  # chunks are not frames
                    content = part.encode()
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))
                    self.wfile.flush()
            if stream.stay:
                api.closing.wait(20)
            self.close_connection = True
            if not stream.breaks:
                self.wfile.write(b"0\r\n\r\n")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    api.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        api.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
