"""Server-Sent Events as the API sends them, line by line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from towpath import errors

_OUT_OF_RANGE: Final = "out_of_range"


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """One change of one object."""

    type: str
    """ADDED, MODIFIED or DELETED."""
    object: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ScreenEvent:
    """One event of the stream that screens are kept up to date by."""

    name: str
    """`patch`, `reset` or `beat`."""
    data: dict[str, Any]
    id: str = ""
    """Where to resume, at the last event of a change; empty before."""


@dataclass(frozen=True, slots=True)
class _Frame:
    name: str
    data: str
    id: str


class _Frames:
    """Puts lines together to events. Comments, which keep a stream alive, are none."""

    LONGEST: ClassVar[int] = 4 << 20
    """Bytes of one line that are read."""

    def __init__(self) -> None:
        self._name = ""
        self._id = ""
        self._data: list[str] = []

    def frame(self, line: bytes) -> _Frame | None:
        """Take the next line, its end included; return the event that it completes.

        Raises TooLarge for a line without end, Expired and Unavailable where the server says so (`event: error`).
        """
        if len(line) > self.LONGEST:
            raise errors.TooLarge(f"the stream has a line of more than {self.LONGEST:,} bytes")
        if not line.endswith(b"\n"):
            return None  # the stream ended within a line, which then never was sent whole
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text:
            name, _, value = text.partition(":")
            value = value.removeprefix(" ")
            match name:
                case "event":
                    self._name = value
                case "data":
                    self._data.append(value)
                case "id":
                    self._id = value
                case _:
                    pass
            return None
        frame = _Frame(self._name, "\n".join(self._data), self._id)
        had_data = bool(self._data)
        self._name, self._id, self._data = "", "", []
        if not had_data:
            return None
        if frame.name == "error":
            raise _failure(_json(frame.data))
        return frame


class EventLines(_Frames):
    """Puts the lines of a watch together to changes of objects."""

    def take(self, line: bytes) -> ReceivedEvent | None:
        """Take the next line; return the change that it completes. Raises as `frame`, and Unavailable for what is no event."""
        frame = self.frame(line)
        if frame is None or not frame.data:
            return None
        found = _json(frame.data)
        if not isinstance(found, dict) or not isinstance(found.get("object"), dict):
            raise errors.Unavailable("the stream sent an event without an object")
        return ReceivedEvent(str(found.get("type", "")), found["object"])


class TextLines(_Frames):
    """Puts the lines of a stream together whose events are texts."""

    def take(self, line: bytes) -> str | None:
        """Take the next line; return the text that it completes. Raises as `frame`."""
        frame = self.frame(line)
        return None if frame is None else frame.data


class ScreenLines(_Frames):
    """Puts the lines of the stream of screens together."""

    def take(self, line: bytes) -> ScreenEvent | None:
        """Take the next line; return the event that it completes. Raises as `frame`, and Unavailable for what is no event."""
        frame = self.frame(line)
        if frame is None:
            return None
        found = _json(frame.data)
        if not isinstance(found, dict):
            raise errors.Unavailable("the stream sent an event that is no object")
        return ScreenEvent(frame.name, found, frame.id)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise errors.Unavailable("the stream sent an event that is not JSON") from error


def _failure(found: Any) -> errors.TowpathError:
    told = found if isinstance(found, dict) else {}
    message = str(told.get("message") or "the server ended the stream with an error")
    return (errors.Expired if told.get("code") == _OUT_OF_RANGE else errors.Unavailable)(message)
