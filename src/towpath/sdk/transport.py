"""HTTP to one server as one caller: requests, answers and the errors they stand for."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.parse
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.sdk.events import EventLines, ReceivedEvent, texts

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Generator, Iterator, Mapping

_LARGEST_ANSWER: Final = 256 << 20
_LARGEST_CHUNK: Final = 1 << 40
"""Bytes: a backup may be as large."""
_CONNECTING: Final = 15.0
"""Seconds within which a connection is there, or will not be."""
_LONGEST_SILENCE: Final = 75.0
"""Seconds: a live stream sends a keepalive every 30."""
_BY_STATUS: Final = {
    kind.status: kind
    for kind in (
        errors.BadRequest,
        errors.Unauthenticated,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.Expired,
        errors.TooLarge,
        errors.Unsupported,
        errors.Invalid,
        errors.TooManyRequests,
        errors.NotImplemented,
        errors.Unavailable,
        errors.Timeout,
    )
}
_REMEDY: Final = (
    "check TOWPATH_TOKEN or --token-file, or log in with `towpath login`: the server's data directory has its token in "
    "the file admin-token"
)

Query = dict[str, "str | list[str] | None"]
"""Query parameters by name; None leaves one out, a list repeats it."""


class _Answer(http.client.HTTPResponse):
    """An answer whose chunks say how large they are as HTTP has it: the library takes a sign, and any number of digits."""

    def _read_next_chunk_size(self) -> int:
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]  # nothing public says it
        if not 0 <= size <= _LARGEST_CHUNK:
            raise http.client.HTTPException(f"the answer cannot be read: a chunk of {size} bytes")
        return size


class Transport:
    """Speaks to one server as one caller. Redirects are not followed: the token goes where it was meant to."""

    def __init__(
        self, server: str, token: str, *, seconds: float = 600.0, insecure: bool = False
    ) -> None:
        """`server` is an address such as `http://127.0.0.1:8080`. Raises BadRequest if it is none.

        `seconds` is how long one answer may keep us waiting; `insecure`: the server's certificate is not looked at.
        """
        problem = f"server {server!r}: it must be an address such as http://127.0.0.1:8080"
        if server and "://" not in server:
            problem += f"; write http://{server} or https://{server}"
        try:
            parts = urllib.parse.urlsplit(server)
            port = parts.port
        except ValueError as error:
            raise errors.BadRequest(problem) from error
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise errors.BadRequest(problem)
        if not token or not token.isascii() or not token.isprintable():
            raise errors.BadRequest(f"the token is empty or no token at all; {_REMEDY}")
        self._parts = parts
        self._port = port
        self._token = token
        self._seconds = seconds
        self._insecure = insecure

    @property
    def named(self) -> str:
        """The server as messages name it, without what could be a password."""
        host = self._parts.hostname or ""
        host = f"[{host}]" if ":" in host else host
        return f"{self._parts.scheme}://{host}" + (f":{self._port}" if self._port else "")

    def json(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Any = None,
        manifest: str | None = None,
    ) -> Any:
        """Return what the server answers, None for nothing.

        `body` is sent as JSON, `manifest` as it is. Raises the error that the answer stands for (of
        `towpath.errors`), Unavailable when there is none.
        """
        content, content_type = _content(body, manifest)
        with self._exchange(method, path, query, content, content_type) as answer:
            try:
                text = answer.read(_LARGEST_ANSWER + 1)
            except TimeoutError as error:
                raise errors.Timeout(f"{self.named}: the answer stopped coming") from error
            except (OSError, http.client.HTTPException) as error:
                raise errors.Unavailable(f"{self.named}: the answer broke off: {error}") from error
        if len(text) > _LARGEST_ANSWER:
            raise errors.TooLarge(
                f"{self.named}: the answer has more than {_LARGEST_ANSWER:,} bytes"
            )
        if not text.strip():
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise errors.Unavailable(
                f"{self.named}: {method} {path} was answered with what is not JSON; is this a Towpath server?"
            ) from error

    @contextmanager
    def download(self, method: str, path: str) -> Iterator[http.client.HTTPResponse]:
        """Yield the answer, to be read while it comes in. Raises as `json` does; reading it may raise OSError."""
        with self._exchange(method, path, None, b"", None) as answer:
            yield answer

    def watch(
        self, path: str, *, query: Query | None = None, remaining: Callable[[], float]
    ) -> Generator[ReceivedEvent, None, None]:
        """Yield what changes at a path, until the server ends the stream.

        `remaining` tells the seconds that are left; Timeout is raised when there are none. Raises as `json`
        does before the first event; later Unavailable for a stream that breaks off, Expired where the
        server says that its start is too long ago.
        """
        asked: Query = {**(query or {}), "watch": "true"}
        connection = self._connection()
        more = {"Accept": "text/event-stream"}
        try:
            answer, sock = self._send(
                connection, "GET", path, asked, b"", None, more, max(remaining(), 0.001)
            )
            with answer:
                kind = answer.headers.get_content_type()
                if kind != "text/event-stream":
                    raise errors.Unavailable(
                        f"{self.named}: GET {path}: a stream was asked for, got {kind}"
                    )
                yield from self._events(answer, sock, remaining)
        finally:
            connection.close()

    def _events(
        self,
        answer: http.client.HTTPResponse,
        sock: socket.socket,
        remaining: Callable[[], float],
    ) -> Iterator[ReceivedEvent]:
        events = EventLines()
        while True:
            left = remaining()
            if left <= 0:
                raise errors.Timeout(f"{self.named}: the time is over")
            try:
                sock.settimeout(min(left, _LONGEST_SILENCE))
                line = answer.readline(EventLines.LONGEST + 1)
            except TimeoutError as error:
                if remaining() <= 0:
                    raise errors.Timeout(f"{self.named}: the time is over") from error
                raise errors.Unavailable(f"{self.named}: the stream went silent") from error
            except (OSError, http.client.HTTPException) as error:
                raise errors.Unavailable(f"{self.named}: the stream broke off: {error}") from error
            if not line:
                return
            event = events.take(line)
            if event is not None:
                yield event

    def texts(self, path: str, *, query: Query | None = None) -> Generator[str, None, None]:
        """Yield the texts of a stream of them, until the server ends it.

        Raises as `json` does before the first; later Unavailable for a stream that breaks off.
        """
        connection = self._connection()
        more = {"Accept": "text/event-stream"}
        try:
            answer, sock = self._send(
                connection, "GET", path, query, b"", None, more, self._seconds
            )
            sock.settimeout(_LONGEST_SILENCE)
            with answer:
                yield from texts(iter(lambda: answer.readline(EventLines.LONGEST + 1), b""))
        except (OSError, http.client.HTTPException) as error:
            raise errors.Unavailable(f"{self.named}: the stream broke off: {error}") from error
        finally:
            connection.close()

    @contextmanager
    def _exchange(
        self, method: str, path: str, query: Query | None, content: bytes, content_type: str | None
    ) -> Iterator[http.client.HTTPResponse]:
        connection = self._connection()
        try:
            answer, _ = self._send(
                connection, method, path, query, content, content_type, {}, self._seconds
            )
            with answer:
                yield answer
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host = self._parts.hostname or ""
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            if self._insecure:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            found: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, self._port, context=context
            )
        else:
            found = http.client.HTTPConnection(host, self._port)
        found.response_class = _Answer
        return found

    def _send(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        query: Query | None,
        content: bytes,
        content_type: str | None,
        more: Mapping[str, str],
        seconds: float,
    ) -> tuple[http.client.HTTPResponse, socket.socket]:
        headers = {
            "Accept": "application/json",
            **more,
            "Authorization": f"Bearer {self._token}",
            "Content-Length": str(len(content)),
        }
        if content_type is not None:
            headers["Content-Type"] = content_type
        seconds = min(seconds, self._seconds)
        connection.timeout = min(seconds, _CONNECTING)
        try:
            connection.connect()
            sock = connection.sock
            sock.settimeout(seconds)
            connection.request(
                method, self._parts.path.rstrip("/") + path + _asked(query), content, headers
            )
            answer = connection.getresponse()
        except TimeoutError as error:
            waited = connection.timeout if connection.sock is None else seconds
            raise errors.Timeout(f"{self.named}: no answer within {waited:g} seconds") from error
        except (OSError, http.client.HTTPException) as error:
            raise errors.Unavailable(f"{self.named}: no answer: {self._why(error)}") from error
        if answer.status >= 300:
            with answer:
                raise self._refusal(answer)
        return answer, sock

    def _why(self, error: Exception) -> str:
        """Return why there is no answer, and what to do about it."""
        address = self.named.partition("://")[2]
        if isinstance(error, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not trusted ({error.verify_message}); name the file of the authority that signed it with "
                "SSL_CERT_FILE (the server's own is tls/ca.crt in its data directory), and the server by a name that the certificate has"
            )
        if isinstance(error, ssl.SSLError):
            return f"it does not speak TLS there ({error.reason}); name it as http://{address}"
        if isinstance(error, http.client.BadStatusLine) and self._parts.scheme == "http":
            return f"it does not speak HTTP there; if it is the address for TLS, name it as https://{address}"
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return f"{said}; is the server running, and TOWPATH_SERVER right?"

    def _refusal(self, answer: http.client.HTTPResponse) -> errors.TowpathError:
        message = _message(answer)
        if 300 <= answer.status < 400:
            return errors.Unavailable(
                f"{self.named}: it redirects to {answer.headers.get('Location', 'another address')}; "
                "name the server by that address"
            )
        if answer.status == errors.Unauthenticated.status:
            message = f"{message}; {_REMEDY}"
        if answer.status == errors.AlreadyExists.status and "already exists" in message:
            return errors.AlreadyExists(message)
        return _BY_STATUS.get(answer.status, errors.TowpathError)(message)


def segment(name: str) -> str:
    """Return a name as one segment of a path, whatever is in it."""
    if name in (".", ".."):
        return name.replace(".", "%2E")
    return urllib.parse.quote(name, safe="")


def _asked(query: Query | None) -> str:
    kept = {name: value for name, value in (query or {}).items() if value is not None}
    return "?" + urllib.parse.urlencode(kept, doseq=True) if kept else ""


def _content(body: Any, manifest: str | None) -> tuple[bytes, str | None]:
    if manifest is not None:
        return manifest.encode(), "text/plain"
    if body is not None:
        return json.dumps(body).encode(), "application/json"
    return b"", None


def _message(answer: http.client.HTTPResponse) -> str:
    try:
        body = answer.read(1 << 20).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        body = ""
    try:
        found = json.loads(body)
        return str(found["message" if found.get("kind") == "Status" else "error"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return f"{answer.status} {answer.reason}: {body[:500]}"
