"""Server-Sent Events as the API sends them, line by line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OUT_OF_RANGE: Final = "out_of_range"


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """One change of one object."""

    type: str
    """ADDED, MODIFIED or DELETED."""
    object: dict[str, Any]


class EventLines:
    """Puts lines together to events. Comments, which keep a stream alive, are none."""

    LONGEST: ClassVar[int] = 4 << 20
    """Bytes of one line that are read."""

    def __init__(self) -> None:
        self._name = ""
        self._data: list[str] = []

    def take(self, line: bytes) -> ReceivedEvent | None:
        """Take the next line, its end included; return the event that it completes.

        Raises TooLarge for a line without end, Unavailable for what is no event, Expired and Unavailable
        where the server says so (`event: error`).
        """
        if len(line) > self.LONGEST:
            raise errors.TooLarge(f"the stream has a line of more than {self.LONGEST:,} bytes")
        if not line.endswith(b"\n"):
            return None  # the stream ended within a line, which then never was sent whole
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text:
            name, _, value = text.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                self._name = value
            elif name == "data":
                self._data.append(value)
            return None
        name, data = self._name, "\n".join(self._data)
        self._name, self._data = "", []
        return _event(name, data) if data else None


def texts(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield the texts of a stream whose events are texts. Raises as `EventLines.take` does where the server says that it failed."""
    name, data = "", []
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        kind, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if kind == "event":
            name = value
        elif kind == "data":
            data.append(value)
        elif not text and data:
            if name == "error":
                _event(name, "\n".join(data))
            yield "\n".join(data)
            name, data = "", []


def _event(name: str, data: str) -> ReceivedEvent | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise errors.Unavailable("the stream sent an event that is not JSON") from error
    if name == "error":
        raise _failure(found)
    if not isinstance(found, dict) or not isinstance(found.get("object"), dict):
        raise errors.Unavailable("the stream sent an event without an object")
    return ReceivedEvent(str(found.get("type", "")), found["object"])


def _failure(found: Any) -> errors.TowpathError:
    told = found if isinstance(found, dict) else {}
    message = str(told.get("message") or "the server ended the stream with an error")
    return (errors.Expired if told.get("code") == _OUT_OF_RANGE else errors.Unavailable)(message)
