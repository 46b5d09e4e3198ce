"""The contract of those whom what happened is handed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.happening import Happening


class Taker(Protocol):
    """Whoever does something when something happened, such as all hooks together.

    Each has its own place in the order of what happened, which outlives the process.
    """

    @property
    def name(self) -> str:
        """What its place is kept under: lower case, stays the same for ever."""
        ...

    async def take(self, happened: Sequence[Happening]) -> None:
        """Take what happened, in the order of `revision`; return once whatever follows from it is on the disk.

        The same is given again when this raised, and after a crash: what it makes needs names that follow from
        `Happening.name`, so that it is made once. Who came later than `Happening.revision` is to see nothing of it.
        An Unavailable or Timeout has the same given again until it is taken; what keeps raising anything else is
        given alone, a few times, and then passed over, logged and counted.
        """
        ...
