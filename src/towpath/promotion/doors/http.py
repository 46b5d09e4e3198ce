"""The door to HTTP: requests leave by the egress client, which asks the guard at each hop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.clients.http.headers import joined
from towpath.clients.http.places import shown_url
from towpath.clients.http.urls import with_parameters
from towpath.errors import AlreadyExists, BadRequest
from towpath.promotion.effects.classes import EffectClass
from towpath.promotion.effects.http import READING, HttpDoor, HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from towpath.clients.http import Egress, Response
    from towpath.promotion.effects.classes import EffectNotes
    from towpath.promotion.work_directory import WorkDirectory

_NOTE: Final = "http-send"
IDEMPOTENCY: Final = "Idempotency-Key"


class EgressDoor(HttpDoor):
    """HTTP for one step of one Promotion."""

    def __init__(
        self,
        egress: Egress,
        *,
        project: str,
        promotion: str,
        step: str,
        directory: WorkDirectory,
        journal: EffectNotes,
    ) -> None:
        self._egress = egress
        self._project = project
        self._key = f"{project}/{promotion}/{step}"
        self._directory = directory
        self._journal = journal

    async def read(self, request: HttpRequest) -> HttpResponse:
        """Send a request of a method that changes nothing."""
        if request.method not in READING:
            raise BadRequest(f"{request.method} changes something: it has to be sent, not read")
        return _response(await self._sent(request, {}))

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request of any other method.

        The journal has its number before it is sent, and that it was answered afterwards. Where the second is missing, the
        process ended in between: it is sent again under the same number and the same key, by which a server may know it.
        """
        if request.method in READING:
            raise BadRequest(f"{request.method} changes nothing: it has to be read, not sent")
        noted = self._journal.noted(_NOTE)
        number, is_answered = (noted["number"], noted["answered"]) if noted else (0, True)
        number += is_answered
        shown = f"{request.method} {shown_url(request.url)}"
        note = {"number": number, "what": shown, "answered": False}
        await self._journal.note(_NOTE, note, effect=EffectClass.AT_LEAST_ONCE)
        answer = await self._sent(request, {IDEMPOTENCY: f"{self._key}/{number}"})
        await self._journal.note(
            _NOTE, {**note, "answered": True}, effect=EffectClass.AT_LEAST_ONCE
        )
        return _response(answer, is_repeated=not is_answered)

    async def download(
        self, request: HttpRequest, path: str, *, is_new: bool = False
    ) -> HttpResponse:
        """Write the body of a successful answer to a file, whole or not at all."""
        if request.method not in READING:
            raise BadRequest(f"{request.method} changes something: it downloads nothing")
        if is_new and await self._directory.stat(path) is not None:
            raise AlreadyExists(
                f"{path} is there already; name another path, or allow that it is overwritten"
            )
        size = 0

        async def save(pieces: AsyncIterator[bytes]) -> None:
            nonlocal size
            size = await self._directory.receive(
                path, pieces, most_bytes=request.most_bytes, mode=0o600, is_new=is_new
            )

        return _response(await self._sent(request, {}, save=save), size=size)

    async def _sent(self, request: HttpRequest, more: dict[str, str], **how: Any) -> Response:
        headers = joined(request.headers)
        given = {name.lower() for name in headers}
        headers |= {name: value for name, value in more.items() if name.lower() not in given}
        return await self._egress.request(
            request.method,
            with_query(request),
            headers=headers,
            body=request.body,
            seconds=request.seconds,
            most_bytes=request.most_bytes,
            insecure=request.insecure,
            proxy=request.proxy,
            account=self._project,
            **how,
        )


def with_query(request: HttpRequest) -> str:
    """Return the URL of a request with its parameters added to what it has."""
    return with_parameters(request.url, list(request.query))


def _response(answer: Response, *, size: int = 0, is_repeated: bool = False) -> HttpResponse:
    headers: dict[str, list[str]] = {}
    for name, value in answer.fields:
        canonical = "-".join(part.capitalize() for part in name.split("-"))
        headers.setdefault(canonical, []).append(value)
    return HttpResponse(
        status=answer.status,
        headers=headers,
        body=answer.body,
        size=size,
        is_repeated=is_repeated,
    )
