"""HTTP to one server as one caller: requests, answers and the errors they stand for."""

from __future__ import annotations

import http.client
import os
import ssl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from towpath import errors
from towpath.sdk import sending
from towpath.sdk.addresses import proxy_for, server_address
from towpath.sdk.refusals import LARGEST, Interrupted, pause_before, refusal

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Generator, Iterator, Mapping
    from typing import BinaryIO

    from towpath.sdk.call import ApiCall, Listening, Query

    T = TypeVar("T")

_LARGEST_CHUNK: Final = 1 << 40
"""Bytes: a backup may be as large."""
_LONGEST_LINE: Final = (4 << 20) + 1


class _Answer(http.client.HTTPResponse):
    """An answer whose chunks say how large they are as HTTP has it: the library takes a sign, and any number of digits."""

    is_cut = False
    """Whether the connection ended where a chunk was to come: the library takes that for the end of the lines."""

    def _read_next_chunk_size(self) -> int:
        try:
            size: int = super()._read_next_chunk_size()  # type: ignore[misc]  # nothing public says it
        except ValueError:
            self.is_cut = True
            raise
        if not 0 <= size <= _LARGEST_CHUNK:
            raise http.client.HTTPException(f"the answer cannot be read: a chunk of {size} bytes")
        return size


class Transport:
    """Speaks to one server as one caller. Redirects are not followed: the token goes where it was meant to."""

    def __init__(
        self,
        server: str,
        token: str,
        *,
        seconds: float = 600.0,
        insecure: bool = False,
        environment: Mapping[str, str] = os.environ,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`server` is an address such as `http://127.0.0.1:8080`. Raises BadRequest if it is none.

        `seconds` is how long one answer may keep us waiting; `insecure`: the server's certificate is not looked at;
        `environment` names proxies; `pause` waits before what may be repeated is sent again.
        """
        self._address = server_address(server)
        self._proxy = proxy_for(self._address, environment)
        self._token = sending.checked_token(token)
        self._seconds = seconds
        self._insecure = insecure
        self._pause = pause

    @property
    def named(self) -> str:
        """The server as messages name it, without what could be a password."""
        return self._address.named

    def perform(self, call: ApiCall[T]) -> T:
        """Carry a call out, and once more where that does no harm and the connection broke off or the server was busy."""
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self.json(
                    call.method,
                    call.path,
                    query=call.query,
                    body=call.body,
                    manifest=call.manifest,
                )
            except Interrupted as error:
                pause = pause_before(attempt, error) if call.may_repeat else None
                if pause is None:
                    raise
                self._pause(pause)
                continue
            except errors.TowpathError as error:
                if call.refused is None:
                    raise
                return call.refused(error)
            return call.read(answer)

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
        content, content_type = sending.content(body, manifest)
        with self._exchange(method, path, query, content, content_type) as answer:
            text = self._read(answer)
        return sending.answer(text, self.named, method, path)

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        """Return all that the server answers."""
        try:
            text = answer.read(sending.LARGEST_ANSWER + 1)
        except TimeoutError as error:
            raise errors.Timeout(f"{self.named}: the answer stopped coming") from error
        except (OSError, http.client.IncompleteRead) as error:
            raise Interrupted(f"{self.named}: the answer broke off: {error}") from error
        except http.client.HTTPException as error:  # what it sends is no answer
            raise errors.Unavailable(f"{self.named}: the answer broke off: {error}") from error
        if len(text) > sending.LARGEST_ANSWER:
            raise sending.too_large(self.named)
        return text

    def upload(self, method: str, path: str, file: BinaryIO, size: int, media: str) -> Any:
        """Return what the server answers to a file of `size` bytes, which is sent piece by piece. Raises as `json` does."""
        with self._exchange(method, path, None, file, media, size=size) as answer:
            text = self._read(answer)
        return sending.answer(text, self.named, method, path)

    @contextmanager
    def download(
        self, method: str, path: str, *, body: Any = None
    ) -> Iterator[http.client.HTTPResponse]:
        """Yield the answer, to be read while it comes in. Raises as `json` does; reading it may raise OSError."""
        content, content_type = sending.content(body, None)
        with self._exchange(method, path, None, content, content_type) as answer:
            yield answer

    def listen(self, listening: Listening[T]) -> Generator[T, None, None]:
        """Yield what a stream tells, until the server ends it. Raises Timeout when there is no time left.

        Raises as `json` does before the first event; later Unavailable for a stream that breaks off, and what its events say.
        """
        connection = self._connection()
        remaining = listening.remaining
        first = self._seconds if remaining is None else max(remaining(), 0.001)
        try:
            answer, sock = self._send(
                connection, "GET", listening.path, listening.query, b"", None, sending.STREAM, first
            )
            with answer:
                kind = answer.headers.get_content_type()
                if kind != sending.STREAM:
                    raise sending.no_stream(self.named, listening.path, kind)
                decoder = listening.decoder()
                while line := self._line(answer, sock, remaining):
                    found = decoder.take(line)
                    if found is not None:
                        yield found
        finally:
            connection.close()

    def _line(
        self,
        answer: http.client.HTTPResponse,
        sock: socket.socket,
        remaining: Callable[[], float] | None,
    ) -> bytes:
        left = sending.LONGEST_SILENCE if remaining is None else remaining()
        if left <= 0:
            raise errors.Timeout(f"{self.named}: the time is over")
        try:
            sock.settimeout(min(left, sending.LONGEST_SILENCE))
            line = answer.readline(_LONGEST_LINE)
        except TimeoutError as error:
            if remaining is not None and remaining() <= 0:
                raise errors.Timeout(f"{self.named}: the time is over") from error
            raise errors.Unavailable(f"{self.named}: the stream went silent") from error
        except (OSError, http.client.HTTPException) as error:
            raise errors.Unavailable(f"{self.named}: the stream broke off: {error}") from error
        if not line and isinstance(answer, _Answer) and answer.is_cut:
            raise errors.Unavailable(f"{self.named}: the stream broke off")
        return line

    @contextmanager
    def _exchange(
        self,
        method: str,
        path: str,
        query: Query | None,
        content: bytes | BinaryIO,
        content_type: str | None,
        *,
        size: int | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        connection = self._connection()
        try:
            answer, _ = self._send(
                connection,
                method,
                path,
                query,
                content,
                content_type,
                "application/json",
                self._seconds,
                size=size,
            )
            with answer:
                yield answer
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        address, proxy = self._address, self._proxy
        host, port = (address.host, address.port) if proxy is None else (proxy.host, proxy.port)
        if address.scheme == "https":
            context = ssl.create_default_context()
            if self._insecure:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            found: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, context=context
            )
            if proxy is not None:
                found.set_tunnel(address.host, address.port or 443, proxy.headers)
        else:
            found = http.client.HTTPConnection(host, port)
        found.response_class = _Answer
        return found

    def _send(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        query: Query | None,
        content: bytes | BinaryIO,
        content_type: str | None,
        accept: str,
        seconds: float,
        *,
        size: int | None = None,
    ) -> tuple[http.client.HTTPResponse, socket.socket]:
        headers = {
            **sending.headers(self._token, accept, content_type),
            "Content-Length": str(len(content) if isinstance(content, bytes) else size),
        }
        target = sending.target(self._address, path, query)
        if self._proxy is not None and self._address.scheme == "http":
            target = self.named + target
            headers |= self._proxy.headers
        seconds = min(seconds, self._seconds)
        connection.timeout = min(seconds, sending.CONNECTING)
        is_there = False
        try:
            connection.connect()
            is_there = True
            sock = connection.sock
            sock.settimeout(seconds)
            connection.request(method, target, content, headers)
            answer = connection.getresponse()
        except TimeoutError as error:
            waited = connection.timeout if connection.sock is None else seconds
            raise errors.Timeout(f"{self.named}: no answer within {waited:g} seconds") from error
        except (ConnectionError, http.client.IncompleteRead) as error:
            kind = Interrupted if is_there else errors.Unavailable
            raise kind(f"{self.named}: no answer: {self._why(error)}") from error
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
        if isinstance(error, http.client.BadStatusLine) and self._address.scheme == "http":
            return f"it does not speak HTTP there; if it is the address for TLS, name it as https://{address}"
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        if self._proxy is not None:
            return f"{said}; by the proxy {self._proxy.named}, which HTTP_PROXY or HTTPS_PROXY names: is it right, or to be left out with NO_PROXY?"
        return f"{said}; is the server running, and TOWPATH_SERVER right?"

    def _refusal(self, answer: http.client.HTTPResponse) -> errors.TowpathError:
        try:
            body = answer.read(LARGEST)
        except (OSError, http.client.HTTPException):
            body = b""
        headers = {name.title(): value for name, value in answer.headers.items()}
        return refusal(self.named, answer.status, answer.reason, headers, body)
