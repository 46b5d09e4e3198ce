"""The tokens that somebody who has signed in makes for scripts of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.sdk import answers
from towpath.sdk.call import ApiCall, Listing, described, listed
from towpath.sdk.paths import OWN, segment
from towpath.sdk.through import AwaitedThrough, Through

if TYPE_CHECKING:
    from towpath.resources.document import Document

_PATH: Final = f"{OWN}/me/tokens"


class _Tokens:
    @listed
    def all(self) -> Listing:
        """Return them: `{name, created, expires, used}`, never the token."""
        return Listing(path=_PATH)

    @described
    def create(self, name: str, ttl: str = "") -> ApiCall[Document]:
        """Make one that holds for `ttl`, such as `720h`; the answer, this once only, has it as `token`."""
        body = {"name": name, **({"ttl": ttl} if ttl else {})}
        return ApiCall(method="POST", path=_PATH, body=body, read=_made)

    @described
    def delete(self, name: str) -> ApiCall[None]:
        """Delete one: it is good no more, at once."""
        return ApiCall(method="DELETE", path=f"{_PATH}/{segment(name)}", read=answers.nothing)


class TokensOfMine(_Tokens, Through):
    """The caller's own tokens. Every method raises as those of `Client` do."""


class AwaitedTokensOfMine(_Tokens, AwaitedThrough):
    """The same, awaited."""


def _made(answer: Any) -> Document:
    if not isinstance(answer, dict) or not isinstance(answer.get("token"), str):
        raise errors.Unavailable(
            "the server made a token and did not send it; delete it, and make another"
        )
    return answer
