"""Every answer is what its header says it is: no browser is to guess otherwise from what others wrote into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAME: Final = b"x-content-type-options"


def unsniffed(served: ASGIApp) -> ASGIApp:
    """Return an application whose answers, streams and errors as well, forbid browsers to guess their type."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [each for each in message["headers"] if each[0].lower() != NAME]
                message["headers"] = [*headers, (NAME, b"nosniff")]
            await send(message)

        await served(scope, receive, told)

    return answer
