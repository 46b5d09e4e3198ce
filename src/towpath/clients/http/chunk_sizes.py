"""How large the chunks of an answer say they are, read along with the HTTP library.

The library does not tell it, and a server that announces a chunk of exabytes and sends a byte now and then would be read
until the time limit. Where this reader does not understand what comes, it says nothing: the library does.
"""

from __future__ import annotations

import re
from typing import Final

_HEAD_END: Final = b"\r\n\r\n"
_LONGEST_HEAD: Final = 64 << 10
_LONGEST_LINE: Final = 8 << 10
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*\bchunked[ \t]*\r\n", re.IGNORECASE)
_INFORMATIONAL: Final = re.compile(rb"HTTP/1\.[01] 1")
_SIZE: Final = re.compile(rb"[ \t]*([0-9a-fA-F]+)[ \t]*(?:;[^\r\n]*)?\r?\Z")


class ChunkSizes:
    """Reads one answer from its first byte; `largest` is the largest chunk that was announced so far."""

    def __init__(self) -> None:
        self.largest = 0
        self._is_head = True
        self._is_over = False
        self._kept = b""
        self._left = 0
        """Bytes of the chunk that are still to come, its line end included."""

    def feed(self, data: bytes) -> None:
        """Read what has come."""
        while data and not self._is_over:
            data = self._head(data) if self._is_head else self._body(data)

    def _head(self, data: bytes) -> bytes:
        data, self._kept = self._kept + data, b""
        end = data.find(_HEAD_END)
        if end < 0:
            self._kept = data
            self._is_over = len(data) > _LONGEST_HEAD
            return b""
        head, rest = data[: end + 2], data[end + len(_HEAD_END) :]
        if not _INFORMATIONAL.match(head):
            self._is_head = False
            self._is_over = not _CHUNKED.search(head)
        return rest

    def _body(self, data: bytes) -> bytes:
        if self._left:
            taken = min(self._left, len(data))
            self._left -= taken
            return data[taken:]
        line, found, rest = (self._kept + data).partition(b"\n")
        if not found:
            self._kept = line
            self._is_over = len(line) > _LONGEST_LINE
            return b""
        self._kept = b""
        size = _SIZE.match(line)
        length = int(size[1], 16) if size else 0
        self.largest = max(self.largest, length)
        self._left = length + 2
        self._is_over = length == 0
        return rest
