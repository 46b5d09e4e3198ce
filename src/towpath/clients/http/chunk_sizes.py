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
        """Read what has come. It is gone through once, and none of it is copied: chunks may be of a byte each."""
        at = self._head(data) if self._is_head else 0
        while at < len(data) and not self._is_over:
            at = self._body(data, at)

    def _head(self, data: bytes) -> int:
        """Read what precedes the first chunk; return where in the data it ends."""
        at = 0
        while self._is_head and not self._is_over:
            before = len(self._kept)
            held, self._kept = self._kept + data[at:], b""
            end = held.find(_HEAD_END)
            if end < 0:
                self._kept = held
                self._is_over = len(held) > _LONGEST_HEAD
                return len(data)
            at += end + len(_HEAD_END) - before
            if not _INFORMATIONAL.match(held):
                self._is_head = False
                self._is_over = not _CHUNKED.search(held, 0, end + 2)
        return at

    def _body(self, data: bytes, at: int) -> int:
        """Read the next chunk, or the line before it, as far as it has come; return where in the data that ends."""
        if self._left:
            taken = min(self._left, len(data) - at)
            self._left -= taken
            return at + taken
        end = data.find(b"\n", at)
        if end < 0:
            self._kept += data[at:]
            self._is_over = len(self._kept) > _LONGEST_LINE
            return len(data)
        line, self._kept = self._kept + data[at:end], b""
        size = _SIZE.match(line)
        length = int(size[1], 16) if size else 0
        self.largest = max(self.largest, length)
        self._left = length + 2
        self._is_over = length == 0
        return end + 1
