"""Any server that takes requests: the message as it was written, with a key by which a repeat can be told."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from towpath.clients.messaging.outgoing import (
    REPEAT_HEADER,
    MessageRefused,
    NotYetTaken,
    ReceiverAway,
    SenderRefused,
    Taken,
)
from towpath.clients.messaging.posting import Posting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from towpath.clients.http import Egress, Response
    from towpath.clients.messaging.outgoing import DeliveryAnswer, Outgoing

KEY_HEADER: Final = "Idempotency-Key"
_TYPES: Final = {
    "": "text/plain; charset=utf-8",
    "json": "application/json",
    "yaml": "application/yaml",
    "xml": "application/xml",
}


class HttpVerdict(enum.Enum):
    """What the channel's expressions say of an answer."""

    SUCCESS = enum.auto()
    FAILURE = enum.auto()
    NEITHER = enum.auto()


class HttpServer:
    """A server, and what its answers mean."""

    takes_key: Final = True

    def __init__(
        self,
        egress: Egress,
        *,
        url: str,
        method: str,
        headers: Mapping[str, str],
        authorization: str,
        account: str,
        seconds: float,
        insecure: bool = False,
        judge: Callable[[Response], Awaitable[HttpVerdict]] | None = None,
    ) -> None:
        """`authorization`: the header's value; empty: none. `judge`: what an answer means where not what its status says."""
        self._method = method
        given = {name.lower() for name in headers}
        self._headers = dict(headers)
        if authorization and "authorization" not in given:
            self._headers["Authorization"] = authorization
        self._posting = Posting(
            egress,
            url,
            account=account,
            name="the server",
            secrets=(authorization, authorization.partition(" ")[2]),
            insecure=insecure,
            seconds=seconds,
        )
        self._has_type = "content-type" in given
        self._judge = judge
        self.shown = f"HTTP server {url.partition('?')[0]}"

    async def deliver(self, message: Outgoing) -> DeliveryAnswer:
        """Send a message, as it was written."""
        headers = {**self._headers, KEY_HEADER: message.id}
        if not self._has_type:
            headers["Content-Type"] = _TYPES.get(message.encoding, _TYPES[""])
        if message.is_repeat:
            headers[REPEAT_HEADER] = "true"
        if message.grouping:
            headers["Towpath-Grouping-Key"] = (
                message.grouping.encode("ascii", "backslashreplace")
                .decode("ascii")[:512]
                .replace("\n", " ")
                .replace("\r", " ")
            )
        found = await self._posting.send(message.text.encode(), headers, method=self._method)
        if isinstance(found, ReceiverAway | SenderRefused):
            return found
        verdict = None if self._judge is None else await self._judge(found)
        if verdict is HttpVerdict.SUCCESS or (verdict is None and 200 <= found.status < 300):
            return Taken()
        told = f"the server answered {found.status}{self._posting.told(found)}"
        if verdict is not None:
            match verdict:
                case HttpVerdict.FAILURE:
                    return MessageRefused(why=f"{told}: failureExpression holds")
                case HttpVerdict.NEITHER:
                    passing = self._posting.passing(found, message.now)
                    return passing or NotYetTaken(why=f"{told}: successExpression does not hold")
        if passing := self._posting.passing(found, message.now):
            return passing
        if found.status in (401, 403, 404, 405) or 300 <= found.status < 400:
            return SenderRefused(why=f"{told}: check spec.http.url and the Secret")
        return MessageRefused(why=told)
