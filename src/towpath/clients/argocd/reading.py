"""Lists and streams of Applications as events, whichever API they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.clients.argocd import lines
from towpath.clients.argocd.contract import ApplicationEvent, EventKind
from towpath.clients.argocd.list_items import ListItems, Unreadable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Mapping

    from towpath.clients.argocd.requests import ServerRequests

_SECONDS: Final = 120.0
_QUIET_SECONDS: Final = 30.0
_MOST_GATHERED: Final = 64 << 20
_EVENT_BYTES: Final = 300
"""That an Application takes besides its text."""


class ListPage:
    """One answer to a request for a list."""

    def __init__(self, requests: ServerRequests, where: str, what: str) -> None:
        self._requests = requests
        self._where = where
        self._what = what
        self.version = ""
        """Of the list, once all of it was read."""
        self.going_on = ""
        """What asks for the next page; empty after the last one."""

    async def events(self, query: Mapping[str, Any]) -> AsyncGenerator[ApplicationEvent]:
        """Yield its Applications, each as a change."""
        items = ListItems()
        pieces = self._requests.stream(
            self._where, self._what, query=query, seconds=_SECONDS, quiet_seconds=_QUIET_SECONDS
        )
        try:
            async for piece in pieces:
                for document in items.feed(piece) if piece else ():
                    yield _listed(document)
            for document in items.feed(b""):
                yield _listed(document)
            metadata = items.end().get("metadata")
        except Unreadable as error:
            raise errors.Unavailable(
                self._requests.about(f"{self._what}: {error}; check the address")
            ) from error
        finally:
            await pieces.aclose()
        if isinstance(metadata, dict):
            self.version = str(metadata.get("resourceVersion") or "")
            self.going_on = str(metadata.get("continue") or "")


async def gathered(events: AsyncIterable[ApplicationEvent], about: str) -> list[Mapping[str, Any]]:
    """Return the Applications of a list, ordered by name. Raises TooLarge for more than 64 MiB of them."""
    found, size = [], 0
    async for event in events:
        if event.kind is not EventKind.CHANGED:
            continue
        found.append(event)
        size += len(event.document) + _EVENT_BYTES
        if size > _MOST_GATHERED:
            raise errors.TooLarge(
                f"{about}: they are larger than {_MOST_GATHERED:,} bytes together; name fewer by a narrower selector"
            )
    return [event.application() for event in sorted(found, key=lambda each: each.name)]


def _listed(document: bytes) -> ApplicationEvent:
    namespace, name, _ = lines.named(document)
    return ApplicationEvent(EventKind.CHANGED, namespace, name, "", document)


async def lines_of(
    requests: ServerRequests,
    where: str,
    what: str,
    *,
    query: Mapping[str, Any],
    seconds: float,
    quiet_seconds: float,
) -> AsyncGenerator[bytes]:
    """Yield the lines of an answer that goes on; first an empty one, when the answer begins."""
    split = lines.Lines()
    pieces = requests.stream(where, what, query=query, seconds=seconds, quiet_seconds=quiet_seconds)
    try:
        async for piece in pieces:
            if not piece:
                yield b""
            for line in split.feed(piece):
                yield line
    except Unreadable as error:
        raise errors.Unavailable(requests.about(f"{what}: {error}")) from error
    finally:
        await pieces.aclose()
