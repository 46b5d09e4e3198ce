"""The stream of Applications of Argo CD's own API: lines of JSON, or server-sent events where the caller accepts those.

What there is comes first, unless a resource version is given; nothing can be resumed, and there are no bookmarks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from aiohttp import web

from towpath.demo.argocd.front import JSON, Exchange, next_of
from towpath.errors import Expired

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.demo.argocd.keys import Document, Key
    from towpath.demo.argocd.streams import Selection
    from towpath.demo.argocd.surroundings import InstallationParts

_EVENTS: Final = "text/event-stream"
_FOR_EVER: Final = 1e9


@dataclass(frozen=True, slots=True)
class ApplicationStream:
    """What somebody is told."""

    around: InstallationParts
    selection: Selection
    since: str
    may_see: Callable[[Key, Document], bool]
    shown: Callable[[Document], Document]

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer until it breaks off."""
        as_events = _EVENTS in request.headers.get("Accept", "")
        answer = web.StreamResponse()
        answer.content_type = _EVENTS if as_events else JSON
        answer.enable_chunked_encoding()
        broken = self.around.faults.broken
        await answer.prepare(request)
        objects = self.around.objects
        position = objects.revision
        if not self.since or self.selection.name:
            for key, document in objects.items(self.selection.resource, self.selection.namespace):
                if self.selection.covers(key, document) and self.may_see(key, document):
                    await self._send(answer, request, "ADDED", document, as_events=as_events)
        while True:
            await next_of(self.around.clock, _FOR_EVER, objects.beyond(position), broken.wait())
            if broken.is_set() or self.around.faults.is_away:
                if request.transport is not None:
                    request.transport.abort()
                return answer
            try:
                changes = objects.since(position)
            except Expired:
                position = objects.revision  # what was missed is missed: nobody is told
                continue
            for verb, change in self.selection.told(changes):
                if self.may_see(change.key, change.document):
                    await self._send(answer, request, verb, change.document, as_events=as_events)
            position = changes[-1].revision if changes else position

    async def _send(
        self,
        answer: web.StreamResponse,
        request: web.BaseRequest,
        verb: str,
        document: Any,
        *,
        as_events: bool,
    ) -> None:
        event = {"result": {"type": verb, "application": self.shown(document)}}
        line = msgspec.json.encode(event)
        await answer.write(b"data: " + line + b"\n\n" if as_events else line + b"\n")
        self.around.observe(
            Exchange("rest", "STREAM", request.path, request.query_string, None, 200, event)
        )
