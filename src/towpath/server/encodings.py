"""What many streams are sent of the same event is written once: the bytes are kept for as long as others may want them."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

_MOST_BYTES: Final = 4 << 20


class Encodings:
    """Keeps the encodings that were used last, up to so many bytes."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._known: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0
        self.made = 0
        """How many encodings were made because they were not kept."""

    @property
    def held_bytes(self) -> int:
        """Bytes that are kept."""
        return self._bytes

    def of(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return the encoding with a key, made if it is not known. The key says all that it depends on."""
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
            return found
        self.made += 1
        found = self._known[key] = make()
        self._bytes += len(found)
        while self._bytes > self._most:
            _, dropped = self._known.popitem(last=False)
            self._bytes -= len(dropped)
        return found
