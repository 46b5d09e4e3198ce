"""When each key was worked on last, and what that came to: kept for as many keys as there is room for."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from towpath.resources.kinds import Ref

MOST: Final = 100_000


@dataclass(frozen=True, slots=True)
class Pass:
    """The end of one pass."""

    outcome: str
    """`done`, `failed` or `terminal`."""
    ended: float
    """On the monotonic clock."""
    ended_at: datetime
    """On the wall."""
    seconds: float
    """How long it took."""


class Passes:
    """The last pass of each key. Of more than `most` keys, those that were not worked on for longest are forgotten."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._by_key: OrderedDict[Ref, Pass] = OrderedDict()
        self._gone: set[Ref] = set()
        """Keys whose object is gone: one more pass sees to that, then nobody asks any more."""
        self.newest: Pass | None = None

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._by_key)

    def keys(self) -> Iterable[Ref]:
        """Return the keys that are remembered."""
        return tuple(self._by_key)

    def find(self, key: Ref) -> Pass | None:
        """Return the last pass of a key."""
        return self._by_key.get(key)

    def note(self, key: Ref, ended: Pass) -> None:
        """Remember how a pass ended."""
        self.newest = ended
        if key in self._gone:
            self._gone.discard(key)
            self._by_key.pop(key, None)
            return
        self._by_key[key] = ended
        self._by_key.move_to_end(key)
        while len(self._by_key) > self._most:
            self._by_key.popitem(last=False)

    def seen(self, key: Ref, *, there: bool) -> None:
        """Take note of whether the object of a key is there."""
        if there:
            self._gone.discard(key)
        elif key in self._by_key:
            self._gone.add(key)
