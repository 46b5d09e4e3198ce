"""How much disk the files of one Promotion may take.

What is written is added up, what is deleted is not: only when the sum passes the bound is it looked what is there. So
room costs nothing as long as there is plenty, and the refusal is exact.

Many Promotions together may be allowed more than the disk has. So none that has written much writes on where the disk is all
but full (`disk/reserve`).
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from towpath.disk import entries, reserve
from towpath.errors import TooLarge, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

BYTES: Final = 4 << 30


class DiskRoom:
    """The room below one folder."""

    def __init__(self, folder: Path, limit: int = BYTES, *, is_empty: bool = False) -> None:
        """`is_empty`: nothing is in it yet, so that nobody needs to look."""
        self._folder = folder
        self.limit = limit
        self._used: int | None = 0 if is_empty else None
        """At least what is there; None: nobody knows yet."""
        self._lock = threading.Lock()

    def take(self, size: int, what: str) -> None:
        """Take room for `size` more bytes, which are written next. It may walk the folder.

        Raises TooLarge naming `what`, and Unavailable where the disk is all but full.
        """
        with self._lock:
            if self._used is None or self._used + size > self.limit:
                self._used = entries.disk_below(str(self._folder))
            if self._used + size > self.limit:
                raise self._refusal(f"{what} takes {size:,} more, beside {self._used:,}")
            self._refuse_full(self._used, size, what)
            self._used += size

    def took(self, size: int, what: str) -> None:
        """Note `size` bytes that were written already. Raises as `take` does; it may walk the folder."""
        with self._lock:
            if self._used is not None:
                self._used += size
                if self._used <= self.limit:
                    self._refuse_full(self._used, 0, what)
                    return
        self.check(what)

    def check(self, what: str, *beside: Path) -> None:
        """Look what is there, and in folders beside it. Raises as `take` does; it walks them."""
        with self._lock:
            self._used = entries.disk_below(str(self._folder))
            used = self._used + sum(entries.disk_below(str(each)) for each in beside)
            if used > self.limit:
                raise self._refusal(f"with what {what} wrote they take {used:,}")
            self._refuse_full(used, 0, what)

    def _refuse_full(self, used: int, size: int, what: str) -> None:
        if used + size < reserve.LARGE:
            return
        least = reserve.lacking(self._folder, size)
        if least:
            raise Unavailable(
                f"{what}: the files of this Promotion take {used:,} bytes, and less than {least:,} bytes of the disk would stay "
                "free; have the operator make room on the disk, or lower promotions.disk"
            )

    def _refusal(self, what: str) -> TooLarge:
        return TooLarge(
            f"the files of this Promotion may take {self.limit:,} bytes of disk, and {what}; have its steps write less, or "
            "have the operator raise promotions.disk"
        )
