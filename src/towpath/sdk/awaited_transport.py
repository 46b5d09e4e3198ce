"""HTTP to one server as one caller, for programs with an event loop."""

from __future__ import annotations

import asyncio
import os
import ssl
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp

from towpath import errors
from towpath.sdk import sending
from towpath.sdk.addresses import proxy_for, server_address
from towpath.sdk.refusals import LARGEST, Interrupted, pause_before, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from towpath.sdk.call import ApiCall, Listening, Query

    T = TypeVar("T")


class AwaitedTransport:
    """Speaks to one server as one caller, over connections that are kept. Redirects are not followed, cookies not kept."""

    def __init__(
        self,
        server: str,
        token: str,
        *,
        seconds: float = 600.0,
        insecure: bool = False,
        environment: Mapping[str, str] = os.environ,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take what `Transport` takes. Raises BadRequest for an address or a token that is none."""
        self._address = server_address(server)
        self._proxy = proxy_for(self._address, environment)
        self._token = sending.checked_token(token)
        self._seconds = seconds
        self._insecure = insecure
        self._pause = pause
        self._session: aiohttp.ClientSession | None = None

    @property
    def named(self) -> str:
        """The server as messages name it, without what could be a password."""
        return self._address.named

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def perform(self, call: ApiCall[T]) -> T:
        """Carry a call out, and once more where that does no harm and the connection broke off or the server was busy."""
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = await self._json(call)
            except Interrupted as error:
                pause = pause_before(attempt, error) if call.may_repeat else None
                if pause is None:
                    raise
                await self._pause(pause)
                continue
            except errors.TowpathError as error:
                if call.refused is None:
                    raise
                return call.refused(error)
            return call.read(answer)

    async def listen(self, listening: Listening[T]) -> AsyncGenerator[T, None]:
        """Yield what a stream tells, until the server ends it. Raises as `Transport.listen` does."""
        remaining = listening.remaining
        try:
            async with await self._begun(listening) as answer:
                if answer.content_type != sending.STREAM:
                    raise sending.no_stream(self.named, listening.path, answer.content_type)
                decoder = listening.decoder()
                while line := await self._line(answer, remaining):
                    found = decoder.take(line)
                    if found is not None:
                        yield found
        except (aiohttp.ClientError, OSError) as error:
            raise errors.Unavailable(f"{self.named}: the stream broke off: {error}") from error

    async def _begun(self, listening: Listening[Any]) -> aiohttp.ClientResponse:
        """Return the answer that a stream comes in. Raises Timeout where none begins in the time that answers have."""
        left = self._seconds if listening.remaining is None else listening.remaining()
        seconds = max(0.001, min(left, self._seconds))
        try:
            async with asyncio.timeout(seconds):
                return await self._send(
                    "GET", listening.path, listening.query, b"", None, sending.STREAM
                )
        except TimeoutError as error:
            raise errors.Timeout(f"{self.named}: no answer within {seconds:g} seconds") from error

    async def _line(
        self, answer: aiohttp.ClientResponse, remaining: Callable[[], float] | None
    ) -> bytes:
        left = sending.LONGEST_SILENCE if remaining is None else remaining()
        if left <= 0:
            raise errors.Timeout(f"{self.named}: the time is over")
        try:
            async with asyncio.timeout(min(left, sending.LONGEST_SILENCE)):
                return await answer.content.readline()
        except TimeoutError as error:
            if remaining is not None and remaining() <= 0:
                raise errors.Timeout(f"{self.named}: the time is over") from error
            raise errors.Unavailable(f"{self.named}: the stream went silent") from error
        except ValueError as error:  # a line that does not fit
            raise errors.TooLarge(f"{self.named}: the stream has a line without end") from error

    async def _json(self, call: ApiCall[Any]) -> Any:
        content, content_type = sending.content(call.body, call.manifest)
        text = bytearray()
        try:
            async with (
                asyncio.timeout(self._seconds),
                await self._send(
                    call.method, call.path, call.query, content, content_type, "application/json"
                ) as answer,
            ):
                async for chunk in answer.content.iter_any():
                    text += chunk
                    if len(text) > sending.LARGEST_ANSWER:
                        raise sending.too_large(self.named)
        except TimeoutError as error:
            raise errors.Timeout(
                f"{self.named}: no answer within {self._seconds:g} seconds"
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Interrupted(f"{self.named}: the answer broke off: {error}") from error
        return sending.answer(bytes(text), self.named, call.method, call.path)

    async def _send(
        self,
        method: str,
        path: str,
        query: Query | None,
        content: bytes,
        content_type: str | None,
        accept: str,
    ) -> aiohttp.ClientResponse:
        proxy, headers = self._proxy, sending.headers(self._token, accept, content_type)
        if proxy is not None and self._address.scheme == "http":
            headers |= proxy.headers
        try:
            answer = await self._opened().request(
                method,
                _url(self._address.named + sending.target(self._address, path, query)),
                data=content,
                headers=headers,
                allow_redirects=False,
                proxy=None if proxy is None else proxy.named,
                proxy_headers=None if proxy is None else proxy.headers,
            )
        except TimeoutError as error:
            raise errors.Timeout(
                f"{self.named}: no connection within {sending.CONNECTING:g} seconds"
            ) from error
        except aiohttp.ClientConnectorError as error:
            raise errors.Unavailable(
                f"{self.named}: no answer: {_why(error)}; is the server running, and its address right?"
            ) from error
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            raise Interrupted(f"{self.named}: the connection broke off: {error}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise errors.Unavailable(f"{self.named}: no answer: {error}") from error
        if answer.status < 300:
            return answer
        async with answer:
            try:
                body = await answer.content.read(LARGEST)
            except (aiohttp.ClientError, OSError):
                body = b""
        headers = {name.title(): value for name, value in answer.headers.items()}
        raise refusal(self.named, answer.status, answer.reason or "", headers, body)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            context = ssl.create_default_context()
            if self._insecure:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=context),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=sending.CONNECTING),
                read_bufsize=4 << 20,
            )
        return self._session


def _why(error: aiohttp.ClientConnectorError) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"its certificate is not trusted ({error.certificate_error})"
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return "it does not speak TLS there"
    return error.os_error.strerror or str(error)


def _url(text: str) -> Any:
    """Return an address that is sent as it stands: its segments are quoted already."""
    from yarl import URL  # aiohttp's own

    return URL(text, encoded=True)
