"""Watches of the Kubernetes API: from a resource version on, with bookmarks, until they are over or break off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from aiohttp import web

from towpath.demo.argocd.front import JSON, Exchange, next_of
from towpath.demo.argocd.surroundings import API_VERSION
from towpath.errors import BadRequest, Expired
from towpath.server.kube import status

if TYPE_CHECKING:
    from towpath.demo.argocd.keys import Document
    from towpath.demo.argocd.streams import Selection
    from towpath.demo.argocd.surroundings import InstallationParts

BEGIN: Final = "BEGIN"
"""What whoever looks on is told when a watch is opened; the one who watches is not."""


@dataclass(frozen=True, slots=True)
class KubernetesWatch:
    """What somebody watches, and from where on."""

    around: InstallationParts
    selection: Selection
    kind: str
    since: str
    """A resource version; empty or `0`: what there is comes first."""
    bookmarks: bool
    seconds: float

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer until it is over. Raises BadRequest for a resource version that is none."""
        if self.since and not self.since.isdecimal():
            raise BadRequest(f'invalid resource version "{self.since}": not a number')
        answer = web.StreamResponse()
        answer.content_type = JSON
        answer.enable_chunked_encoding()
        broken = self.around.faults.broken
        await answer.prepare(request)
        self._observe(request, {"type": BEGIN, "object": {}})
        try:
            position = await self._begin(answer, request)
        except Expired as error:
            await self._send(answer, request, "ERROR", status.failure(error))
            return answer
        clock = self.around.clock
        end = clock.monotonic() + self.seconds
        next_bookmark = clock.monotonic() + self.around.settings.bookmark_seconds
        while (left := end - clock.monotonic()) > 0:
            pause = min(left, max(0.0, next_bookmark - clock.monotonic()))
            objects = self.around.objects
            await next_of(clock, pause, objects.beyond(position), broken.wait())
            if broken.is_set() or self.around.faults.is_away:
                if request.transport is not None:
                    request.transport.abort()
                return answer
            position = await self._tell(answer, request, position)
            if self.bookmarks and clock.monotonic() >= next_bookmark:
                next_bookmark = clock.monotonic() + self.around.settings.bookmark_seconds
                await self._send(answer, request, "BOOKMARK", self._bookmark(position))
        await answer.write_eof()
        return answer

    async def _begin(self, answer: web.StreamResponse, request: web.BaseRequest) -> int:
        """Tell what there is, if that was asked for; return the position from which on changes are told."""
        objects = self.around.objects
        if self.since in ("", "0"):
            position = objects.revision
            for key, document in objects.items(self.selection.resource, self.selection.namespace):
                if self.selection.covers(key, document):
                    await self._send(answer, request, "ADDED", document)
            return position
        position = int(self.since)
        objects.since(position)
        return position

    async def _tell(
        self, answer: web.StreamResponse, request: web.BaseRequest, position: int
    ) -> int:
        objects = self.around.objects
        try:
            changes = objects.since(position)
        except Expired as error:
            await self._send(answer, request, "ERROR", status.failure(error))
            raise ConnectionResetError("the watch is too far behind") from error
        for verb, change in self.selection.told(changes):
            await self._send(answer, request, verb, change.document)
        return changes[-1].revision if changes else position

    def _bookmark(self, position: int) -> Document:
        return {
            "apiVersion": API_VERSION,
            "kind": self.kind,
            "metadata": {"resourceVersion": str(position), "creationTimestamp": None},
        }

    async def _send(
        self, answer: web.StreamResponse, request: web.BaseRequest, verb: str, document: Any
    ) -> None:
        event = {"type": verb, "object": document}
        await answer.write(msgspec.json.encode(event) + b"\n")
        self._observe(request, event)

    def _observe(self, request: web.BaseRequest, event: Document) -> None:
        self.around.observe(
            Exchange("kubernetes", "WATCH", request.path, request.query_string, None, 200, event)
        )
