"""The tokens that somebody who has signed in makes for scripts of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.sdk.transport import segment

if TYPE_CHECKING:
    from towpath.resources.document import Document
    from towpath.sdk.transport import Transport

_PATH: Final = "/towpath/v1/me/tokens"


class TokensOfMine:
    """The caller's own tokens. Every method raises as those of `Client` do."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def all(self) -> list[Document]:
        """Return them: `{name, created, expires, used}`, never the token."""
        answer = self._transport.json("GET", _PATH)
        items = answer.get("items") if isinstance(answer, dict) else None
        if not isinstance(items, list):
            raise errors.Unavailable("the server answered with what is no list of tokens")
        return [each for each in items if isinstance(each, dict)]

    def create(self, name: str, ttl: str = "") -> Document:
        """Make one that holds for `ttl`, such as `720h`; the answer, this once only, has it as `token`."""
        body = {"name": name, **({"ttl": ttl} if ttl else {})}
        answer = self._transport.json("POST", _PATH, body=body)
        if not isinstance(answer, dict) or not isinstance(answer.get("token"), str):
            raise errors.Unavailable(
                "the server made a token and did not send it; delete it, and make another"
            )
        return answer

    def delete(self, name: str) -> None:
        """Delete one: it is good no more, at once."""
        self._transport.json("DELETE", f"{_PATH}/{segment(name)}")
