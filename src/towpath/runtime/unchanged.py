"""How long to wait before another look at what nobody tells of: longer while nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.runtime.queue import BackOff

if TYPE_CHECKING:
    from towpath.resources.kinds import Ref

_BACK_OFF: Final = BackOff(first_seconds=1.0, longest_seconds=30.0)


class Unchanged:
    """What each key was found waiting for, and how often in a row."""

    def __init__(self, back_off: BackOff = _BACK_OFF) -> None:
        self._back_off = back_off
        self._found: dict[Ref, tuple[str, int]] = {}

    def seconds(self, key: Ref, state: str) -> float:
        """Return how long to wait; `state` is what was found now."""
        before, looks = self._found.get(key, ("", 0))
        looks = looks + 1 if before == state else 1
        self._found[key] = (state, looks)
        return self._back_off.seconds(looks)

    def forget(self, key: Ref) -> None:
        """It waits no longer."""
        self._found.pop(key, None)
