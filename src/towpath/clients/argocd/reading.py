"""Lists and streams of Applications as events, whichever API they come from."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import msgspec

from towpath import errors
from towpath.clients.argocd import decoding, lines
from towpath.clients.argocd.contract import ApplicationEvent, EventKind
from towpath.clients.argocd.list_items import ListItems, UnreadableAnswerError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Mapping

    from towpath.clients.argocd.requests import ServerRequests

_SECONDS: Final = 120.0
_QUIET_SECONDS: Final = 30.0
_MOST_GATHERED: Final = 64 << 20
_MOST_MARKS: Final = 4_000_000
"""Brackets and commas of all that is gathered; see `decoding`."""
_TURN_BYTES: Final = 128 << 10
"""Of objects or lines after which others have a turn: what has come already is awaited without one."""
_EACH: Final = 1 << 10
"""Bytes that an object or line counts as besides its own."""
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
        items, left = ListItems(), _TURN_BYTES
        pieces = self._requests.stream(
            self._where, self._what, query=query, seconds=_SECONDS, quiet_seconds=_QUIET_SECONDS
        )
        try:
            async for piece in pieces:
                for document in items.feed(piece) if piece else ():
                    left -= _EACH + len(document)
                    if not document or left < 0:
                        left = _TURN_BYTES
                        await asyncio.sleep(0)
                    if document:
                        yield _listed(document)
            for document in items.feed(b""):
                if document:
                    yield _listed(document)
                else:
                    await asyncio.sleep(0)
            metadata = items.end().get("metadata")
        except UnreadableAnswerError as error:
            raise errors.Unavailable(
                self._requests.about(f"{self._what}: {error}; check the address")
            ) from error
        finally:
            await pieces.aclose()
        if isinstance(metadata, dict):
            self.version = str(metadata.get("resourceVersion") or "")
            self.going_on = str(metadata.get("continue") or "")


async def gathered(events: AsyncIterable[ApplicationEvent], about: str) -> list[Mapping[str, Any]]:
    """Return the Applications of a list, ordered by name. Raises TooLarge for more than 64 MiB of them.

    One that cannot be read is empty.
    """
    found, size, marks = [], 0, 0
    async for event in events:
        if event.kind is not EventKind.CHANGED:
            continue
        found.append(event)
        size += len(event.document) + _EVENT_BYTES
        marks += decoding.marks(event.document)
        if size > _MOST_GATHERED or marks > _MOST_MARKS:
            most = (
                f"are larger than {_MOST_GATHERED:,} bytes"
                if size > _MOST_GATHERED
                else f"hold more than {_MOST_MARKS:,} values"
            )
            raise errors.TooLarge(
                f"{about}: they {most} together; name fewer by a narrower selector"
            )
    applications = []
    for event in sorted(found, key=lambda each: each.name):
        applications.append(_application(event.document, f"{about}: {event.name}"))
        await asyncio.sleep(0)
    return applications


def _application(document: bytes, about: str) -> Mapping[str, Any]:
    try:
        found = decoding.decoded(document)
    except (msgspec.DecodeError, RecursionError):
        return {}
    except UnreadableAnswerError as error:
        raise errors.TooLarge(f"{about}: {error}; no Application is like that") from error
    return found if isinstance(found, dict) else {}


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
    split, left = lines.Lines(), _TURN_BYTES
    pieces = requests.stream(where, what, query=query, seconds=seconds, quiet_seconds=quiet_seconds)
    try:
        async for piece in pieces:
            if not piece:
                yield b""
            for line in split.feed(piece):
                left -= _EACH + len(line)
                if left < 0:
                    left = _TURN_BYTES
                    await asyncio.sleep(0)
                yield line
    except UnreadableAnswerError as error:
        raise errors.Unavailable(requests.about(f"{what}: {error}")) from error
    finally:
        await pieces.aclose()
