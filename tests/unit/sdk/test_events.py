"""Server-Sent Events, line by line."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath import errors
from towpath.sdk.events import EventLines, ReceivedEvent


def read(text: bytes) -> list[ReceivedEvent]:
    """Return the events of a stream."""
    events = EventLines()
    return [event for line in text.splitlines(keepends=True) if (event := events.take(line))]


def test_frames_comments_and_a_stream_that_ends_within_one() -> None:
    """Only what was sent whole counts."""
    stream = (
        b': keepalive\n\ndata: {"type":"ADDED","object":{"a":1}}\n\n'
        b'id: 1\r\ndata:{"type":"DELETED",\r\ndata: "object":{}}\r\n\r\n'
        b'data: {"type":"ADDED","object":{}}\n'
    )
    assert read(stream) == [ReceivedEvent("ADDED", {"a": 1}), ReceivedEvent("DELETED", {})]
    assert EventLines().take(b"\ndata: {}"[:5]) is None


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"code": "out_of_range", "message": "m"}, errors.Expired),
        ({"code": "internal", "message": "m"}, errors.Unavailable),
        ("m", errors.Unavailable),
    ],
)
def test_an_error_ends_the_stream(data: object, kind: type[errors.TowpathError]) -> None:
    """A position that is too old is told apart: list again."""
    with pytest.raises(kind):
        read(b"event: error\ndata: " + json.dumps(data).encode() + b"\n\n")


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b'{"type":"ADDED"}', b'{"object":1}', b"[" * 100_000]
)
def test_what_is_no_event(data: bytes) -> None:
    """It is no crash either."""
    with pytest.raises(errors.Unavailable):
        read(b"data: " + data + b"\n\n")


def test_a_line_without_end() -> None:
    """It is bounded."""
    with pytest.raises(errors.TooLarge):
        EventLines().take(b"x" * (EventLines.LONGEST + 1))


@given(st.binary(max_size=200))
def test_any_bytes(text: bytes) -> None:
    """They are events or one of our errors."""
    with contextlib.suppress(errors.TowpathError):
        read(text)
