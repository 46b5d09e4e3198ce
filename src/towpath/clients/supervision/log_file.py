"""A file of what a program printed: without secret values, plain, and bounded."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Self

from towpath import messages
from towpath.masking import Masker

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

_LAST_BYTES: Final = 64 << 10
"""Of the end that is kept of what is too long: the cause stands there."""
_LONGEST_LINE: Final = 16 << 10
"""A longer one is written in pieces."""


class LogFile:
    """Takes output as it comes, and writes it a line at a time."""

    def __init__(self, path: Path, most_bytes: int, secret_values: Sequence[str]) -> None:
        """Open the file to be appended to. Raises OSError."""
        self._file = path.open("ab", buffering=0)
        self._left = most_bytes
        self._masker = Masker(secret_values)
        self._rest = b""
        self._last: deque[bytes] = deque()
        self._kept = 0
        self._dropped = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, piece: bytes) -> None:
        """Take some output."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if lines:
            self._lines(b"\n".join(lines) + b"\n")
        while len(self._rest) > _LONGEST_LINE:
            self._lines(self._rest[:_LONGEST_LINE] + b"\n")
            self._rest = self._rest[_LONGEST_LINE:]

    def close(self) -> None:
        """Write what is left: a line without its end, and the last of what was too much."""
        if self._rest:
            self._lines(self._rest + b"\n")
            self._rest = b""
        if self._last:
            if self._dropped:
                self._file.write(f"[… {self._dropped:,} bytes are left out …]\n".encode())
            self._file.write(b"".join(self._last))
            self._last.clear()
        self._file.close()

    def _lines(self, given: bytes) -> None:
        text = given.decode("utf-8", "replace").replace("\r\n", "\n")
        shown = messages.plain(self._masker.mask(text)).encode("utf-8", "replace")
        if not self._last:
            fits = len(shown) if len(shown) <= self._left else shown.rfind(b"\n", 0, self._left) + 1
            self._file.write(shown[:fits])
            self._left -= fits
            shown = shown[fits:]
            if not shown:
                return
        self._last.append(shown)
        self._kept += len(shown)
        while self._kept > _LAST_BYTES and len(self._last) > 1:
            gone = self._last.popleft()
            self._kept -= len(gone)
            self._dropped += len(gone)
