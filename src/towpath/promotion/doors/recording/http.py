"""The door to HTTP that sends nothing, unless whoever plans allows that what changes nothing is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.clients.http.places import shown_url
from towpath.errors import BadRequest
from towpath.promotion.effects.http import READING, HttpDoor, HttpRequest, HttpResponse
from towpath.promotion.effects.unanswered import Unanswered

if TYPE_CHECKING:
    from towpath.promotion.doors.recording.recorder import Recorder


class RecordedHttp(HttpDoor):
    """HTTP for one step of a plan."""

    def __init__(self, recorder: Recorder, step: str, reading: HttpDoor | None) -> None:
        """`reading`: the door that reads, where that is allowed."""
        self._recorder = recorder
        self._step = step
        self._reading = reading

    async def read(self, request: HttpRequest) -> HttpResponse:
        """Read, where that is allowed; else record it."""
        if request.method not in READING:
            raise BadRequest(f"{request.method} changes something: it has to be sent, not read")
        self._note("read", request)
        if self._reading is None:
            raise Unanswered(f"{request.method} is not sent while it is planned")
        return await self._reading.read(request)

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Record it."""
        if request.method in READING:
            raise BadRequest(f"{request.method} changes nothing: it has to be read, not sent")
        self._note("send", request)
        raise Unanswered(f"{request.method} is not sent while it is planned")

    async def download(
        self, request: HttpRequest, path: str, *, is_new: bool = False
    ) -> HttpResponse:
        """Read, where that is allowed, into the folder that is thrown away; else record it."""
        if request.method not in READING:
            raise BadRequest(f"{request.method} changes something: it downloads nothing")
        self._note("download", request)
        if self._reading is None:
            raise Unanswered("nothing is downloaded while it is planned")
        return await self._reading.download(request, path, is_new=is_new)

    def _note(self, operation: str, request: HttpRequest) -> None:
        what = f"{request.method} {shown_url(request.url)}"
        self._recorder.call(self._step, "http", operation, what)
