"""Views of the web UI that people saved under names of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A place of the web UI, and what of it is shown: what its address says, without the server's part."""

    name: str
    """One's own: others may have saved another view under the same."""
    screen: str
    project: str
    """Of which Project; empty where the screen is of none."""
    search: Mapping[str, str]
    """Filters and the like, as the address has them: the store does not know what they mean."""
    saved: datetime
    """UTC, to the millisecond."""


class ViewStore(Protocol):
    """A table of its own in the store: nothing of it is an object, has a revision, or reaches a watch."""

    async def of(self, owner: str) -> Sequence[SavedView]:
        """Return the views of an actor, by name. Raises Unavailable."""
        ...

    async def put(self, owner: str, view: SavedView, *, most: int) -> bool:
        """Keep a view in the place of the actor's former one of that name; it is on the disk when this returns.

        Return whether it was kept: not where the actor has `most` others. Raises Unavailable.
        """
        ...

    async def remove(self, owner: str, name: str) -> bool:
        """Keep a view no more; return whether there was one of that name. Raises Unavailable."""
        ...
