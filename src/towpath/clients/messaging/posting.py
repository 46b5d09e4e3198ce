"""Sends one request by the egress, and says what of it concerns the message, and what the receiver as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import errors, messages
from towpath.clients.http.limits import retry_after
from towpath.clients.http.places import shown_url
from towpath.clients.messaging.outgoing import ANSWER_BYTES, SECONDS, ReceiverAway, SenderRefused
from towpath.masking import mask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from towpath.clients.http import Egress, Response

_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be others later."""
_SHORTEST_PART: Final = 8
_JSON: Final = "application/json; charset=utf-8"


class Posting:
    """Requests to one address, which may be a secret by itself."""

    def __init__(
        self,
        egress: Egress,
        url: str,
        *,
        account: str,
        name: str,
        is_secret: bool = False,
        secrets: Sequence[str] = (),
        insecure: bool = False,
        seconds: float = SECONDS,
    ) -> None:
        """`account`: in whose name it is asked. `name`: what messages call the receiver. `is_secret`: nobody is shown the URL.

        `secrets`: what else is sent in confidence; whatever the receiver repeats of it is shown to nobody.
        """
        self._egress = egress
        self._url = url
        self._account = account
        self.name = name
        self._insecure = insecure
        self._seconds = seconds
        self._hidden = (*(_parts(url) if is_secret else ()), *filter(None, secrets))

    async def send(
        self, body: bytes, headers: Mapping[str, str], *, method: str = "POST", url: str = ""
    ) -> Response | ReceiverAway | SenderRefused:
        """Send it once; return the answer, whatever its status."""
        try:
            return await self._egress.request(
                method,
                url or self._url,
                headers=headers,
                body=body,
                seconds=self._seconds,
                most_bytes=ANSWER_BYTES,
                insecure=self._insecure,
                account=self._account,
                follows=False,
            )
        except errors.TooManyRequests as error:
            return ReceiverAway(why=self._said(error))
        except errors.Timeout as error:
            return ReceiverAway(why=self._said(error), may_have_arrived=True)
        except errors.Unavailable as error:
            return ReceiverAway(why=self._said(error), may_have_arrived=not _never_left(error))
        except errors.TooLarge as error:
            return ReceiverAway(why=self._said(error), may_have_arrived=True)
        except (errors.BadRequest, errors.Forbidden) as error:
            return SenderRefused(why=self._said(error))

    async def send_json(
        self, value: Any, headers: Mapping[str, str] | None = None
    ) -> Response | ReceiverAway | SenderRefused:
        """Send a JSON value."""
        content = {"Content-Type": _JSON, **(headers or {})}
        return await self.send(msgspec.json.encode(value), content)

    def passing(self, answer: Response, now: datetime) -> ReceiverAway | None:
        """Return that the receiver is to be asked later, where the status of its answer says so."""
        if answer.status not in _PASSING:
            return None
        seconds = retry_after(answer.headers.get("retry-after"), now)
        why = f"{self.name} answered {answer.status}{self.told(answer)}"
        return ReceiverAway(why=why, seconds=seconds)

    def told(self, answer: Response) -> str:
        """Return what an answer says, as the end of a sentence."""
        # Hidden before it is cut: half a secret is one, too.
        said = messages.foreign(self.hidden(messages.foreign(answer.body)), most_bytes=300)
        return f": {said}" if said else ""

    def hidden(self, text: str) -> str:
        """Return a text without the address, where that is a secret."""
        return mask(text, self._hidden) if self._hidden else text

    def _said(self, error: errors.TowpathError) -> str:
        return f"{self.name}: {self.hidden(error.message)}"


def _parts(url: str) -> tuple[str, ...]:
    """Return a secret URL, and what of it somebody may repeat by itself."""
    address, _, query = url.partition("?")
    path = address.partition("://")[2].partition("/")[2]
    values = [each.partition("=")[2] for each in query.split("&")]
    found = (url, shown_url(url), path, query, *path.split("/"), *values)
    return tuple(each for each in found if len(each) >= _SHORTEST_PART)


def _never_left(error: errors.Unavailable) -> bool:
    """Whether no connection was made: then nothing can have arrived."""
    import aiohttp

    return isinstance(error.__cause__, aiohttp.ClientConnectorError)
