"""Answers that are written out here, because no application has seen the request."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

from towpath.server import unread

BUSY_STATUS: Final = 503
BUSY: Final = "the server has as many connections as it can serve: try again in a second"


def written(status: int, message: str, path: str = "") -> bytes:
    """Return an answer after which the connection ends. `path`: as far as it is known, it tells whose shape errors have."""
    answer = unread.answer(status, message, path)
    answer.headers["Connection"] = "close"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if status == BUSY_STATUS:
        answer.headers["Retry-After"] = "1"
    head = b"".join(b"%b: %b\r\n" % header for header in answer.raw_headers)
    phrase = HTTPStatus(status).phrase.encode()
    return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (status, phrase, head, bytes(answer.body))


def path(begun: bytes) -> str:
    """Return the path of a request of which this has come."""
    line = begun.partition(b"\r\n")[0]
    target = [*line.split(b" "), b""][1]
    return unquote(target.partition(b"?")[0].decode("ascii", "replace"))
