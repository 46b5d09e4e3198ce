"""The address of this machine to which a browser comes back after somebody signed in."""

from __future__ import annotations

import hmac
import http.server
import threading
import urllib.parse
from typing import TYPE_CHECKING, Any, Final, Self

from towpath import errors

if TYPE_CHECKING:
    from types import TracebackType

PATH: Final = "/auth/callback"
_PAGE: Final = (
    b"<!doctype html><title>Towpath</title><p>You are signed in. You can close this page.</p>"
)
_REFUSED: Final = (
    b"<!doctype html><title>Towpath</title><p>You are not signed in. The terminal says why.</p>"
)
_SECONDS: Final = 10.0


class Callback:
    """Serves on loopback until the browser came back once. Use it as a context."""

    def __init__(self, port: int) -> None:
        """`port` is 0 for any that is free. Raises BadRequest for one that is not."""
        self._came = threading.Event()
        self._answers: list[dict[str, str]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = _SECONDS

            def do_GET(self) -> None:
                parts = urllib.parse.urlsplit(self.path)
                if parts.path != PATH:
                    self.send_error(404)
                    return
                found = {
                    name: values[0] for name, values in urllib.parse.parse_qs(parts.query).items()
                }
                page = _PAGE if "code" in found else _REFUSED
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.send_header("Referrer-Policy", "no-referrer")
                self.end_headers()
                self.wfile.write(page)
                outer._take(found)

            def log_message(self, *_: Any) -> None:
                """Nothing: the address has the code in it."""

        try:
            self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except OSError as error:
            raise errors.BadRequest(
                f"--port {port}: it cannot be listened on: {error.strerror}"
            ) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def address(self) -> str:
        """Where the browser is to come back to."""
        return f"http://localhost:{self._server.server_port}{PATH}"

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self, state: str, seconds: float) -> str:
        """Return the code that the browser brought. Raises Timeout, Forbidden for a refusal.

        Visits with another state are not ours, and are waited past.
        """
        import time

        end = time.monotonic() + seconds
        while self._came.wait(max(0.0, end - time.monotonic())):
            self._came.clear()
            while self._answers:
                found = self._answers.pop(0)
                if not hmac.compare_digest(found.get("state", ""), state):
                    continue
                if "code" in found:
                    return found["code"]
                said = found.get("error_description") or found.get("error") or "no code came"
                raise errors.Forbidden(f"the sign-in was refused: {said[:500]}")
        raise errors.Timeout(f"nobody signed in within {seconds:g} seconds; begin again")

    def _take(self, found: dict[str, str]) -> None:
        if len(self._answers) < 100:
            self._answers.append(found)
        self._came.set()
